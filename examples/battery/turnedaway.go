// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// outsiders are three companies that no company of the chain knows. They are
// fictional, and so are their numbers.
type outsiders struct {
	expired, revoked, mistyped *dataspace.Member
}

// The three, as a public register has them.
var (
	expiredFirm  = dataspace.Profile{Slug: "expired", Title: "朧月鋳造 (fictional)", Number: "4999920000001", MadeUp: true, Folder: "_expired"}
	revokedFirm  = dataspace.Profile{Slug: "revoked", Title: "虚空樹脂 (fictional)", Number: "3999920000002", MadeUp: true, Folder: "_revoked"}
	mistypedFirm = dataspace.Profile{Slug: "mistyped", Title: "逆鏡電装 (fictional)", Number: "2999920000003", MadeUp: true, Folder: "_mistyped"}
)

// ago is how long before the story the first of them became a member: more than
// a year, which is how long its credentials are good for.
const ago = 395 * 24 * time.Hour

// longAgo has the first company become a member, on a clock that it shares with
// the registrar. Then it is today.
func (o *outsiders) longAgo(ctx context.Context, home string, r *dataspace.Registrar) error {
	r.Clock().Set(-ago)
	defer r.Clock().Set(0)
	var err error
	if o.expired, err = enter(ctx, home, expiredFirm, r.Identity(), connector.WithClock(r.Clock().Now)); err != nil {
		return err
	}
	return r.Admit(ctx, o.expired)
}

// enter starts an outsider's connector.
func enter(ctx context.Context, home string, p dataspace.Profile, identity dcp.Settings, opts ...connector.Option) (*dataspace.Member, error) {
	p.Identity, p.Options = identity, opts
	return dataspace.Join(ctx, home, p)
}

// now starts the other two. The third gets the check digit of its own number
// wrong.
func (o *outsiders) now(ctx context.Context, home string, r *dataspace.Registrar) error {
	var err error
	if o.revoked, err = enter(ctx, home, revokedFirm, r.Identity()); err != nil {
		return err
	}
	wrong := mistypedFirm
	wrong.Number = "7" + wrong.Number[1:]
	o.mistyped, err = enter(ctx, home, wrong, r.Identity())
	return err
}

func (o *outsiders) all() []*dataspace.Member {
	var list []*dataspace.Member
	for _, m := range []*dataspace.Member{o.expired, o.revoked, o.mistyped} {
		if m != nil {
			list = append(list, m)
		}
	}
	return list
}

// turnAway shows the three asking the maker of the final product for its
// catalogue, and what each side learns of the refusal.
func (s *scene) turnAway(ctx context.Context) error {
	if s.outsiders == nil {
		return nil
	}
	for _, m := range s.outsiders.all() {
		if err := m.Meet(ctx, s.final().Member); err != nil {
			return err
		}
	}
	s.say("\nThree companies ask %s for its catalogue and are turned away:\n", s.final().ID)
	return errors.Join(s.showExpired(ctx), s.showRevoked(ctx), s.showMistyped(ctx))
}

// showExpired: credentials end by themselves. The wallet knows, and shows none
// that has ended.
func (s *scene) showExpired(ctx context.Context) error {
	m := s.outsiders.expired
	s.enters(m)
	// It wants to be a member for another year. Nobody has decided that.
	request, err := m.Apply(ctx, s.registrar.DID)
	if err != nil {
		return err
	}
	held, err := m.Ended(ctx)
	if err != nil {
		return err
	}
	for _, name := range dataspace.Required {
		c := held[name]
		s.say("    its wallet has %s, %s to %s: %s\n", name, dataspace.Day(c.ValidFrom), dataspace.Day(c.ValidUntil), c.State)
	}
	s.say("    it has applied for another year, and nothing is decided\n")
	if err := s.refused(ctx, m); err != nil {
		return err
	}
	if err := s.registrar.Handle(ctx, []*dataspace.Member{m}, []holder.Request{request}); err != nil {
		return err
	}
	found, err := m.Participant.Catalog(ctx, s.final().DID)
	if err != nil {
		return fmt.Errorf("%s is a member again: %w", m.Slug, err)
	}
	s.say("    the registrar admits it for another year; it asks again, and sees %d dataset\n", len(found.Datasets))
	return nil
}

// showRevoked: what the registrar takes back counts from the next message on.
func (s *scene) showRevoked(ctx context.Context) error {
	m := s.outsiders.revoked
	s.enters(m)
	found, err := m.Participant.Catalog(ctx, s.final().DID)
	if err != nil {
		return fmt.Errorf("%s is still a member: %w", m.Slug, err)
	}
	s.say("    as a member it asks, and sees %d dataset\n", len(found.Datasets))
	const reason = "it has left the dataspace"
	if err := s.registrar.Revoke(ctx, m, reason); err != nil {
		return err
	}
	s.say("    the registrar revokes its %s: %s\n", trust.MembershipCredential, reason)
	return s.refused(ctx, m)
}

// showMistyped: a number that cannot be right gets no credential, and without
// credentials nothing is shown.
func (s *scene) showMistyped(ctx context.Context) error {
	m := s.outsiders.mistyped
	s.enters(m)
	answers, err := s.registrar.Onboard(ctx, m)
	if err != nil {
		return err
	}
	s.say("    the registrar decides on its application: %s\n      %s\n", answers[0].State, answers[0].Reason)
	return s.refused(ctx, m)
}

func (s *scene) enters(m *dataspace.Member) {
	s.say("  %s: %s, corporate number %s\n", m.Slug, m.Title, m.Numbered())
}

// refused has a company ask for the catalogue, and prints what it is told and
// what the other side alone knows.
func (s *scene) refused(ctx context.Context, m *dataspace.Member) error {
	maker := s.final()
	_, told := m.Participant.Catalog(ctx, maker.DID)
	if told == nil {
		return fmt.Errorf("%s was not refused by %s", m.Slug, maker.ID)
	}
	s.say("    it asks, and is told:\n      %v\n", told)
	noted := maker.Participant.Refusals(m.DID)
	if len(noted) == 0 {
		return fmt.Errorf("%s has noted no refusal of %s: %w", maker.ID, m.Slug, told)
	}
	r := noted[0]
	s.say("    %s alone sees why, under support id %s:\n      %s: %s\n", maker.ID, r.SupportID, r.Check, r.Reason)
	if r.Credential != "" {
		s.say("      credential %s\n", r.Credential)
	}
	return nil
}

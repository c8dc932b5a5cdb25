// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// outsiders are three companies that no company of the chain knows. They are
// fictional, and so are their numbers.
type outsiders struct {
	expired, revoked, mistyped *member
}

// The three, as a public register has them.
var (
	expiredFirm  = profile{slug: "expired", label: "朧月鋳造 (fictional)", number: "4999920000001", madeUp: true, folder: "_expired"}
	revokedFirm  = profile{slug: "revoked", label: "虚空樹脂 (fictional)", number: "3999920000002", madeUp: true, folder: "_revoked"}
	mistypedFirm = profile{slug: "mistyped", label: "逆鏡電装 (fictional)", number: "2999920000003", madeUp: true, folder: "_mistyped"}
)

// ago is how long before the story the first of them became a member: more than
// a year, which is how long its credentials are good for.
const ago = 395 * 24 * time.Hour

// longAgo has the first company become a member, on a clock that it shares with
// the registrar. Then it is today.
func (o *outsiders) longAgo(ctx context.Context, home string, r *registrar) error {
	r.clock.set(-ago)
	defer r.clock.set(0)
	var err error
	if o.expired, err = enter(ctx, home, expiredFirm, r.identity(), connector.WithClock(r.clock.now)); err != nil {
		return err
	}
	return r.admit(ctx, o.expired)
}

// enter starts an outsider's connector.
func enter(ctx context.Context, home string, p profile, identity dcp.Settings, opts ...connector.Option) (*member, error) {
	p.identity, p.options = identity, opts
	return join(ctx, home, p)
}

// now starts the other two. The third gets the check digit of its own number
// wrong.
func (o *outsiders) now(ctx context.Context, home string, r *registrar) error {
	var err error
	if o.revoked, err = enter(ctx, home, revokedFirm, r.identity()); err != nil {
		return err
	}
	wrong := mistypedFirm
	wrong.number = "7" + wrong.number[1:]
	o.mistyped, err = enter(ctx, home, wrong, r.identity())
	return err
}

func (o *outsiders) all() []*member {
	var list []*member
	for _, m := range []*member{o.expired, o.revoked, o.mistyped} {
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
		if err := m.meet(ctx, s.final().member); err != nil {
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
	request, err := m.request(ctx, s.registrar.did)
	if err != nil {
		return err
	}
	held, err := m.ended(ctx)
	if err != nil {
		return err
	}
	for _, name := range required {
		c := held[name]
		s.say("    its wallet has %s, %s to %s: %s\n", name, day(c.ValidFrom), day(c.ValidUntil), c.State)
	}
	s.say("    it has applied for another year, and nothing is decided\n")
	if err := s.refused(ctx, m); err != nil {
		return err
	}
	if err := s.registrar.handle(ctx, []*member{m}, []holder.Request{request}); err != nil {
		return err
	}
	found, err := m.participant.Catalog(ctx, s.final().did)
	if err != nil {
		return fmt.Errorf("%s is a member again: %w", m.slug, err)
	}
	s.say("    the registrar admits it for another year; it asks again, and sees %d dataset\n", len(found.Datasets))
	return nil
}

// ended waits until the wallet has noticed that its credentials are over, and
// returns them.
func (m *member) ended(ctx context.Context) (map[string]holder.Stored, error) {
	ctx, cancel := context.WithTimeout(ctx, onboarding)
	defer cancel()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		held, err := m.holds(ctx)
		if err != nil {
			return nil, err
		}
		over := 0
		for _, c := range held {
			if c.State == holder.Expired {
				over++
			}
		}
		if over == len(required) {
			return held, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: its credentials have not ended: %w", m.slug, ctx.Err())
		}
	}
}

// showRevoked: what the registrar takes back counts from the next message on.
func (s *scene) showRevoked(ctx context.Context) error {
	m := s.outsiders.revoked
	s.enters(m)
	found, err := m.participant.Catalog(ctx, s.final().did)
	if err != nil {
		return fmt.Errorf("%s is still a member: %w", m.slug, err)
	}
	s.say("    as a member it asks, and sees %d dataset\n", len(found.Datasets))
	const reason = "it has left the dataspace"
	if err := s.registrar.revoke(ctx, m, reason); err != nil {
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
	answers, err := s.registrar.onboard(ctx, m)
	if err != nil {
		return err
	}
	s.say("    the registrar decides on its application: %s\n      %s\n", answers[0].State, answers[0].Reason)
	return s.refused(ctx, m)
}

func (s *scene) enters(m *member) {
	s.say("  %s: %s, corporate number %s\n", m.slug, m.label, m.numbered())
}

// refused has a company ask for the catalogue, and prints what it is told and
// what the other side alone knows.
func (s *scene) refused(ctx context.Context, m *member) error {
	maker := s.final()
	_, told := m.participant.Catalog(ctx, maker.did)
	if told == nil {
		return fmt.Errorf("%s was not refused by %s", m.slug, maker.ID)
	}
	s.say("    it asks, and is told:\n      %v\n", told)
	noted := maker.participant.Refusals(m.did)
	if len(noted) == 0 {
		return fmt.Errorf("%s has noted no refusal of %s: %w", maker.ID, m.slug, told)
	}
	r := noted[0]
	s.say("    %s alone sees why, under support id %s:\n      %s: %s\n", maker.ID, r.SupportID, r.Check, r.Reason)
	if r.Credential != "" {
		s.say("      credential %s\n", r.Credential)
	}
	return nil
}

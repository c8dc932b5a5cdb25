// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// placeTries bounds how often places in the list are chosen anew. After the
// first try the free ones are known, so that only other workers collide.
const placeTries = 10

// issue makes all credentials of a request and keeps them with it in one
// transaction, before anything is delivered: after a crash the same ones are
// delivered. done is false where another worker has the request.
func (s *Service) issue(ctx context.Context, own trust.Participant, settings dcp.Settings, r Request) (_ Request, done bool, err error) {
	asked, err := parseObjects(r.Credentials)
	if err != nil {
		return r, false, err
	}
	key, err := s.key(ctx, own)
	if err != nil {
		return r, false, err
	}
	for try := range placeTries {
		places, err := s.places(ctx, own.Context, len(asked), try > 0)
		if err != nil {
			return r, false, err
		}
		m := maker{own: own, settings: settings, key: key, now: s.cfg.Now().UTC().Truncate(time.Second), newUUID: s.newUUID}
		issued, err := m.all(r, asked, places)
		if err != nil {
			return r, false, err
		}
		next := r
		next.State, next.Updated, next.Tries, next.LastError = Issued, m.now, 0, ""
		next.NextTry, next.Deadline = s.cfg.Now().Add(lease), s.cfg.Now().Add(giveUp)
		saved, err := s.cfg.Store.SaveIssuerRequest(ctx, own.Context, next, issued)
		if err == nil {
			s.logUnsuspendable(own, settings, r, asked)
			return saved, true, nil
		}
		if !changed(err) {
			return r, false, err
		}
		if current, err := s.cfg.Store.IssuerRequest(ctx, own.Context, r.ID); err != nil || current.Version != r.Version {
			return r, false, err
		}
	}
	return r, false, fmt.Errorf("no free place in the status list was found in %d tries", placeTries)
}

// logUnsuspendable tells of memberships that nobody will be able to suspend.
func (s *Service) logUnsuspendable(own trust.Participant, settings dcp.Settings, r Request, issued []object) {
	if settings.Issues.RevocationOnly && slices.ContainsFunc(issued, func(o object) bool { return suspends(o.Type) }) {
		s.log(own.Context, "the membership of "+r.Holder+" is issued without a suspension status, as issues.revocationOnly says", nil)
	}
}

func parseObjects(ids []string) ([]object, error) {
	list := make([]object, len(ids))
	for i, id := range ids {
		var err error
		if list[i], err = parseObject(id); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// maker makes credentials, without any store.
type maker struct {
	own      trust.Participant
	settings dcp.Settings
	key      jose.Key
	now      time.Time
	newUUID  func() string
}

func (m maker) all(r Request, asked []object, places []place) ([]Credential, error) {
	issued := make([]Credential, len(asked))
	for i, o := range asked {
		var err error
		if issued[i], err = m.one(r, o, places[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", o.id(), err)
		}
	}
	return issued, nil
}

func (m maker) one(r Request, o object, at place) (Credential, error) {
	subject, ok := r.Claims[o.Type]
	if !ok {
		return Credential{}, fmt.Errorf("%w: none are kept for it", ErrClaims)
	}
	d := vc.Draft{
		ID: "urn:uuid:" + m.newUUID(), Issuer: m.own.ID, Types: []string{o.Type}, Contexts: contexts(o.Type), Subject: subject,
		ValidFrom: m.now, ValidUntil: validUntil(m.settings, o.Type, subject, m.now), Status: m.status(o, at),
	}
	raw, err := vc.Issue(d, o.Profile, m.key)
	if err != nil {
		return Credential{}, err
	}
	return Credential{
		ID: d.ID, Request: r.ID, Holder: r.Holder, Type: o.Type, Profile: string(o.Profile), Raw: raw,
		Issued: m.now, ValidUntil: d.ValidUntil, List: at.list, Index: at.index, State: Active, Changed: m.now,
	}, nil
}

// status are the entries of a credential: of each purpose the same place.
func (m maker) status(o object, at place) []trust.StatusEntry {
	purposes := []string{status.Revocation}
	if suspends(o.Type) && !m.settings.Issues.RevocationOnly {
		purposes = append(purposes, status.Suspension)
	}
	kind := kindOf(o.Profile)
	entries := make([]trust.StatusEntry, len(purposes))
	for i, purpose := range purposes {
		url := listURL(m.own, listName{at.list, purpose, kind})
		entries[i] = trust.StatusEntry{
			ID: fmt.Sprintf("%s#%d", url, at.index), Type: kind.entry(), Purpose: purpose, List: url, Index: uint64(at.index),
		}
	}
	return entries
}

// contexts are what defines the terms of our own types; others may be anything.
func contexts(credentialType string) []string {
	switch credentialType {
	case trust.MembershipCredential, trust.CorporateIdentityCredential, trust.SecurityEvaluationCredential:
		return []string{trust.CredentialsContext}
	}
	return nil
}

// suspends reports whether credentials of a type can be suspended: of a
// membership alone.
func suspends(credentialType string) bool { return credentialType == trust.MembershipCredential }

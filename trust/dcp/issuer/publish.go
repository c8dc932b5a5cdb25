// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/status"
)

const (
	defaultStatusLifetime = time.Minute
	// backdate is how far before now a list begins, for clocks that are behind.
	backdate = 5 * time.Second
)

type listKey struct {
	context string
	name    listName
}

// publishedList is a list as it was signed.
type publishedList struct {
	token string
	// Served from here on, and not any more then: a clock that was ahead and
	// is put right must not keep a list for long.
	from, until time.Time
}

// statusList serves GET /status/:id, to anybody.
func (s *Service) statusList(ctx context.Context, c dcp.Call) (dcp.Answer, error) {
	name, ok := parseListName(c.Param)
	if !ok {
		return dcp.Answer{}, noList()
	}
	form := negotiate(c.Accept, s.cfg.DevMode)
	if form == formNone {
		return dcp.Answer{}, dcp.Faultf(http.StatusNotAcceptable, "not_acceptable", "the list is there as application/vc+jwt")
	}
	if form == formJSON {
		l, _, err := s.build(ctx, c.Own, name, s.cfg.Now())
		if err != nil {
			return dcp.Answer{}, err
		}
		body, err := status.JSON(l, name.kind.entry())
		return dcp.Answer{Status: http.StatusOK, ContentType: "application/json", Body: body}, err
	}
	token, err := s.signed(ctx, c.Own, name)
	if err != nil {
		return dcp.Answer{}, err
	}
	return dcp.Answer{Status: http.StatusOK, ContentType: "application/vc+jwt", Body: []byte(token)}, nil
}

func noList() *dcp.Fault {
	return dcp.Faultf(http.StatusNotFound, "no_status_list", "there is no such status list")
}

// signed returns the list as a token, for half of its validity from memory.
func (s *Service) signed(ctx context.Context, own trust.Participant, name listName) (string, error) {
	key, now := listKey{own.Context, name}, s.cfg.Now()
	s.mu.Lock()
	kept, ok := s.published[key]
	before := s.changes[own.Context]
	s.mu.Unlock()
	if ok && !now.Before(kept.from) && now.Before(kept.until) {
		return kept.token, nil
	}
	token, lifetime, err := s.sign(ctx, own, name, now)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes[own.Context] == before {
		s.published[key] = publishedList{token, now, now.Add(lifetime / 2)}
	}
	return token, nil
}

func (s *Service) sign(ctx context.Context, own trust.Participant, name listName, now time.Time) (string, time.Duration, error) {
	l, lifetime, err := s.build(ctx, own, name, now)
	if err != nil {
		return "", 0, err
	}
	key, err := s.key(ctx, own)
	if err != nil {
		return "", 0, err
	}
	token, err := status.Sign(l, name.kind.entry(), name.kind == bitstringPlain, key)
	return token, lifetime, err
}

// build derives a list from what was issued.
func (s *Service) build(ctx context.Context, own trust.Participant, name listName, now time.Time) (status.List, time.Duration, error) {
	settings, err := dcp.ReadSettings(own)
	if err != nil {
		return status.List{}, 0, err
	}
	newest, _, err := s.cfg.Store.ListUse(ctx, own.Context)
	switch {
	case err != nil:
		return status.List{}, 0, err
	case name.number > newest:
		return status.List{}, 0, noList()
	}
	marked, err := s.cfg.Store.Marked(ctx, own.Context, name.number, name.state())
	if err != nil {
		return status.List{}, 0, err
	}
	lifetime := time.Duration(settings.Issues.StatusLifetime)
	if lifetime <= 0 {
		lifetime = defaultStatusLifetime
	}
	now = now.UTC().Truncate(time.Second)
	return status.List{
		ID: listURL(own, name), Issuer: own.ID, Purpose: name.purpose,
		ValidFrom: now.Add(-backdate), ValidUntil: now.Add(lifetime), Bits: bits(marked),
	}, lifetime, nil
}

// bits sets the places of a list; index 0 is the highest bit of the first
// byte.
func bits(marked []int) []byte {
	b := make([]byte, listBits/8)
	for _, i := range marked {
		if i >= 0 && i < listBits {
			b[i/8] |= 0x80 >> (i % 8)
		}
	}
	return b
}

// forget drops what was signed for a participant: a state has changed.
func (s *Service) forget(contextID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes[contextID]++
	for key := range s.published {
		if key.context == contextID {
			delete(s.published, key)
		}
	}
}

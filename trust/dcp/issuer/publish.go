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
	form    form
}

// publishedList is a list as it was made.
type publishedList struct {
	body []byte
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
	settings, err := dcp.ReadSettings(c.Own)
	if err != nil {
		return dcp.Answer{}, err
	}
	form := negotiate(c.Accept, s.unsigned(settings))
	if form == formNone {
		return dcp.Answer{}, dcp.Faultf(http.StatusNotAcceptable, "not_acceptable", "the list is there as application/vc+jwt")
	}
	body, err := s.published(ctx, c.Own, settings, name, form)
	if err != nil {
		return dcp.Answer{}, err
	}
	return dcp.Answer{Status: http.StatusOK, ContentType: form.contentType(), Body: body}, nil
}

// unsigned says to whom the lists of a participant go without a signature.
func (s *Service) unsigned(settings dcp.Settings) unsigned {
	switch {
	case settings.Issues.UnsignedLists:
		return toWhoLetsUs
	case s.cfg.DevMode:
		return toWhoAsks
	}
	return toNobody
}

func noList() *dcp.Fault {
	return dcp.Faultf(http.StatusNotFound, "no_status_list", "there is no such status list")
}

// published returns a list in a form, for half of its validity from memory.
func (s *Service) published(ctx context.Context, own trust.Participant, settings dcp.Settings, name listName, f form) ([]byte, error) {
	key, now := listKey{own.Context, name, f}, s.cfg.Now()
	s.mu.Lock()
	kept, ok := s.lists[key]
	before := s.changes[own.Context]
	s.mu.Unlock()
	if ok && !now.Before(kept.from) && now.Before(kept.until) {
		return kept.body, nil
	}
	body, lifetime, err := s.write(ctx, own, settings, name, f, now)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes[own.Context] == before {
		s.lists[key] = publishedList{body, now, now.Add(lifetime / 2)}
	}
	return body, nil
}

func (s *Service) write(ctx context.Context, own trust.Participant, settings dcp.Settings, name listName, f form, now time.Time) ([]byte, time.Duration, error) {
	l, lifetime, err := s.build(ctx, own, settings, name, now)
	if err != nil {
		return nil, 0, err
	}
	if f == formJSON {
		s.log(own.Context, "status list "+name.String()+" is served without a signature, as issues.unsignedLists or dev mode allows", nil)
		body, err := status.JSON(l, name.kind.entry())
		return body, lifetime, err
	}
	key, err := s.key(ctx, own)
	if err != nil {
		return nil, 0, err
	}
	token, err := status.Sign(l, name.kind.entry(), name.kind == bitstringPlain, key)
	return []byte(token), lifetime, err
}

// build derives a list from what was issued.
func (s *Service) build(ctx context.Context, own trust.Participant, settings dcp.Settings, name listName, now time.Time) (status.List, time.Duration, error) {
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

// forget drops the lists made for a participant: a state has changed.
func (s *Service) forget(contextID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes[contextID]++
	for key := range s.lists {
		if key.context == contextID {
			delete(s.lists, key)
		}
	}
}

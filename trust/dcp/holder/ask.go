// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// Wish is what a user wants of an issuer.
type Wish struct {
	Issuer string // DID
	// Objects are ids of credential objects, as the issuer's metadata or offer
	// has them.
	Objects []string
	// Types are credential types; their objects are looked up in the issuer's
	// metadata at once.
	Types []string
	// Profile is that of the credentials of Types. Empty: the older of those
	// that the issuer has, which every deployed verifier reads.
	Profile string
}

const (
	maxWishes = 32
	// sendFor is how long an issuer is tried to be reached, waitFor how long
	// its decision is waited for: it may be a person's.
	sendFor = day
	waitFor = 30 * day
)

// Request asks an issuer for credentials. It is stored and sent by Work, again
// and again for a day until the issuer has it. Errors wrap ErrInput, ErrOff,
// trust.ErrUnavailable.
func (s *Service) Request(ctx context.Context, contextID string, w Wish) (Request, error) {
	if err := w.check(); err != nil {
		return Request{}, err
	}
	own, _, err := s.participant(ctx, contextID)
	if err != nil {
		return Request{}, err
	}
	objects := w.Objects
	if len(w.Types) > 0 {
		found, err := s.lookUp(ctx, w)
		if err != nil {
			return Request{}, err
		}
		objects = append(slices.Clone(objects), found...)
	}
	return s.ask(ctx, own, w.Issuer, objects, "")
}

// Expect notes that an issuer was asked by other means, such as a form, and
// will deliver under a holderPid: one that was agreed, or empty for a new one.
// Nothing is sent. Errors wrap ErrInput, ErrOff.
func (s *Service) Expect(ctx context.Context, contextID, issuer, holderPID string) (Request, error) {
	if err := (Wish{Issuer: issuer, Objects: []string{"any"}}).check(); err != nil {
		return Request{}, err
	}
	if !plain(holderPID) || clip(holderPID, maxText) != holderPID || strings.ContainsFunc(holderPID, unicode.IsSpace) {
		return Request{}, fmt.Errorf("%w: the holderPid is too long or no text", ErrInput)
	}
	own, _, err := s.participant(ctx, contextID)
	if err != nil {
		return Request{}, err
	}
	if holderPID == "" {
		holderPID = s.cfg.NewID()
	}
	now := s.cfg.Now()
	deadline := now.Add(waitFor)
	r, err := s.cfg.Store.SaveRequest(ctx, own.Context, Request{
		HolderPID: holderPID, Issuer: issuer, State: Received, Created: now, Updated: now, NextTry: deadline, Deadline: deadline,
	})
	if errors.Is(err, ErrClosed) {
		err = fmt.Errorf("%w: there is a request with this holderPid", ErrInput)
	}
	return r, err
}

// ask stores a request that is due now.
func (s *Service) ask(ctx context.Context, own trust.Participant, issuer string, objects []string, renews string) (Request, error) {
	now := s.cfg.Now()
	r, err := s.cfg.Store.SaveRequest(ctx, own.Context, Request{
		HolderPID: s.cfg.NewID(), Issuer: issuer, Credentials: objects, State: Requested,
		Created: now, Updated: now, NextTry: now, Deadline: now.Add(sendFor), Renews: renews,
	})
	if err == nil {
		s.rouse()
	}
	return r, err
}

// RequestByID returns one. ErrNotFound.
func (s *Service) RequestByID(ctx context.Context, contextID, holderPID string) (Request, error) {
	return s.cfg.Store.Request(ctx, contextID, holderPID)
}

// Requests lists them, newest first, those older than before.
func (s *Service) Requests(ctx context.Context, contextID, before string, limit int) ([]Request, error) {
	return s.cfg.Store.Requests(ctx, contextID, before, limit)
}

func (w Wish) check() error {
	if w.Issuer == "" || did.Owner(w.Issuer) != w.Issuer {
		return fmt.Errorf("%w: the issuer is not a DID", ErrInput)
	}
	if n := len(w.Objects) + len(w.Types); n == 0 || n > maxWishes {
		return fmt.Errorf("%w: name 1 to %d credential objects or types", ErrInput, maxWishes)
	}
	for _, text := range slices.Concat(w.Objects, w.Types) {
		if text == "" || clip(text, 500) != text {
			return fmt.Errorf("%w: %.40q is neither a credential object's id nor a type", ErrInput, text)
		}
	}
	if w.Profile != "" {
		if _, err := vc.ParseProfile(w.Profile); err != nil {
			return fmt.Errorf("%w: %w", ErrInput, err)
		}
	}
	return nil
}

// lookUp finds the objects of the types in the issuer's metadata.
func (s *Service) lookUp(ctx context.Context, w Wish) ([]string, error) {
	m, err := s.Metadata(ctx, w.Issuer)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, credentialType := range w.Types {
		id, ok := objectOf(m, credentialType, w.Profile)
		if !ok {
			return nil, fmt.Errorf("%w: %s does not issue %s", ErrInput, w.Issuer, credentialType)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// backoff returns the wait after a number of failures: 1 s, 2 s, 4 s, ... up to
// most.
func backoff(first time.Duration, tries int, most time.Duration) time.Duration {
	wait := first
	for range tries - 1 {
		if wait >= most {
			break
		}
		wait *= 2
	}
	return min(wait, most)
}

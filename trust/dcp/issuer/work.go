// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/musubi-ods/musubi/trust"
)

const (
	// lease is how long a request is one worker's. An attempt is given up
	// before that.
	lease   = 2 * time.Minute
	attempt = 20 * time.Second
	batch   = 16 // requests of one pass, worked on side by side
	// sweep is how soon to look again where nothing is known to be due: for
	// what other replicas have left behind.
	sweep = 30 * time.Second
)

// Work does once what is due: it issues what is approved and delivers what is
// decided. It returns when to call it again; Wake may say sooner.
func (s *Service) Work(ctx context.Context) (next time.Time, err error) {
	due, err := s.cfg.Store.ClaimIssuerRequests(ctx, s.cfg.Now(), lease, batch)
	if err != nil {
		return time.Time{}, fmt.Errorf("issuer: %w", err)
	}
	var (
		all    sync.WaitGroup
		mu     sync.Mutex
		failed []error
	)
	start := s.cfg.Now()
	next = start.Add(sweep)
	for _, lane := range lanes(due) {
		all.Go(func() {
			var down error // why the holder of this lane is out of reach
			for _, o := range lane {
				if s.cfg.Now().Sub(start) > lease/2 {
					break // somebody else may have the rest soon
				}
				var try time.Time
				var err error
				if try, down, err = s.work(ctx, o, down); err != nil {
					err = fmt.Errorf("issuer: request %s: %w", o.Request.ID, err)
				}
				mu.Lock()
				failed = append(failed, err)
				if !try.IsZero() && try.Before(next) {
					next = try
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(due) == batch {
		next = s.cfg.Now()
	}
	return next, errors.Join(failed...)
}

// lanes parts requests by participant and holder: one wallet that hangs delays
// nobody else, and is asked once in a pass.
func lanes(due []Owned) map[[2]string][]Owned {
	by := map[[2]string][]Owned{}
	for _, o := range due {
		key := [2]string{o.Context, o.Request.Holder}
		by[key] = append(by[key], o)
	}
	return by
}

// work brings one request forward. What fails outside of the store is written
// to the request and tried again; err is one of the store. down, if set, is why
// there is no use in asking the holder; what is found of that is returned.
func (s *Service) work(ctx context.Context, o Owned, down error) (next time.Time, found, err error) {
	r := o.Request
	if r.State == Received || r.State == Lost || !r.Delivered.IsZero() {
		r.NextTry = time.Time{} // nothing is owed
		next, err = s.keep(ctx, o.Context, r)
		return next, down, err
	}
	own, settings, err := s.own(ctx, o.Context)
	if err != nil {
		next, err = s.later(ctx, o.Context, r, err, slow)
		return next, down, err
	}
	if r.State == Approved {
		var done bool
		if r, done, err = s.issue(ctx, own, settings, r); err != nil {
			next, err = s.later(ctx, o.Context, r, err, quick)
			return next, down, err
		}
		if !done {
			return time.Time{}, down, nil // another worker has it
		}
	}
	if down == nil {
		return s.send(ctx, own, r)
	}
	next, err = s.later(ctx, o.Context, r, down, quick)
	return next, down, err
}

// send delivers a decided request and keeps the outcome.
func (s *Service) send(ctx context.Context, own trust.Participant, r Request) (next time.Time, down, err error) {
	bounded, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	cause := s.deliver(bounded, own, r)
	var answered *answeredError
	switch {
	case cause == nil:
		now := s.cfg.Now()
		r.Delivered, r.Updated, r.NextTry, r.LastError = now, now, time.Time{}, ""
		s.log(own.Context, fmt.Sprintf("request %s of %s was delivered: %s", r.ID, r.Holder, r.State), nil)
		next, err = s.keep(ctx, own.Context, r)
		return next, nil, err
	case ctx.Err() != nil:
		return time.Time{}, nil, ctx.Err() // we stop; the lease ends by itself
	case !errors.As(cause, &answered):
		next, err = s.later(ctx, own.Context, r, cause, quick)
		return next, cause, err
	}
	pace := quick
	if answered.status < 500 {
		pace = slow
	}
	next, err = s.later(ctx, own.Context, r, cause, pace)
	return next, nil, err
}

// later sets the next try, or gives up at the deadline.
func (s *Service) later(ctx context.Context, contextID string, r Request, cause error, p pace) (time.Time, error) {
	now := s.cfg.Now()
	r.Tries++
	r.LastError, r.Updated = printable(cause.Error()), now
	r.NextTry = now.Add(p.after(r.Tries))
	if r.State == Approved {
		s.log(contextID, fmt.Sprintf("request %s of %s could not be issued yet", r.ID, r.Holder), cause)
		return s.keep(ctx, contextID, r)
	}
	if !now.Before(r.Deadline) {
		r.NextTry = time.Time{}
		if r.State == Issued {
			r.State = Lost
		}
		s.log(contextID, fmt.Sprintf("request %s of %s could not be delivered", r.ID, r.Holder), cause)
		return s.keep(ctx, contextID, r)
	}
	if r.NextTry.After(r.Deadline) {
		r.NextTry = r.Deadline
	}
	s.log(contextID, fmt.Sprintf("request %s of %s is tried again", r.ID, r.Holder), cause)
	return s.keep(ctx, contextID, r)
}

func (s *Service) keep(ctx context.Context, contextID string, r Request) (time.Time, error) {
	r, err := s.cfg.Store.SaveIssuerRequest(ctx, contextID, r, nil)
	if changed(err) {
		return time.Time{}, nil // whoever was faster goes on with it
	}
	return r.NextTry, err
}

// pace is how tries are spread.
type pace struct{ first, most time.Duration }

var (
	quick = pace{5 * time.Second, 15 * time.Minute} // for what is out of reach
	slow  = pace{time.Minute, 2 * time.Hour}        // for what was refused
)

func (p pace) after(tries int) time.Duration {
	d := p.first
	for range tries - 1 {
		if d *= 2; d >= p.most {
			return p.most
		}
	}
	return d
}

// printable is a text as it is kept: of bounded length, and without what
// cannot be shown.
func printable(text string) string {
	if len(text) > 1000 {
		text = text[:1000]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

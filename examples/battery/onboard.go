// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// onboarding bounds how long a company waits for its credentials. Nobody
// decides by hand here, so it takes a moment.
const onboarding = time.Minute

// look is how often the registrar looks for new applications.
const look = 5 * time.Millisecond

// onboard has companies apply, and returns when the registrar has decided and
// each has the answer. A refusal is an answer, and no error.
func (r *registrar) onboard(ctx context.Context, applicants ...*member) ([]holder.Request, error) {
	requests := make([]holder.Request, len(applicants))
	for i, m := range applicants {
		var err error
		if requests[i], err = m.request(ctx, r.did); err != nil {
			return nil, fmt.Errorf("%s asks for its credentials: %w", m.slug, err)
		}
	}
	return requests, r.handle(ctx, applicants, requests)
}

// handle has the registrar decide on requests, and fills in the answers.
func (r *registrar) handle(ctx context.Context, applicants []*member, requests []holder.Request) error {
	ctx, cancel := context.WithTimeout(ctx, onboarding)
	defer cancel()
	for _, m := range applicants {
		r.applications[m.did] = application{m.label, m.number}
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for i, m := range applicants {
		for {
			if err := r.desk(ctx); err != nil {
				return fmt.Errorf("the registrar: %w", err)
			}
			answer, err := m.participant.Wallet().Await(ctx, requests[i].HolderPID, 0)
			if err == nil {
				requests[i] = answer
				break
			}
			if !errors.Is(err, connector.ErrTimeout) {
				return fmt.Errorf("%s waits for its credentials: %w", m.slug, err)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("%s waits for its credentials: %w", m.slug, errors.Join(err, ctx.Err()))
			}
		}
	}
	return nil
}

// admit is onboard for companies that must be accepted.
func (r *registrar) admit(ctx context.Context, applicants ...*member) error {
	answers, err := r.onboard(ctx, applicants...)
	for i, a := range answers {
		if a.State != holder.Issued {
			err = errors.Join(err, fmt.Errorf("%s was not admitted: %s: %s", applicants[i].slug, a.State, a.Reason))
		}
	}
	return err
}

// registered makes the register of the example, in which all companies are,
// and numbers for those of the chain whose files have none.
func registered(chain footprint.Chain) (numbers, register map[string]string) {
	numbers, register = map[string]string{}, map[string]string{}
	for _, p := range []profile{expiredFirm, revokedFirm, mistypedFirm} {
		register[p.number] = p.label
	}
	for _, c := range chain.Companies {
		if c.CorporateNumber != "" {
			register[c.CorporateNumber] = c.Label()
		}
	}
	next := 10_000_000
	for _, c := range chain.Companies {
		if c.CorporateNumber != "" {
			continue
		}
		for numbers[c.ID] == "" || register[numbers[c.ID]] != "" {
			next++
			numbers[c.ID] = fictionalNumber(next)
		}
		register[numbers[c.ID]] = c.Label()
	}
	return numbers, register
}

// fictionalNumber makes the n-th corporate number that no registered company
// has: what follows the check digit, which comes first, begins with 9999.
func fictionalNumber(n int) string {
	for digit := 1; digit <= 9; digit++ {
		number := fmt.Sprintf("%d9999%08d", digit, n)
		if _, err := trust.ParseIdentifier(trust.CorporateNumber, number, false); err == nil {
			return number
		}
	}
	panic("no check digit fits") // one always does
}

// clock tells the time of day, or another that a story needs.
type clock struct{ shift atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.shift.Load())).UTC() }

func (c *clock) set(shift time.Duration) { c.shift.Store(int64(shift)) }

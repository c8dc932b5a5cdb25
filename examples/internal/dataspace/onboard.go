// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// onboarding bounds how long a company waits for its credentials. Nobody
// decides by hand here, so it takes a moment.
const onboarding = time.Minute

// look is how often the registrar looks for new applications.
const look = 5 * time.Millisecond

// Onboard has companies apply, and returns when the registrar has decided and
// each has the answer. A refusal is an answer, and no error.
func (r *Registrar) Onboard(ctx context.Context, applicants ...*Member) ([]holder.Request, error) {
	requests := make([]holder.Request, len(applicants))
	for i, m := range applicants {
		var err error
		if requests[i], err = m.Apply(ctx, r.DID); err != nil {
			return nil, fmt.Errorf("%s asks for its credentials: %w", m.Slug, err)
		}
	}
	return requests, r.Handle(ctx, applicants, requests)
}

// Handle has the registrar decide on requests, and fills in the answers.
func (r *Registrar) Handle(ctx context.Context, applicants []*Member, requests []holder.Request) error {
	ctx, cancel := context.WithTimeout(ctx, onboarding)
	defer cancel()
	for _, m := range applicants {
		r.applications[m.DID] = application{m.Title, m.Number}
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for i, m := range applicants {
		for {
			if err := r.desk(ctx); err != nil {
				return fmt.Errorf("the registrar: %w", err)
			}
			answer, err := m.Participant.Wallet().Await(ctx, requests[i].HolderPID, 0)
			if err == nil {
				requests[i] = answer
				break
			}
			if !errors.Is(err, connector.ErrTimeout) {
				return fmt.Errorf("%s waits for its credentials: %w", m.Slug, err)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("%s waits for its credentials: %w", m.Slug, errors.Join(err, ctx.Err()))
			}
		}
	}
	return nil
}

// Admit is Onboard for companies that must be accepted.
func (r *Registrar) Admit(ctx context.Context, applicants ...*Member) error {
	answers, err := r.Onboard(ctx, applicants...)
	for i, a := range answers {
		if a.State != holder.Issued {
			err = errors.Join(err, fmt.Errorf("%s was not admitted: %s: %s", applicants[i].Slug, a.State, a.Reason))
		}
	}
	return err
}

// Company is one that is in the register.
type Company struct{ ID, Title, Number string }

// Registered makes the register of an example, in which all companies are, and
// numbers for those that have none.
func Registered(companies ...Company) (numbers, register map[string]string) {
	numbers, register = map[string]string{}, map[string]string{}
	for _, c := range companies {
		if c.Number != "" {
			register[c.Number] = c.Title
		}
	}
	next := 10_000_000
	for _, c := range companies {
		if c.Number != "" {
			continue
		}
		for numbers[c.ID] == "" || register[numbers[c.ID]] != "" {
			next++
			numbers[c.ID] = FictionalNumber(next)
		}
		register[numbers[c.ID]] = c.Title
	}
	return numbers, register
}

// FictionalNumber makes the n-th corporate number that no registered company
// has: what follows the check digit, which comes first, begins with 9999.
func FictionalNumber(n int) string {
	for digit := 1; digit <= 9; digit++ {
		number := fmt.Sprintf("%d9999%08d", digit, n)
		if _, err := trust.ParseIdentifier(trust.CorporateNumber, number, false); err == nil {
			return number
		}
	}
	panic("no check digit fits") // one always does
}

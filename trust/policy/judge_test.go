// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// rechecks answers each call of Judge.Recheck in turn, and notes the ages.
type rechecks struct {
	answers []error
	ages    []time.Duration
}

func (r *rechecks) recheck(_ context.Context, _ string, _ trust.Claims, age time.Duration) error {
	r.ages = append(r.ages, age)
	if len(r.ages) > len(r.answers) {
		return nil
	}
	return r.answers[len(r.ages)-1]
}

func judging(r *rechecks) *Judge {
	return &Judge{
		Registry: terms, Now: func() time.Time { return noon }, Recheck: r.recheck,
		Relations: func(context.Context, string, trust.Claims) ([]string, error) { return []string{DirectSupply}, nil },
		Usage:     func(context.Context, string, string) (Usage, error) { return Usage{Started: 2, Bytes: 9}, nil },
	}
}

func aCase(p Point) Case {
	k := known()
	return Case{Context: "us", Point: p, Claims: k.Claims, Declared: k.Declared, Agreement: "urn:uuid:a", Agreed: signed}
}

func TestJudgeRechecks(t *testing.T) {
	no := func(check, id string) error { return trust.Refuse(check, "because").Of(id) }
	const m, i = "urn:uuid:m", "urn:uuid:i"
	away := errors.New("out of reach")
	for name, tc := range map[string]struct {
		point   Point
		answers []error
		ages    int
		denied  string // what the reason says; "": permitted
		lasting bool
		err     bool
	}{
		"not at the catalogue":          {AtCatalog, []error{no("V80", m)}, 0, "", false, false},
		"revoked before it is agreed":   {AtNegotiation, []error{no("V80", m)}, 2, "V80: because", true, false},
		"out of reach at a negotiation": {AtNegotiation, []error{away}, 1, "", false, true},
		"all good":                      {WhileRunning, nil, 1, "", false, false},
		"one revoked":                   {WhileRunning, []error{no("V80", m)}, 2, "V80: because", true, false},
		"one suspended":                 {WhileRunning, []error{no("V81", m), no("V81", m)}, 3, "V81: because", false, false},
		"one suspended, and lifted":     {WhileRunning, []error{no("V81", m)}, 2, "", false, false},
		"one that nothing asks for":     {AtTransfer, []error{no("V80", i)}, 2, "V80: because (credential urn:uuid:i)", true, false},
		"two revoked":                   {WhileRunning, []error{no("V80", i), no("V80", m)}, 3, "V80: because", true, false},
		"one, and the rest too little":  {WhileRunning, []error{no("V80", i), no("V50", "")}, 2, "V80: because (credential urn:uuid:i)", true, false},
		"all of them":                   {WhileRunning, []error{no("V50", "")}, 1, "V50: because", false, false},
		"out of reach for a moment":     {WhileRunning, []error{away}, 2, "", false, false},
		"out of reach":                  {WhileRunning, []error{away, away}, 2, "", false, true},
		"out of reach at a transfer":    {AtTransfer, []error{away}, 1, "", false, true},
		"out of reach, and known to us": {WhileRunning, []error{away, no("V80", m)}, 3, "V80: because", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := &rechecks{answers: tc.answers}
			v, err := judging(r).Explain(t.Context(), terms.Compile(Permit(Use, ActiveMember())), aCase(tc.point))
			if (err != nil) != tc.err || err != nil && !errors.Is(err, ErrNotTold) {
				t.Fatalf("error %v", err)
			}
			if v.Permit != (tc.denied == "" && !tc.err) || !strings.Contains(v.Reason, tc.denied) || v.Lasting != tc.lasting {
				t.Errorf("permit %v, lasting %v: %s", v.Permit, v.Lasting, v.Reason)
			}
			if strings.Contains(v.Safe, "urn:uuid") {
				t.Errorf("the peer is told %q", v.Safe)
			}
			if len(r.ages) != tc.ages {
				t.Errorf("rechecked %d times, want %d", len(r.ages), tc.ages)
			}
			if tc.point == WhileRunning && r.ages[0] != statusAge || (tc.point == AtTransfer || tc.point == AtNegotiation) && r.ages[0] != 0 {
				t.Errorf("by status lists of at most %s", r.ages[0])
			}
		})
	}
}

func TestJudgeFetchesWhatIsAsked(t *testing.T) {
	broken := errors.New("no store")
	noRelations := func(j *Judge) {
		j.Relations = func(context.Context, string, trust.Claims) ([]string, error) { return nil, broken }
	}
	noUsage := func(j *Judge) {
		j.Usage = func(context.Context, string, string) (Usage, error) { return Usage{}, broken }
	}
	for name, tc := range map[string]struct {
		in     Policy
		point  Point
		spoil  func(*Judge)
		usage  *Usage
		permit bool
		err    bool
	}{
		"nothing is asked":            {Permit(Use), AtTransfer, func(j *Judge) { noRelations(j); noUsage(j) }, nil, true, false},
		"a relation":                  {Permit(Use, DirectCustomer()), AtTransfer, nil, nil, true, false},
		"a relation, no records":      {Permit(Use, DirectCustomer()), AtTransfer, func(j *Judge) { j.Relations = nil }, nil, false, false},
		"a relation that fails":       {Permit(Use, DirectCustomer()), AtCatalog, noRelations, nil, false, true},
		"a relation in a prohibition": {Permit(Use).Forbid(Use, DirectCustomer()), AtCatalog, noRelations, nil, false, true},
		"a count":                     {Permit(Use, Times(2)), AtTransfer, nil, nil, true, false},
		"a count, used up":            {Permit(Use, Times(1)), AtTransfer, nil, nil, false, false},
		"a count as it will be":       {Permit(Use, Times(2)), AtTransfer, noUsage, &Usage{Started: 3}, false, false},
		"a count that fails":          {Permit(Use, AnyOf(ActiveMember(), Times(2))), WhileRunning, noUsage, nil, false, true},
		"a count that nobody counts":  {Permit(Use, Volume(99)), WhileRunning, func(j *Judge) { j.Usage = nil }, nil, false, true},
		"a count before there is one": {Permit(Use, Times(2)), AtNegotiation, noUsage, nil, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			j := judging(&rechecks{})
			if tc.spoil != nil {
				tc.spoil(j)
			}
			k := aCase(tc.point)
			k.Usage = tc.usage
			v, err := j.Explain(t.Context(), terms.Compile(tc.in), k)
			if v.Permit != tc.permit || (err != nil) != tc.err || err != nil && !errors.Is(err, ErrNotTold) {
				t.Errorf("permit %v, %v: %s", v.Permit, err, v.Reason)
			}
		})
	}
}

// TestExpiredIsLapsed: whatever the policy asks, from the negotiation on, in
// which a person may decide long after the credentials were shown.
func TestExpiredIsLapsed(t *testing.T) {
	for point, want := range map[Point]bool{AtCatalog: true, AtNegotiation: false, AtTransfer: false, WhileRunning: false} {
		k := aCase(point)
		k.Claims.Credentials[1].ValidUntil = noon
		v, err := judging(&rechecks{}).Explain(t.Context(), terms.Compile(Permit(Use)), k)
		if err != nil || v.Permit != want || v.Permit != (v.Reason == "") {
			t.Errorf("at %s: permit %v, %v: %s", point, v.Permit, err, v.Reason)
		}
	}
}

func TestJudgeCompilesOnce(t *testing.T) {
	j := judging(&rechecks{})
	p := Permit(Use, ActiveMember())
	calls := 0
	read := func() (Policy, error) { calls++; return p, nil }
	if _, err := j.Compile(p.Hash(), func() (Policy, error) { return Policy{}, ErrMalformed }); !errors.Is(err, ErrMalformed) {
		t.Fatalf("error %v", err)
	}
	first, err1 := j.Compile(p.Hash(), read)
	second, err2 := j.Compile(p.Hash(), read)
	if err1 != nil || err2 != nil || first != second || calls != 1 {
		t.Errorf("%d calls, %v, %v", calls, err1, err2)
	}
	raw, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if stored, err := j.CompileStored(p.Hash(), raw); err != nil || stored != first {
		t.Errorf("of a stored one: %v", err)
	}
}

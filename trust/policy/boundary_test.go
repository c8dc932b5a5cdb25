// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"testing"
	"time"
)

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

func TestEnds(t *testing.T) {
	at := func(left, operator, right string) Constraint { return Atomic{left, operator, Text(right)} }
	for name, tc := range map[string]struct {
		in   Policy
		want time.Time // zero: never
	}{
		"no clock":                    {Permit(Use, ActiveMember()), time.Time{}},
		"a duration, included":        {Permit(Use, AtMost("P3Y")), signed.AddDate(3, 0, 0)},
		"a duration, excluded":        {Permit(Use, at(LeftElapsedTime, Lt, "P3Y")), signed.AddDate(3, 0, 0)},
		"a day, included":             {Permit(Use, at(LeftDateTime, Lteq, "2027-06-30")), day("2027-07-01")},
		"a day, excluded":             {Permit(Use, at(LeftDateTime, Lt, "2027-06-30")), day("2027-06-30")},
		"on one day":                  {Permit(Use, at(LeftDateTime, Eq, "2027-06-30")), day("2027-07-01")},
		"from a day on":               {Permit(Use, at(LeftDateTime, Gteq, "2027-06-30")), time.Time{}},
		"after a day":                 {Permit(Use, at(LeftDateTime, Gt, "2027-06-30")), time.Time{}},
		"from one of two days on":     {Permit(Use, at(LeftDateTime, Gteq, "2027-06-30"), at(LeftDateTime, Gt, "2028-06-30")), time.Time{}},
		"the earlier of two":          {Permit(Use, AtMost("P3Y"), at(LeftDateTime, Lteq, "2027-06-30")), day("2027-07-01")},
		"the later of two":            {Permit(Use, AnyOf(AtMost("P3Y"), at(LeftDateTime, Lteq, "2027-06-30"))), signed.AddDate(3, 0, 0)},
		"two permissions":             {Permit(Use, AtMost("P3Y")).Permit(Use, AtMost("P1Y")), signed.AddDate(3, 0, 0)},
		"or for members":              {Permit(Use, AnyOf(AtMost("P3Y"), ActiveMember())), time.Time{}},
		"a prohibition":               {Permit(Use).Forbid(Use, at(LeftDateTime, Gteq, "2027-06-30")), day("2027-06-30")},
		"a prohibition for a purpose": {Permit(Use).Forbid(Use, at(LeftDateTime, Gteq, "2027-06-30"), ForPurpose("x:p")), time.Time{}},
		"of another action":           {Permit(Use).Permit(Derive, AtMost("P1Y")), time.Time{}},
		"over from the start":         {Permit(Use, at(LeftDateTime, Lt, "2026-06-30")), signed},
		"beside an unknown term":      {Permit(Use, AtMost("P3Y"), at(probe, Eq, "1")).Oblige(Delete, at(probe, Eq, "1")), signed.AddDate(3, 0, 0)},
		"beside an unknown profile":   {Policy{Profile: []string{"x:p"}, Permissions: Permit(Use, AtMost("P3Y")).Permissions}, signed.AddDate(3, 0, 0)},
		"a time that nobody can read": {Permit(Use, at(LeftDateTime, Lt, "soon")), signed},
	} {
		t.Run(name, func(t *testing.T) {
			if got := terms.Compile(tc.in).Ends(signed); !got.Equal(tc.want) {
				t.Errorf("it ends at %s, want %s", got, tc.want)
			}
		})
	}
}

// TestNextIsWhenItDenies: of a term that is included, the instant after it
// counts, or a timer would come a moment early and never again.
func TestNextIsWhenItDenies(t *testing.T) {
	c := terms.Compile(Permit(Use, AtMost("P6M")))
	f := Facts{Point: WhileRunning, Now: noon.AddDate(0, 0, -7), Agreed: signed}
	for n := 0; c.Permits(&f); n++ {
		next := c.Next(&f)
		if next.IsZero() || n > 2 {
			t.Fatalf("at %s it permits, and next is %s", f.Now, next)
		}
		f.Now, f.memo = next, nil
	}
	if want := signed.AddDate(0, 6, 0).Add(1); !f.Now.Equal(want) {
		t.Errorf("it denies from %s on, want %s", f.Now, want)
	}
}

func TestLimits(t *testing.T) {
	most := func(left, operator, right string) Constraint { return Atomic{left, operator, Text(right)} }
	for name, tc := range map[string]struct {
		in            Policy
		starts, bytes int64
	}{
		"none":                  {Permit(Use), Unlimited, Unlimited},
		"one, included":         {Permit(Use, Times(3)), 3, Unlimited},
		"one, excluded":         {Permit(Use, most(LeftBytes, Lt, "3")), Unlimited, 2},
		"a fraction":            {Permit(Use, most(LeftBytes, Lteq, "2.5")), Unlimited, 2},
		"the lower of two":      {Permit(Use, Times(3), Times(2)), 2, Unlimited},
		"the higher of two":     {Permit(Use, Times(3)).Permit(Use, Times(2)), 3, Unlimited},
		"below a negative":      {Permit(Use, most(LeftCount, Lteq, "-99999999999999999999")), 0, 0},
		"beyond every counter":  {Permit(Use, most(LeftCount, Lteq, "99999999999999999999")), Unlimited, Unlimited},
		"at the end of int64":   {Permit(Use, most(LeftCount, Lteq, "9223372036854775807")), Unlimited, Unlimited},
		"nothing is permitted":  {Permit(Use, Times(3), ActiveMember()), 0, 0},
		"a counter that denies": {Permit(Use, Times(0), Volume(7)), 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := Facts{Point: AtTransfer, Now: noon, Agreed: signed, Usage: Usage{Started: 1}}
			c := terms.Compile(tc.in)
			if s, b := c.StartLimit(f), c.ByteLimit(f); s != tc.starts || b != tc.bytes {
				t.Errorf("limits %d and %d, want %d and %d", s, b, tc.starts, tc.bytes)
			}
		})
	}
}

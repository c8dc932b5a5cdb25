// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package caltime_test

import (
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/caltime"
)

// sound checks what a parser of durations returned: an error of ours and
// nothing else, or a duration whose form is read as the same.
func sound(t *testing.T, s string, d caltime.Duration, err error) {
	t.Helper()
	if err != nil {
		if !errors.Is(err, caltime.ErrSyntax) || d != (caltime.Duration{}) {
			t.Fatalf("%q: %v and %v", s, d, err)
		}
		return
	}
	again, err := caltime.ParseDuration(d.String())
	if err != nil || again != d {
		t.Fatalf("%q is %v, which was read as %v: %v", s, d, again, err)
	}
	from := time.Date(2028, 2, 29, 23, 59, 59, 999999999, time.UTC)
	if to := d.AddTo(from); d.Negative() != to.Before(from) || to.Year() < 1020 || to.Year() > 3030 {
		t.Fatalf("%v leads from %v to %v", d, from, to)
	}
}

func FuzzDuration(f *testing.F) {
	for _, s := range []string{"P1Y2M3W10DT2H30M0.5S", "-P1D", "P", "PT", "P1DT", "PT.5S", "P9223372036854775807Y", "P4799M219146DT86399.999999999S"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := caltime.ParseDuration(s)
		sound(t, s, d, err)
	})
}

func FuzzRelative(f *testing.F) {
	for _, s := range []string{"contractAgreement+P1Y", "contractAgreement-30d", "contractAgreement+-1s", "contractAgreement", "contractAgreement--P1D", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, relative, err := caltime.ParseRelative(s)
		if !relative && err != nil {
			t.Fatalf("%q is another value, and %v", s, err)
		}
		sound(t, s, d, err)
	})
}

func FuzzMoment(f *testing.F) {
	for _, s := range []string{"2027-07-01T00:00:00.5+09:00", "2027-07-01", "2027-07-01Z", "2027-12-31T24:00:00", "0001-01-01+14:00", "9999-12-31-14:00", "T", "+09:00"} {
		f.Add(s, 0)
		f.Add(s, 9*3600)
	}
	f.Fuzz(func(t *testing.T, s string, offset int) {
		zone := time.FixedZone("", offset%(14*60)*60)
		m, err := caltime.ParseMoment(s, zone)
		if err != nil {
			if !errors.Is(err, caltime.ErrSyntax) || m != (caltime.Moment{}) {
				t.Fatalf("%q: %v and %v", s, m, err)
			}
			return
		}
		if m.Compare(m.Begins()) != 0 || m.Compare(m.Begins().Add(-1)) != -1 || m.Compare(m.Ends()) != 1 {
			t.Fatalf("%q: the ends of %v are not its own", s, m)
		}
		again(t, m)
	})
}

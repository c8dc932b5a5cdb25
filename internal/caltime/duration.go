// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package caltime

import (
	"strconv"
	"strings"
	"time"
)

const (
	maxDuration = 40    // bytes: room for every canonical form within maxSeconds
	day         = 86400 // seconds
	meanMonth   = 2629746
	maxSeconds  = 1000 * 12 * meanMonth // 1000 years of the Gregorian calendar
)

// Duration is a span of the calendar: whole months, and a time that is always
// as long as it says (a day is 24 hours). Both have one sign. Durations that
// mean the same are equal (==); the zero value is PT0S.
type Duration struct {
	negative bool
	months   int64 // not negative, like the two below
	seconds  int64
	nanos    int64 // below one second
}

// unit is a field of a duration: its letter, and what one of it comes to.
type unit struct {
	letter          byte
	months, seconds int64
}

var (
	dateUnits = []unit{{'Y', 12, 0}, {'M', 1, 0}, {'W', 0, 7 * day}, {'D', 0, day}}
	timeUnits = []unit{{'H', 0, 3600}, {'M', 0, 60}, {'S', 0, 1}}
)

// ParseDuration reads an xsd:duration such as P3Y, P1Y2M10DT2H30M, PT0.5S or
// -P1D, and weeks (P2W), which may stand between months and days. A text is at
// most 40 bytes long, what it means at most 1000 years. Errors are ErrSyntax.
func ParseDuration(s string) (Duration, error) {
	if len(s) > maxDuration {
		return Duration{}, fault("longer than 40 bytes")
	}
	s, negative := strings.CutPrefix(s, "-")
	s, ok := strings.CutPrefix(s, "P")
	if !ok {
		return Duration{}, fault("a duration begins with P")
	}
	date, clock, timed := strings.Cut(s, "T")
	if timed && clock == "" {
		return Duration{}, fault("T without a time after it")
	}
	if date == "" && clock == "" {
		return Duration{}, fault("a duration has a field")
	}
	var d Duration
	if err := d.fields(date, dateUnits); err != nil {
		return Duration{}, err
	}
	if err := d.fields(clock, timeUnits); err != nil {
		return Duration{}, err
	}
	return d.signed(negative)
}

// fields adds what stands on one side of the T.
func (d *Duration) fields(s string, units []unit) error {
	for s != "" {
		number, rest := digits(s)
		if number == "" {
			return fault("a field begins with a number")
		}
		nanos, tail, err := fraction(rest)
		switch {
		case err != nil:
			return err
		case tail == "":
			return fault("a number without its unit")
		case tail != rest && tail[0] != 'S':
			return fault("only seconds have a fraction")
		}
		for len(units) > 0 && units[0].letter != tail[0] {
			units = units[1:]
		}
		if len(units) == 0 {
			return fault("a unit that is unknown, twice, or out of order")
		}
		if err := d.add(number, units[0]); err != nil {
			return err
		}
		d.nanos += nanos
		s, units = tail[1:], units[1:]
	}
	return nil
}

// add adds a number of one unit. What passes cannot overflow: a text has no
// more than seven fields.
func (d *Duration) add(number string, u unit) error {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > maxSeconds {
		return fault("longer than 1000 years")
	}
	d.months += n * u.months
	d.seconds += n * u.seconds
	return nil
}

// signed gives the sum its sign, if it is within the limit.
func (d Duration) signed(negative bool) (Duration, error) {
	total := d.months*meanMonth + d.seconds
	if total > maxSeconds || total == maxSeconds && d.nanos > 0 {
		return Duration{}, fault("longer than 1000 years")
	}
	d.negative = negative && (total > 0 || d.nanos > 0)
	return d, nil
}

// Negative reports whether d leads into the past.
func (d Duration) Negative() bool { return d.negative }

// AddTo returns the time that is d after t, in t's location, as appendix E of
// XML Schema part 2 says: first the months, by the calendar and the clock of
// the location, where a day that the month does not have becomes its last one
// (31 January and P1M: the end of February); then days and time, exactly. A
// time of day that a change of clocks skips or repeats is resolved as by
// time.Date. The year of t is between 1 and 9999.
func (d Duration) AddTo(t time.Time) time.Time {
	months, seconds, nanos := d.months, d.seconds, d.nanos
	if d.negative {
		months, seconds, nanos = -months, -seconds, -nanos
	}
	if months != 0 {
		t = addMonths(t, int(months))
	}
	return time.Unix(t.Unix()+seconds, int64(t.Nanosecond())+nanos).In(t.Location())
}

func addMonths(t time.Time, n int) time.Time {
	year, month, date := t.Date()
	last := time.Date(year, month+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC)
	hour, minute, second := t.Clock()
	return time.Date(last.Year(), last.Month(), min(date, last.Day()), hour, minute, second, t.Nanosecond(), t.Location())
}

// String returns the canonical form of XML Schema, which ParseDuration reads:
// P2W is P14D, PT90M is PT1H30M, P13M is P1Y1M, nothing is PT0S.
func (d Duration) String() string {
	var b []byte
	field := func(n int64, unit byte) {
		if n != 0 {
			b = append(strconv.AppendInt(b, n, 10), unit)
		}
	}
	if d.negative {
		b = append(b, '-')
	}
	b = append(b, 'P')
	field(d.months/12, 'Y')
	field(d.months%12, 'M')
	field(d.seconds/day, 'D')
	clock := d.seconds % day
	if clock == 0 && d.nanos == 0 {
		if d.months == 0 && d.seconds == 0 {
			return "PT0S"
		}
		return string(b)
	}
	b = append(b, 'T')
	field(clock/3600, 'H')
	field(clock/60%60, 'M')
	if d.nanos == 0 {
		field(clock%60, 'S')
		return string(b)
	}
	b = append(strconv.AppendInt(b, clock%60, 10), '.')
	nanos := strconv.FormatInt(1e9+d.nanos, 10)[1:]
	return string(append(append(b, strings.TrimRight(nanos, "0")...), 'S'))
}

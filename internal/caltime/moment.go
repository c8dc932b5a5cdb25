// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package caltime

import (
	"sort"
	"strings"
	"time"
)

const maxMoment = 64 // bytes

// Moment is what the clock is compared with: an instant, or a whole day. It is
// the span from Begins to just before Ends; an instant is one nanosecond long.
// The zero Moment is over.
type Moment struct {
	begins, ends time.Time
	day          bool
}

// Instant makes a moment of a time.
func Instant(t time.Time) Moment {
	t = t.Round(0) // a monotonic reading says nothing about the calendar
	return Moment{begins: t, ends: t.Add(1)}
}

// ParseMoment reads an xsd:dateTime ("2027-07-01T00:00:00+09:00"), or an
// xsd:date, which is the whole day ("2027-07-01"). Where the text names no
// zone, zone applies; nil is UTC. Years are 0001 to 9999, also in UTC; 24:00:00
// is the midnight that ends the day. A time that a change of clocks in zone
// skips or repeats is resolved as by time.Date. Errors are ErrSyntax.
func ParseMoment(s string, zone *time.Location) (Moment, error) {
	if len(s) > maxMoment {
		return Moment{}, fault("longer than 64 bytes")
	}
	if zone == nil {
		zone = time.UTC
	}
	s, zone, err := cutZone(s, zone)
	if err != nil {
		return Moment{}, err
	}
	text, clock, timed := strings.Cut(s, "T")
	date, err := parseDate(text)
	if err != nil {
		return Moment{}, err
	}
	if !timed {
		return Moment{firstInstant(date, zone), firstInstant(date.AddDate(0, 0, 1), zone), true}, nil
	}
	hms, nanos, err := parseClock(clock)
	if err != nil {
		return Moment{}, err
	}
	year, month, day := date.Date()
	t := time.Date(year, month, day, hms[0], hms[1], hms[2], int(nanos), zone)
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return Moment{}, fault("outside the years 0001 to 9999")
	}
	return Instant(t), nil
}

// cutZone cuts the zone from the end of s. Without one, it is the given.
func cutZone(s string, given *time.Location) (string, *time.Location, error) {
	if rest, ok := strings.CutSuffix(s, "Z"); ok {
		return rest, time.UTC, nil
	}
	i := len(s) - len("+09:00")
	if i < 0 || s[i] != '+' && s[i] != '-' || s[i+3] != ':' {
		return s, given, nil
	}
	hours, ok1 := fixed(s[i+1:i+3], 2)
	minutes, ok2 := fixed(s[i+4:], 2)
	offset := hours*3600 + minutes*60
	if !ok1 || !ok2 || minutes > 59 || offset > 14*3600 {
		return "", nil, fault("a zone is Z, or between -14:00 and +14:00")
	}
	if s[i] == '-' {
		offset = -offset
	}
	return s[:i], time.FixedZone("", offset), nil
}

// parseDate returns the midnight, in UTC, of a date such as 2027-07-01.
func parseDate(s string) (time.Time, error) {
	if len(s) != len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return time.Time{}, fault("a date is YYYY-MM-DD")
	}
	year, ok1 := fixed(s[:4], 4)
	month, ok2 := fixed(s[5:7], 2)
	day, ok3 := fixed(s[8:], 2)
	if !ok1 || !ok2 || !ok3 || year == 0 {
		return time.Time{}, fault("a date is YYYY-MM-DD, from the year 0001")
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if date.Month() != time.Month(month) || date.Day() != day {
		return time.Time{}, fault("a day that the calendar does not have")
	}
	return date, nil
}

// parseClock returns hour, minute and second of a time such as 12:30:00.5, and
// the nanoseconds.
func parseClock(s string) (hms [3]int, nanos int64, err error) {
	const form = "a time is hh:mm:ss"
	if len(s) < len(time.TimeOnly) || s[2] != ':' || s[5] != ':' {
		return hms, 0, fault(form)
	}
	for i := range hms {
		n, ok := fixed(s[3*i:3*i+2], 2)
		if !ok {
			return hms, 0, fault(form)
		}
		hms[i] = n
	}
	nanos, rest, err := fraction(s[len(time.TimeOnly):])
	switch {
	case err != nil:
		return hms, 0, err
	case rest != "":
		return hms, 0, fault(form)
	case hms == [3]int{24, 0, 0} && nanos == 0:
	case hms[0] > 23 || hms[1] > 59 || hms[2] > 59:
		return hms, 0, fault("a time that the clock does not show")
	}
	return hms, nanos, nil
}

// firstInstant returns when a date begins in a zone. Usually that is midnight;
// where a change of clocks skips it, it is the first instant that has this date
// or, if the zone left the date out, a later one.
func firstInstant(date time.Time, zone *time.Location) time.Time {
	const around = 2 * 24 * 3600 // seconds, more than clocks were ever changed by
	year, month, day := date.Date()
	from := time.Date(year, month, day, 0, 0, -around, 0, zone)
	return from.Add(time.Second * time.Duration(sort.Search(2*around, func(i int) bool {
		y, m, d := from.Add(time.Second * time.Duration(i)).Date()
		return !time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Before(date)
	})))
}

// Begins returns the first instant of m: at it, "before m" ends.
func (m Moment) Begins() time.Time { return m.begins }

// Ends returns the first instant after m: at it, "not after m" ends. For a day
// that is the beginning of the next, for an instant the next nanosecond.
func (m Moment) Ends() time.Time { return m.ends }

// Compare returns where t stands: -1 before m, 0 at the instant or within the
// day, and +1 after it.
func (m Moment) Compare(t time.Time) int {
	switch {
	case t.Before(m.begins):
		return -1
	case t.Before(m.ends):
		return 0
	}
	return 1
}

// String returns m as ParseMoment reads it: an instant in UTC, a day with the
// offset at which it begins.
func (m Moment) String() string {
	if m.day {
		return m.begins.Format("2006-01-02Z07:00")
	}
	return m.begins.UTC().Format("2006-01-02T15:04:05.999999999Z07:00")
}

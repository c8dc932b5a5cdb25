// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// ErrDate marks a text that is not a calendar date in the form 2025-11-05.
var ErrDate = errors.New("bad date")

// Date is a day of the calendar, without a time and without a zone. The zero
// value is no date. Dates compare with Equal or ==, Before and After.
type Date struct{ year, month, day int }

var dateForm = regexp.MustCompile(`^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$`)

// ParseDate reads a date such as 2025-11-05, and nothing that a spreadsheet may
// have made of it: 2025/11/05, a time of day behind it, or a serial number (ErrDate).
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	switch {
	case dateForm.MatchString(text) && err != nil:
		return Date{}, fmt.Errorf("%w: there is no day %s", ErrDate, strict.Quote(text))
	case err == nil && dateForm.MatchString(text):
		return Date{t.Year(), int(t.Month()), t.Day()}, nil
	case digits(text), strings.ContainsAny(text, "/:.") && strings.ContainsAny(text, "0123456789"):
		return Date{}, fmt.Errorf("%w: %s is how a spreadsheet writes a date; expected is the form 2025-11-05", ErrDate, strict.Quote(text))
	default:
		return Date{}, fmt.Errorf("%w: %s is not of the form 2025-11-05", ErrDate, strict.Quote(text))
	}
}

// MustDate is ParseDate for constants; it panics on a bad text.
func MustDate(text string) Date {
	d, err := ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Equal reports whether both are the same day.
func (d Date) Equal(e Date) bool { return d == e }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.time().Before(e.time()) }

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return e.Before(d) }

// AddMonths returns the same day so many months later or, where that month has no
// such day, its last day: 31 August and six months are 28 or 29 February
// (the rule of Regulation (EEC, Euratom) No 1182/71, Article 3(2)(c)).
func (d Date) AddMonths(months int) Date {
	first := time.Date(d.year, time.Month(d.month+months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), int(first.Month()), min(d.day, last)}
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.time().Weekday() }

// String is the form 2025-11-05, empty for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// MarshalText writes the form 2025-11-05.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Date) time() time.Time {
	return time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
}

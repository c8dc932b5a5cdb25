// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/caltime"
)

// compare judges a left value, which is there, against the right one. What
// each operator means is in docs/policy.md; with several left values:
//
//	eq, isA, lt, lteq, gt, gteq   at least one stands so to the right value
//	neq                           none equals the right value
//	isAnyOf, isNoneOf             at least one, or none, is among the right values
//	isAllOf                       all right values are among the left ones
//	hasPart                       each right value is, or lies below, a left one
//	isPartOf                      each left value is, or lies below, a right one
func compare(t Type, operator string, left []Datum, values []right) Result {
	switch operator {
	case Eq:
		return some(left, func(l *Datum) Result { return equal(t, l, &values[0]) })
	case Neq:
		return not(some(left, func(l *Datum) Result { return equal(t, l, &values[0]) }))
	case Lt, Lteq, Gt, Gteq:
		return some(left, func(l *Datum) Result { return ordered(t, operator, l, &values[0]) })
	case IsA:
		return some(left, func(l *Datum) Result { return truth(below(t, l.Text, values[0].text)) })
	case IsAnyOf:
		return some(left, func(l *Datum) Result { return among(t, l, values) })
	case IsNoneOf:
		return not(some(left, func(l *Datum) Result { return among(t, l, values) }))
	case IsAllOf:
		return each(values, func(r *right) Result {
			return some(left, func(l *Datum) Result { return equal(t, l, r) })
		})
	case HasPart:
		return each(values, func(r *right) Result {
			return some(left, func(l *Datum) Result { return truth(below(t, r.text, l.Text)) })
		})
	case IsPartOf:
		return each(left, func(l *Datum) Result {
			return some(values, func(r *right) Result { return truth(below(t, l.Text, r.text)) })
		})
	}
	return Unknown
}

// single reports whether the operator takes a single right value.
func single(operator string) bool {
	switch operator {
	case IsAnyOf, IsNoneOf, IsAllOf, HasPart, IsPartOf:
		return false
	}
	return true
}

func truth(b bool) Result {
	if b {
		return True
	}
	return False
}

func not(r Result) Result {
	switch r {
	case True:
		return False
	case False:
		return True
	default:
		return r
	}
}

func some[T any](list []T, judge func(*T) Result) Result {
	r := False
	for i := range list {
		r = any1(r, judge(&list[i]))
	}
	return r
}

func each[T any](list []T, judge func(*T) Result) Result {
	r := True
	for i := range list {
		r = all(r, judge(&list[i]))
	}
	return r
}

func among(t Type, l *Datum, values []right) Result {
	return some(values, func(r *right) Result { return equal(t, l, r) })
}

// equal compares two values. Deferred: the right one counts from an agreement
// that there is not yet.
func equal(t Type, l *Datum, r *right) Result {
	switch t {
	case TypeNumber:
		return truth(l.number.compare(r.number) == 0)
	case TypeMoment, TypeWindow, TypeElapsed:
		return byTime(l, r, func(c int) bool { return c == 0 })
	case TypeVersion:
		c, ok := compareVersions(l.Text, r.text)
		return truth(ok && c == 0)
	default:
		return truth(l.Text == r.text)
	}
}

func ordered(t Type, operator string, l *Datum, r *right) Result {
	fits := func(c int) bool {
		switch operator {
		case Lt:
			return c < 0
		case Lteq:
			return c <= 0
		case Gt:
			return c > 0
		}
		return c >= 0
	}
	switch t {
	case TypeNumber, TypeScalar:
		if !l.number.valid || !r.number.valid {
			return Unknown
		}
		return truth(fits(l.number.compare(r.number)))
	case TypeVersion:
		c, ok := compareVersions(l.Text, r.text)
		if !ok {
			return Unknown
		}
		return truth(fits(c))
	case TypeMoment, TypeWindow, TypeElapsed:
		return byTime(l, r, fits)
	default:
		return Unknown
	}
}

// byTime compares the clock with a moment, or with the end of a duration.
func byTime(l *Datum, r *right, fits func(int) bool) Result {
	switch {
	case !r.relative:
		return truth(fits(r.moment.Compare(l.Time)))
	case l.Base.IsZero():
		return Deferred
	}
	return truth(fits(l.Time.Compare(r.duration.AddTo(l.Base.UTC()))))
}

// below reports whether a value is another one or, of IRIs, lies below it: a
// purpose of a purpose, as a path of a path.
func below(t Type, what, of string) bool {
	if what == of {
		return true
	}
	rest, ok := strings.CutPrefix(what, of)
	return t == TypeIRI && ok && of != "" && (of[len(of)-1] == '/' || of[len(of)-1] == '#' || rest[0] == '/' || rest[0] == '#')
}

// compareVersions compares texts with the numbers in them taken as numbers.
// Two that differ in anything but numbers are of different things, and no
// order is between them.
func compareVersions(a, b string) (int, bool) {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na == 0 || nb == 0 {
			if a[0] != b[0] {
				return 0, false
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
		switch {
		case len(x) != len(y):
			return sign(len(x) - len(y)), true
		case x != y:
			return strings.Compare(x, y), true
		}
		a, b = a[na:], b[nb:]
	}
	return sign(len(a) - len(b)), true
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func sign(n int) int { return min(max(n, -1), 1) }

// boundary returns the moments at which a comparison of the clock with the
// value may change: before, between and after them it stays the same. base is
// the conclusion of the agreement.
func (r *right) boundary(base time.Time) []time.Time {
	switch {
	case r.relative && base.IsZero():
		return nil
	case r.relative:
		end := caltime.Instant(r.duration.AddTo(base.UTC()))
		return []time.Time{end.Begins(), end.Ends()}
	}
	return []time.Time{r.moment.Begins(), r.moment.Ends()}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

// Result is what a constraint, or a rule, comes to at one point and moment.
type Result uint8

// The results. The zero value is Unknown: what nobody judged does not hold.
const (
	Unknown  Result = iota // a term that nobody registered, or a value of the wrong type: deny
	False                  // it does not hold; so does what is absent
	True                   // it holds
	Deferred               // it cannot be told yet; see Point

	// absent is False in a permission; inside a prohibition it may be True.
	absent
)

var resultNames = [...]string{"unknown", "false", "true", "deferred", "absent"}

func (r Result) String() string { return resultNames[r] }

// MarshalText writes the result as a word.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote; any other word is Unknown.
func (r *Result) UnmarshalText(text []byte) error {
	*r = Unknown
	for i, name := range resultNames {
		if string(text) == name {
			*r = Result(i)
		}
	}
	return nil
}

// Point is where a policy is evaluated.
type Point uint8

// The points, in the order in which a contract comes to them. What is Deferred
// at the first two is allowed there and listed; at the last two it denies.
const (
	AtCatalog     Point = iota // is the offer shown?
	AtNegotiation              // is the agreement concluded?
	AtTransfer                 // does the transfer start?
	WhileRunning               // does it go on?
)

var pointNames = [...]string{"catalog", "negotiation", "transfer", "running"}

func (p Point) String() string { return pointNames[p] }

// ParsePoint reads the name of a point.
func ParsePoint(name string) (Point, bool) {
	for i, n := range pointNames {
		if n == name {
			return Point(i), true
		}
	}
	return 0, false
}

// MarshalText writes the point as a word.
func (p Point) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a word that ParsePoint knows.
func (p *Point) UnmarshalText(text []byte) error {
	var ok bool
	if *p, ok = ParsePoint(string(text)); !ok {
		return malformed("%.40q is no point", text)
	}
	return nil
}

// may reports whether a deferred constraint is let pass here.
func (p Point) may() bool { return p == AtCatalog || p == AtNegotiation }

// all joins what has to hold together. Unknown wins over everything, also over
// what would decide by itself; Deferred wins over absent, which counts as met,
// since what is learnt later may still decide.
func all(a, b Result) Result {
	for _, r := range [...]Result{Unknown, False, Deferred, absent} {
		if a == r || b == r {
			return r
		}
	}
	return True
}

// any1 joins what has to hold once.
func any1(a, b Result) Result {
	for _, r := range [...]Result{Unknown, True, absent, Deferred} {
		if a == r || b == r {
			return r
		}
	}
	return False
}

// one judges results of which exactly one has to hold.
func one(list []Result) Result {
	var count [len(resultNames)]int
	for _, r := range list {
		count[r]++
	}
	known, later := count[True], count[Deferred]
	switch {
	case count[Unknown] > 0:
		return Unknown
	case known > 1:
		return False
	case later > 1 || later == 1 && (known == 1 || count[absent] == 0): // it may yet make one too many, or the one
		return Deferred
	case count[absent] > 0:
		return absent
	}
	return truth(known == 1)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

// Range is what a mass or a content lies in. Where the true value is not known,
// Least and Most say how far it can be off; nothing is ever taken for zero.
type Range struct {
	Least, Most Decimal
	// More says that the value is strictly more than Least: all that "above" in a
	// supplier's verdict tells.
	More bool
}

func (r Range) add(s Range) Range {
	return Range{r.Least.Add(s.Least), r.Most.Add(s.Most), r.More || s.More}
}

func (r Range) times(d Decimal) Range { return Range{r.Least.Mul(d), r.Most.Mul(d), r.More} }

// Exact reports whether the value is known.
func (r Range) Exact() bool { return r.Least.Equal(r.Most) }

// Percent prints a content, which is a fraction, in % with so many decimals.
func (r Range) Percent(decimals int) string {
	if r.Exact() {
		return r.Least.Mul(whole(100)).Round(decimals)
	}
	return r.Least.Mul(whole(100)).Round(decimals) + " to " + r.Most.Mul(whole(100)).Round(decimals)
}

// State is a verdict on a limit. Of two, the greater one stands: above, unknown,
// below or absent.
type State string

// The states. NotListed is that on the day asked, or in the release asked, there
// was no such entry.
const (
	NotListed State = "not listed"
	Absent    State = "absent"  // certainly nothing
	Below     State = "below"   // certainly not more than the limit
	Unknown   State = "unknown" // an answer is missing; never to be read as absent
	Above     State = "above"   // certainly more than the limit
)

var lattice = map[State]int{NotListed: 0, Absent: 1, Below: 2, Unknown: 3, Above: 4}

// Join is the verdict on a whole of which these are the verdicts on the parts.
func (s State) Join(t State) State {
	if lattice[t] > lattice[s] {
		return t
	}
	return s
}

// judge compares a content with a limit. Above is strictly more: 0.1 % is not
// above 0.1 %.
func (r Range) judge(limit Decimal) State {
	switch compared := r.Least.Cmp(limit); {
	case compared > 0, compared == 0 && r.More:
		return Above
	case r.Most.IsZero():
		return Absent
	case r.Most.Cmp(limit) <= 0:
		return Below
	default:
		return Unknown
	}
}

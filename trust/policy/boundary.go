// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"math"
	"slices"
	"time"
)

// tick is the smallest step of a stored time.
const tick = time.Microsecond

// Ends returns when an agreement concluded at a time first stops permitting
// Use, by its clock alone; zero: never, or not by the clock. It is how long a
// consumer may keep what it received. Where the clock permits nothing from the
// conclusion on, that is the end.
func (c *Compiled) Ends(agreed time.Time) time.Time {
	before := c.byClock(agreed, agreed)
	ever := before
	for _, b := range c.boundaries(agreed) {
		if !b.After(agreed) {
			continue
		}
		permits := c.byClock(agreed, b)
		if before && !permits {
			return b.Truncate(tick)
		}
		before, ever = permits, ever || permits
	}
	if !ever {
		return agreed
	}
	return time.Time{}
}

// byClock evaluates at a moment; whatever does not depend on the clock may come
// out either way.
func (c *Compiled) byClock(agreed, now time.Time) bool {
	e := evaluation{facts: &Facts{Point: WhileRunning, Now: now, Agreed: agreed}, clockOnly: true}
	return c.run(&e, nil)
}

// Next returns the first moment after f.Now at which the clock, or the term of
// a credential, may change the verdict; zero: there is none.
func (c *Compiled) Next(f *Facts) time.Time {
	moments := c.boundaries(f.Agreed)
	for _, cred := range f.Claims.Credentials {
		moments = append(moments, cred.ValidFrom, cred.ValidUntil)
	}
	var next time.Time
	for _, m := range moments {
		if m.After(f.Now) && (next.IsZero() || m.Before(next)) {
			next = m
		}
	}
	return next
}

// boundaries are the moments at which constraints of the clock change, in
// order.
func (c *Compiled) boundaries(agreed time.Time) []time.Time {
	var list []time.Time
	c.visit(func(a *atom) {
		if a.problem != "" || a.operand.Source != FromClock {
			return
		}
		for i := range a.right {
			list = append(list, a.right[i].boundary(agreed)...)
		}
	})
	slices.SortFunc(list, time.Time.Compare)
	return list
}

// Unlimited is a limit that is none.
const Unlimited int64 = -1

// StartLimit returns how many transfers may be started under the agreement,
// and ByteLimit how many bytes may be sent, if all else stays as the facts have
// it. Unlimited: there is no limit; 0: nothing is permitted.
func (c *Compiled) StartLimit(f Facts) int64 {
	return c.limit(LeftCount, func(n int64) bool {
		f.memo, f.Usage.Started = nil, n
		return c.Permits(&f)
	})
}

// ByteLimit is StartLimit for bytes.
func (c *Compiled) ByteLimit(f Facts) int64 {
	return c.limit(LeftBytes, func(n int64) bool {
		f.memo, f.Usage.Bytes = nil, n
		return c.Permits(&f)
	})
}

// limit tries the numbers at which a counter's constraints change, from the
// largest down. A counter ends where int64 does, and so does every limit.
func (c *Compiled) limit(left string, permits func(int64) bool) int64 {
	if permits(math.MaxInt64) {
		return Unlimited
	}
	at := []int64{math.MaxInt64 - 1}
	c.visit(func(a *atom) {
		if a.left != left {
			return
		}
		for i := range a.right {
			if n, ok := a.right[i].number.floor(); ok && n >= 0 {
				at = append(at, n, n-1)
			}
		}
	})
	slices.Sort(at)
	slices.Reverse(at)
	for _, n := range slices.Compact(at) {
		if n >= 0 && permits(n) {
			return n
		}
	}
	return 0
}

// floor is the largest whole number that is not above n.
func (n number) floor() (int64, bool) {
	if n.exact == nil {
		return n.whole, n.valid
	}
	quotient := newFloor(n.exact)
	return quotient.Int64(), n.valid && quotient.IsInt64()
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
)

func (b *box) usage(contextID, agreement string) transfer.Usage {
	b.Helper()
	u, err := b.o().Usage(b.ctx, contextID, agreement)
	b.must(err)
	return u
}

func (b *box) used(started, bytes int64) {
	b.Helper()
	b.equal("usage", b.usage(owner, "a"), transfer.Usage{Started: started, Bytes: bytes})
}

// starting claims a start under the agreement a, which makes want of them.
func (b *box) starting(process string, limit, want int64) {
	b.Helper()
	started, err := b.o().ClaimStart(b.ctx, owner, "a", process, limit)
	b.must(err)
	b.equal("started", started, want)
}

// exhausted claims one start too many.
func (b *box) exhausted(process string, limit, has int64) {
	b.Helper()
	started, err := b.o().ClaimStart(b.ctx, owner, "a", process, limit)
	b.is("one more", err, transfer.ErrExhausted)
	b.equal("started", started, has)
}

func (b *box) take(want, limit, granted int64) {
	b.Helper()
	got, err := b.o().TakeBytes(b.ctx, owner, "a", "p", want, limit)
	b.must(err)
	b.equal(fmt.Sprint(want, " of ", limit), got, granted)
}

var starts = []contract{
	{"ClaimStart counts each process once, up to the limit", func(b *box) {
		b.used(0, 0)
		b.starting("p", 2, 1)
		b.starting("p", 2, 1)
		b.starting("q", 2, 2)
		b.exhausted("r", 2, 2)
		b.used(2, 0)
		b.starting("q", 2, 2)
	}},
	{"a process that was counted is counted at the limit and above it", func(b *box) {
		b.starting("p", -1, 1)
		b.starting("q", -1, 2)
		for _, limit := range []int64{2, 1, 0} {
			b.starting("p", limit, 2)
			b.exhausted("r", limit, 2)
		}
	}},
	{"a limit below zero is none, and of zero allows nothing", func(b *box) {
		b.exhausted("p", 0, 0)
		b.used(0, 0)
		for i := range int64(20) {
			b.starting(fmt.Sprint("p", i), -1, i+1)
		}
	}},
	{"a start that is refused is not counted: it can be claimed once there is room", func(b *box) {
		b.starting("p", 1, 1)
		b.exhausted("q", 1, 1)
		b.must(b.o().ReleaseStart(b.ctx, owner, "a", "p"))
		b.used(0, 0)
		b.starting("q", 1, 1)
		b.exhausted("p", 1, 1)
	}},
	{"ReleaseStart undoes a claim once, and none that was not made", func(b *box) {
		b.must(b.o().ReleaseStart(b.ctx, owner, "a", "p"))
		b.used(0, 0)
		b.starting("p", -1, 1)
		b.starting("q", -1, 2)
		for range 3 {
			b.must(b.o().ReleaseStart(b.ctx, owner, "a", "p"))
			b.must(b.o().ReleaseStart(b.ctx, owner, "a", "never"))
			b.must(b.o().ReleaseStart(b.ctx, owner, "other", "q"))
			b.used(1, 0)
		}
		b.starting("p", 2, 2)
	}},
	{"each agreement has its own count, and every byte of an id counts", func(b *box) {
		b.starting("p", 1, 1)
		for _, a := range []string{"A", "a ", "ab", "日本"} {
			started, err := b.o().ClaimStart(b.ctx, owner, a, "p", 1)
			b.must(err)
			b.equal(a, started, int64(1))
		}
		b.starting("P", 2, 2)
	}},
	{"of many that claim at the same time, no more start than may", func(b *box) {
		const limit = 21
		var won, lost atomic.Int64
		b.enforcers(64, func(i int, s Policy) error {
			started, err := s.ClaimStart(b.ctx, owner, "a", fmt.Sprint("p", i), limit)
			switch {
			case err == nil && started >= 1 && started <= limit:
				won.Add(1)
			case errors.Is(err, transfer.ErrExhausted) && started == limit:
				lost.Add(1)
			default:
				return fmt.Errorf("%d started: %w", started, err)
			}
			return nil
		})
		b.equal("started", won.Load(), int64(limit))
		b.equal("refused", lost.Load(), int64(64-limit))
		b.used(limit, 0)
	}},
	{"of many claims and releases of one process at the same time, each counts once", func(b *box) {
		b.starting("other", -1, 1)
		b.enforcers(64, func(int, Policy) error { return nil }) // both are open
		for _, release := range []bool{false, true} {
			b.enforcers(64, func(_ int, s Policy) error {
				if release {
					return s.ReleaseStart(b.ctx, owner, "a", "p")
				}
				_, err := s.ClaimStart(b.ctx, owner, "a", "p", 2)
				return err
			})
			if release {
				b.used(1, 0)
			} else {
				b.used(2, 0)
			}
		}
	}},
	{"a start of nothing is refused", func(b *box) {
		for _, ids := range [][3]string{{"", "a", "p"}, {owner, "", "p"}, {owner, "a", ""}, {owner, "a\x00", "p"}, {owner, "a", strings.Repeat("p", rule.MaxID+1)}} {
			_, err := b.o().ClaimStart(b.ctx, ids[0], ids[1], ids[2], -1)
			b.notKept("claim", err)
			b.notKept("release", b.o().ReleaseStart(b.ctx, ids[0], ids[1], ids[2]))
		}
	}},
}

var metered = []contract{
	{"TakeBytes grants what is left below the limit", func(b *box) {
		b.take(40, 100, 40)
		b.take(40, 100, 40)
		b.take(40, 100, 20)
		b.take(40, 100, 0)
		b.used(0, 100)
	}},
	{"a limit that was lowered grants nothing, and one that was raised the rest", func(b *box) {
		b.take(100, 100, 100)
		b.take(1, 50, 0)
		b.used(0, 100)
		b.take(100, 130, 30)
		b.used(0, 130)
	}},
	{"a limit below zero is none, and of zero allows nothing", func(b *box) {
		b.take(1, 0, 0)
		b.used(0, 0)
		b.take(1<<40, -1, 1<<40)
		b.take(math.MaxInt64, -1, math.MaxInt64-1<<40)
		b.used(0, math.MaxInt64)
		b.take(1, -1, 0)
	}},
	{"to take nothing grants nothing and counts nothing", func(b *box) {
		b.take(0, -1, 0)
		b.take(5, 10, 5)
		b.take(0, 10, 0)
		b.used(0, 5)
	}},
	{"ReturnBytes gives back, and they can be taken again", func(b *box) {
		b.take(100, 100, 100)
		b.must(b.o().ReturnBytes(b.ctx, owner, "a", "p", 30))
		b.must(b.o().ReturnBytes(b.ctx, owner, "a", "p", 0))
		b.used(0, 70)
		b.take(50, 100, 30)
	}},
	{"more than was taken cannot be returned, and nothing is", func(b *box) {
		b.notKept("of nothing", b.o().ReturnBytes(b.ctx, owner, "a", "p", 1))
		b.take(10, -1, 10)
		b.notKept("too much", b.o().ReturnBytes(b.ctx, owner, "a", "p", 11))
		b.used(0, 10)
		b.must(b.o().ReturnBytes(b.ctx, owner, "a", "p", 10))
		b.used(0, 0)
	}},
	{"starts and bytes are counted apart", func(b *box) {
		b.take(10, 10, 10)
		b.starting("p", 1, 1)
		b.used(1, 10)
		b.must(b.o().ReleaseStart(b.ctx, owner, "a", "p"))
		b.must(b.o().ReturnBytes(b.ctx, owner, "a", "p", 4))
		b.used(0, 6)
	}},
	{"of many that take at the same time, all that may be taken is, and no more", func(b *box) {
		const limit = 64*10*7 - 100
		var taken, short atomic.Int64
		b.enforcers(64, func(_ int, s Policy) error {
			for range 10 {
				n, err := s.TakeBytes(b.ctx, owner, "a", "p", 7, limit)
				if err != nil {
					return err
				}
				if n < 7 {
					short.Add(1)
				}
				taken.Add(n)
			}
			return nil
		})
		b.equal("taken", taken.Load(), int64(limit))
		b.equal("takes that got less", short.Load(), int64(15)) // 100 = 14×7 + 2
		b.used(0, limit)
	}},
	{"what is taken and returned at the same time adds up", func(b *box) {
		var kept atomic.Int64
		b.enforcers(64, func(i int, s Policy) error {
			n, err := s.TakeBytes(b.ctx, owner, "a", "p", int64(i+1), 1000)
			if err != nil || n == 0 {
				return err
			}
			kept.Add(n - n/2)
			return s.ReturnBytes(b.ctx, owner, "a", "p", n/2)
		})
		b.used(0, kept.Load())
	}},
	{"bytes of nothing, and fewer than none, are refused", func(b *box) {
		for _, c := range []struct {
			context, agreement string
			n                  int64
		}{{"", "a", 1}, {owner, "", 1}, {owner, "a\xff", 1}, {owner, "a", -1}} {
			_, err := b.o().TakeBytes(b.ctx, c.context, c.agreement, "p", c.n, -1)
			b.notKept("take", err)
			b.notKept("return", b.o().ReturnBytes(b.ctx, c.context, c.agreement, "p", c.n))
		}
		b.used(0, 0)
	}},
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/netip"
	"sync"
	"time"
)

// Limits of how often somebody may be wrong about a secret. The second is for
// a guesser with many addresses; it leaves others their turn.
const (
	guessTime       = time.Minute
	guessesOfOne    = 10  // in guessTime, of an address at an endpoint of a participant
	guessesOfAll    = 600 // of all addresses together
	maxGuessers     = 4096
	guesserV6Prefix = 64 // what one household has of IPv6
)

// guesses counts wrong secrets. What is right does not count, however often it
// comes.
type guesses struct {
	now func() time.Time

	mu    sync.Mutex
	known map[guesser]*wrong
}

// guesser is an address at an endpoint; no address: all of them.
type guesser struct {
	context, route string
	from           netip.Prefix
}

type wrong struct {
	since time.Time
	count int
}

// guessersAt returns under which names an attempt counts.
func guessersAt(contextID, route, address string) [2]guesser {
	all := guesser{context: contextID, route: route}
	one := all
	if ip, err := netip.ParseAddr(address); err == nil {
		ip = ip.Unmap().WithZone("")
		bits := ip.BitLen()
		if ip.Is6() {
			bits = guesserV6Prefix
		}
		one.from, _ = ip.Prefix(bits)
	}
	return [2]guesser{one, all}
}

// pause says how long to wait before the next attempt; 0: it may be made.
func (g *guesses) pause(at [2]guesser) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	for i, limit := range []int{guessesOfOne, guessesOfAll} {
		w := g.known[at[i]]
		if w != nil && now.Sub(w.since) < guessTime && w.count >= limit {
			return guessTime - now.Sub(w.since)
		}
	}
	return 0
}

// failed counts an attempt that was wrong.
func (g *guesses) failed(at [2]guesser) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	for _, name := range at {
		w := g.known[name]
		if w == nil || now.Sub(w.since) >= guessTime {
			w = g.add(name, now)
		}
		w.count++
	}
}

// add begins to count anew, and forgets what is over, or else the oldest, but
// for the counts of all addresses: there is one for each endpoint of ours.
func (g *guesses) add(name guesser, now time.Time) *wrong {
	if g.known == nil {
		g.known = map[guesser]*wrong{}
	}
	if len(g.known) >= maxGuessers {
		var oldest guesser
		var since time.Time
		for other, w := range g.known {
			switch {
			case now.Sub(w.since) >= guessTime:
				delete(g.known, other)
			case other.from.IsValid() && (since.IsZero() || w.since.Before(since)):
				oldest, since = other, w.since
			}
		}
		if len(g.known) >= maxGuessers {
			delete(g.known, oldest)
		}
	}
	w := &wrong{since: now}
	g.known[name] = w
	return w
}

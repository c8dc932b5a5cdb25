// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// Start is where every world's clock begins.
var Start = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// World is a dataspace in memory.
type World struct {
	T       testing.TB
	Clock   *Clock
	DIDs    *DIDs
	Replays *Replays
	Keys    *Keys
	Network *Network
	// Lenient lists the DIDs that Authenticator judges leniently; Relaxed
	// collects the relaxations it made use of.
	Lenient map[string]bool
	Relaxed []string

	random *rand.ChaCha8
	mu     sync.Mutex
	ids    int
	party  map[string]*Party
}

// NewWorld makes an empty world. Its keys and ids are the same each time.
func NewWorld(t testing.TB) *World {
	t.Helper()
	clock := &Clock{now: Start}
	return &World{
		T: t, Clock: clock, DIDs: newDIDs(clock), Replays: &Replays{used: map[string]time.Time{}}, Keys: newKeys(),
		Network: &Network{hosts: map[string]host{}}, Lenient: map[string]bool{},
		random: rand.NewChaCha8([32]byte{1}), party: map[string]*Party{},
	}
}

// NewID returns ids that are all different: 00000000-0000-7000-8000-000000000001
// and so on.
func (w *World) NewID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("00000000-0000-7000-8000-%012d", w.ids)
}

// Tokens returns the product's mint over the keys of this world.
func (w *World) Tokens() *dcp.Tokens {
	return &dcp.Tokens{Keys: w.Keys, Now: w.Clock.Now, NewID: w.NewID}
}

// Authenticator returns the product's checks over this world.
func (w *World) Authenticator() *dcp.Authenticator {
	return &dcp.Authenticator{
		DIDs: w.DIDs, Replays: w.Replays, Now: w.Clock.Now, Conformance: w.conformance,
		Relaxed: func(_, id, what string) { w.Relaxed = append(w.Relaxed, id+": "+what) },
	}
}

// Clock is set by hand.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it on, or back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set sets it.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// participants makes World a source of participants, by context.
func (w *World) participant(contextID string) (trust.Participant, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.party {
		if p.Context == contextID {
			return p.Participant(), nil
		}
	}
	return trust.Participant{}, trust.ErrUnknownParticipant
}

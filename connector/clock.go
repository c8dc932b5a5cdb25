// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// This file is the one door to the clock, to chance and to new ids. All other
// code gets them as parameters.

func now() time.Time { return time.Now().UTC() }

func timer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// newID returns a UUID of version 7 as a URN (RFC 9562): unique everywhere,
// and in the order of time for the store.
func newID() string { return uuid.Must(uuid.NewV7()).URN() }

// jitter spreads retries; nothing secret hangs on it.
func jitter() float64 { return rand.Float64() }

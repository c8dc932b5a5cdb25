// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"time"
)

// The pauses between two looks at what cannot be waited on.
const (
	firstPause   = 20 * time.Millisecond
	longestPause = 250 * time.Millisecond
)

// poll looks until look is done or fails, or ctx ends; each pause is longer
// than the one before, so that a hundred of them leave the machine to those
// that are looked at.
func poll(ctx context.Context, look func() (done bool, err error)) error {
	for pause := firstPause; ; pause = min(pause*3/2, longestPause) {
		if done, err := look(); done || err != nil {
			return err
		}
		again := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			again.Stop()
			return context.Cause(ctx)
		case <-again.C:
		}
	}
}

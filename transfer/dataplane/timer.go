// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"time"
)

// timer fires once after d; stop releases it.
type timer func(d time.Duration) (fired <-chan time.Time, stop func())

// sleep waits for d, or returns why ctx is over.
func (t timer) sleep(ctx context.Context, d time.Duration) error {
	fired, stop := t(d)
	defer stop()
	select {
	case <-fired:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

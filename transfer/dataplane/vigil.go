// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"time"
)

// vigil is kept of a transfer while one body of it is under way, by whoever can
// cut that off. (The bodies that a plane serves share one, which is live.)
type vigil struct {
	watch   func() (changed <-chan struct{}, stop func())
	changed <-chan struct{} // closed at the next commit
	stop    func()
}

// newVigil begins to watch a transfer. Who looks after that misses no commit.
func newVigil(watch func(contextID, id string) (<-chan struct{}, func()), contextID, process string) *vigil {
	v := &vigil{watch: func() (<-chan struct{}, func()) { return watch(contextID, process) }}
	v.changed, v.stop = v.watch()
	return v
}

// end is called when nobody waits for a commit any more.
func (v *vigil) end() { v.stop() }

// keep asks whether the body may go on, at each commit and each second, and
// returns what forbids it; nil: ctx is over.
func (v *vigil) keep(ctx context.Context, every timer, may func(context.Context) error) error {
	for v.wait(ctx, every) {
		v.stop()
		v.changed, v.stop = v.watch() // before looking, so that no commit is missed
		if err := may(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// wait waits for the next look; false: ctx is over.
func (v *vigil) wait(ctx context.Context, every timer) bool {
	fired, release := every(recheck)
	defer release()
	select {
	case <-v.changed:
	case <-fired:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// commitsAlone is the timer of a vigil whose keeper looks at commits alone.
func commitsAlone(time.Duration) (<-chan time.Time, func()) { return nil, func() {} }

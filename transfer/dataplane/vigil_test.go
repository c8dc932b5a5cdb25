// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// commits is what a vigil watches: one transfer.
type commits struct {
	next     chan struct{}
	watching int
}

func (c *commits) watch(string, string) (<-chan struct{}, func()) {
	c.watching++
	c.next = make(chan struct{})
	return c.next, func() { c.watching-- }
}

// TestVigil: each commit is looked at, also one that falls into a look before,
// and only a refusal while the body is under way ends it.
func TestVigil(t *testing.T) {
	second := func(time.Duration) (<-chan time.Time, func()) {
		fired := make(chan time.Time, 1)
		fired <- time.Time{}
		return fired, func() {}
	}
	for name, tc := range map[string]struct {
		every timer
		look  func(n int, c *commits, over func()) error
		looks int
		want  error
	}{
		"a commit that forbids it": {commitsAlone, func(int, *commits, func()) error { return transfer.ErrSuspended }, 1, transfer.ErrSuspended},
		"a commit during a look": {commitsAlone, func(n int, c *commits, _ func()) error {
			if n == 1 {
				close(c.next)
				return nil
			}
			return transfer.ErrEnded
		}, 2, transfer.ErrEnded},
		"seconds without a commit": {second, func(n int, _ *commits, _ func()) error {
			if n < 5 {
				return nil
			}
			return transfer.ErrEnded
		}, 5, transfer.ErrEnded},
		"a body that ends":               {commitsAlone, func(_ int, _ *commits, over func()) error { over(); return nil }, 1, nil},
		"a body that ends during a look": {commitsAlone, func(_ int, _ *commits, over func()) error { over(); return context.Canceled }, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, over := context.WithCancel(t.Context())
			defer over()
			c, looks := &commits{}, 0
			v := newVigil(c.watch, "prov", "t1")
			close(c.next)
			err := v.keep(ctx, tc.every, func(context.Context) error {
				looks++
				return tc.look(looks, c, over)
			})
			if v.end(); !errors.Is(err, tc.want) || looks != tc.looks || c.watching != 0 {
				t.Errorf("%v after %d looks, and %d watch on; want %v after %d", err, looks, c.watching, tc.want, tc.looks)
			}
		})
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package killtest

import (
	"context"
	"fmt"
	"syscall"
	"testing"
)

// lease is one that a replica held when it was stopped.
type lease struct{ work, fence string }

// freeze stops a replica, as a machine does that has no time for it, while it
// holds leases, and returns these.
func freeze(ctx context.Context, t *testing.T, c *cluster, s *side) ([]lease, error) {
	t.Helper()
	for ctx.Err() == nil {
		if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			return nil, err
		}
		if held := leases(t, c, s); len(held) > 0 {
			return held, nil
		}
		if err := s.thaw(); err != nil {
			return nil, err
		}
		pause(ctx, again)
	}
	return nil, fmt.Errorf("%s was never seen with a lease", s.name)
}

func (s *side) thaw() error { return s.cmd.Process.Signal(syscall.SIGCONT) }

// leases are what a replica holds now.
func leases(t *testing.T, c *cluster, s *side) (list []lease) {
	t.Helper()
	query(t, c.dsn, `SELECT process || ' ' || op, CAST(fence AS text) FROM outbox WHERE owner = '`+s.name+`'`, func(row []string) {
		list = append(list, lease{row[0], row[1]})
	})
	return list
}

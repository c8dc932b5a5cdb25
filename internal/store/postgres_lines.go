// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"net"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// lines are the open connections to the server, so that all can be dropped at
// once: those of a server that fell silent would be waited on for minutes, and
// those of one that became read-only stay good for reading.
type lines struct {
	mu   sync.Mutex
	open map[*line]bool
}

type line struct {
	net.Conn
	of *lines
}

// through has dial's connections kept. While there is no server, none is made.
func (l *lines) through(h *health, dial pgconn.DialFunc) pgconn.DialFunc {
	l.open = map[*line]bool{}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if err := h.refusal(); err != nil {
			return nil, err
		}
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c := &line{conn, l}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.open[c] = true
		return c, nil
	}
}

// Close implements net.Conn.
func (c *line) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// drop closes all connections; whoever waits on one is told at once.
func (l *lines) drop() {
	l.mu.Lock()
	list := l.open
	l.open = map[*line]bool{}
	l.mu.Unlock()
	for c := range list {
		_ = c.Conn.Close() // they are of no use
	}
}

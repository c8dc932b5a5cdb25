// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// lines are the open connections to the server, so that all can be dropped at
// once: those of a server that fell silent would be waited on for minutes, and
// those of one that became read-only stay good for reading.
type lines struct {
	mu    sync.Mutex
	open  map[*line]bool
	heard atomic.Uint64 // goes up with whatever comes back on any of them
}

// alive has the operating system ask whether a connection on which nothing
// happens is still one.
var alive = net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}

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
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetKeepAliveConfig(alive) // or as the system has it
		}
		c := &line{conn, l}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.open[c] = true
		return c, nil
	}
}

// Read implements net.Conn.
func (c *line) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.of.heard.Add(1)
	}
	return n, err
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

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// line is what lies between a process and its database server, and can fail.
type line struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	state lineState
	ends  map[net.Conn]bool // both of each connection
}

type lineState int

const (
	passes lineState = iota
	cut              // connections are reset, new ones too
	silent           // connections stay, and nothing comes through
)

// newLine returns a line to the server of a data source name, and the name
// that leads through it.
func newLine(t *testing.T, dsn string) (*line, string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener, server: u.Host, ends: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = listener.Close()
		l.set(cut)
	})
	go l.serve(t)
	u.Host = listener.Addr().String()
	return l, u.String()
}

// set changes what the line does. What was open before a change is of no use
// after it: bytes are missing.
func (l *line) set(state lineState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if state != silent {
		for end := range l.ends {
			reset(end)
		}
		clear(l.ends)
	}
	l.state = state
}

func (l *line) is() lineState {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

func reset(end net.Conn) {
	if c, ok := end.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
	_ = end.Close()
}

func (l *line) serve(t *testing.T) {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", l.server)
		if err != nil || !l.joined(client, server) {
			reset(client)
			if err == nil {
				reset(server)
			}
			continue
		}
		go l.pump(client, server)
		go l.pump(server, client)
	}
}

// joined takes note of a new connection, unless the line is cut.
func (l *line) joined(client, server net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == cut {
		return false
	}
	l.ends[client], l.ends[server] = true, true
	return true
}

// pump carries bytes one way, or loses them.
func (l *line) pump(from, to net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && l.is() != silent {
			if _, failed := to.Write(buffer[:n]); err == nil {
				err = failed
			}
		}
		if err != nil {
			break
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == silent { // the other end does not learn of it
		return
	}
	for _, end := range []net.Conn{from, to} {
		_ = end.Close()
		delete(l.ends, end)
	}
}

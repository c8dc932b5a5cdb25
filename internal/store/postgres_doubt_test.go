// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"
)

// between passes bytes to a server and back, until the answers are cut off or lost.
type between struct {
	net.Listener
	server string
	cut    atomic.Bool
	silent atomic.Bool // answers are lost; the connections stay
}

func newBetween(t *testing.T, dsn string) (*between, string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &between{Listener: l, server: u.Host}
	t.Cleanup(func() { _ = l.Close() })
	go b.serve(t)
	u.Host = l.Addr().String()
	return b, u.String()
}

func (b *between) serve(t *testing.T) {
	for {
		client, err := b.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.server)
		if err != nil {
			_ = client.Close()
			return
		}
		go func() {
			_, _ = io.Copy(server, client)
			_ = server.Close()
		}()
		go b.answer(client, server)
	}
}

// answer drops the connection in place of the first answer after the cut: the
// server has done what was asked.
func (b *between) answer(client, server net.Conn) {
	defer client.Close()
	defer server.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil || b.cut.CompareAndSwap(true, false) {
			return
		}
		if b.silent.Load() {
			continue
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// unwatched ends the watch over the server, which would meet the cut, too.
func unwatched(s *onPostgres) *onPostgres {
	s.unwatch()
	s.unwatch = func() {}
	return s
}

// Who repeated the statement would take his own record for that of a replay,
// and call an honest sender a liar.
func TestPostgresDoesNotCallATokenUsedWhenItsAnswerWasLost(t *testing.T) {
	t.Parallel()
	dsn := PostgresDSN(t)
	line, through := newBetween(t, dsn)
	s := unwatched(openServer(t, through))
	if first, err := s.UseToken(t.Context(), "c", "i", "before", time.Unix(9, 0)); err != nil || !first {
		t.Fatal(first, err)
	}
	line.cut.Store(true)
	if _, err := s.UseToken(t.Context(), "c", "i", "t", time.Unix(9, 0)); !errors.Is(err, errDoubt) {
		t.Fatalf("got %v, want doubt", err)
	}
	if err := s.ReleaseToken(t.Context(), "c", "i", "t"); err != nil {
		t.Fatal(err)
	}
	if first, err := s.UseToken(t.Context(), "c", "i", "t", time.Unix(9, 0)); err != nil || !first {
		t.Fatal(first, err)
	}
}

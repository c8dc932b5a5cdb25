// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"context"
	"encoding/binary"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

func build(t testing.TB, cfg Config) *Clients {
	t.Helper()
	clients, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(clients.CloseIdle)
	return clients
}

func get(t testing.TB, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// countingListener counts the connections that reach it.
type countingListener struct {
	net.Listener
	accepted atomic.Int64
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.accepted.Add(1)
	}
	return conn, err
}

// server is an HTTPS server whose certificate holds for example.com and the
// loopback addresses, and a file with its authority.
type server struct {
	*httptest.Server
	listener *countingListener
	caFile   string
}

func serve(t testing.TB, address string, handler http.HandlerFunc) *server {
	t.Helper()
	inner, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("this machine has no %s: %v", address, err)
	}
	s := &server{Server: httptest.NewUnstartedServer(handler), listener: &countingListener{Listener: inner}}
	_ = s.Listener.Close()
	s.Listener = s.listener
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are meant
	s.StartTLS()
	t.Cleanup(s.Close)
	s.caFile = filepath.Join(t.TempDir(), "ca.pem")
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(s.caFile, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *server) port() string {
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	return port
}

// fakeDNS answers every question for addresses with what answer says now, so
// that it can change its mind between two lookups: IPv4 addresses as A records,
// all others as AAAA records.
func fakeDNS(answer func() []netip.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer ours.Close()
			// Over a pipe the resolver speaks the TCP form: two bytes of length.
			buf := make([]byte, 2+512)
			n, err := ours.Read(buf)
			for err == nil && n < 2+int(binary.BigEndian.Uint16(buf)) {
				var more int
				more, err = ours.Read(buf[n:])
				n += more
			}
			if err == nil {
				_, _ = ours.Write(dnsAnswer(buf[2:n], answer()))
			}
		}()
		return theirs, nil
	}}
}

// dnsAnswer builds a response (RFC 1035 section 4.1) to a query with one
// question and drops what follows the question.
func dnsAnswer(query []byte, addrs []netip.Addr) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5 // the root label, type and class
	kind := binary.BigEndian.Uint16(query[end-4:])
	msg := append([]byte(nil), query[:end]...)
	count := 0
	for _, addr := range addrs {
		var size byte
		switch {
		case kind == 1 && addr.Is4(): // A
			size = 4
		case kind == 28 && addr.Is6(): // AAAA
			size = 16
		default:
			continue
		}
		count++
		msg = append(msg, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, size) // name by pointer, type, IN, TTL 0
		msg = append(msg, addr.AsSlice()...)
	}
	msg[2], msg[3] = 0x81, 0x80 // response, recursion available, no error
	binary.BigEndian.PutUint16(msg[6:], uint16(count))
	clear(msg[8:12])
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)
}

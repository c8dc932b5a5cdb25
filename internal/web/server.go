// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of a connection. There is none on how long an answer may take: data
// is streamed for hours.
const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	maxHeader  = 64 << 10
)

// ServerConfig says where to listen.
type ServerConfig struct {
	Address string // host:port; port 0 picks a free one
	// CertFile and KeyFile are PEM files; they are read again when they
	// change. Without them the listener speaks plain HTTP.
	CertFile, KeyFile string
	Log               *slog.Logger // nil discards
}

// Server is a listener and what it serves.
type Server struct {
	listener net.Listener
	http     http.Server
	secure   bool
	log      *slog.Logger

	stopping chan struct{}
	once     sync.Once
	mu       sync.Mutex // orders the last requests before the wait for them
	closed   bool
	unused   map[net.Conn]bool // on which no byte of a request came yet
	requests sync.WaitGroup
	done     chan struct{} // closed when the accept loop has ended; nil before Serve
}

// Listen opens a listener that serves nothing before Serve.
func Listen(c ServerConfig) (*Server, error) {
	l, err := net.Listen("tcp", c.Address) //nolint:noctx // it returns at once: the address is ours
	if err != nil {
		return nil, err
	}
	s, err := NewServer(l, c)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return s, nil
}

// NewServer is Listen on a listener that is open already; c.Address is not
// looked at. Stop closes the listener.
func NewServer(l net.Listener, c ServerConfig) (*Server, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{listener: l, log: c.Log, stopping: make(chan struct{}), unused: map[net.Conn]bool{}}
	s.http = http.Server{
		ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug), ConnState: s.noteState,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, keyStopping, s.stopping)
		},
	}
	if c.CertFile == "" && c.KeyFile == "" {
		return s, nil
	}
	files := &certificate{certFile: c.CertFile, keyFile: c.KeyFile, log: c.Log}
	if _, err := files.load(nil); err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	s.secure = true
	s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: files.load}
	return s, nil
}

// Address is where the server listens, host:port.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Serve begins to serve h and returns at once. It may be called once.
func (s *Server) Serve(h http.Handler) {
	s.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			panic(http.ErrAbortHandler) // read just before its connection was cut
		}
		defer s.requests.Done()
		h.ServeHTTP(w, r)
	})
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		var err error
		if s.secure {
			err = s.http.ServeTLS(s.listener, "", "")
		} else {
			err = s.http.Serve(s.listener)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the listener failed", "address", s.Address(), "error", err)
		}
	}()
}

// Stop takes no more requests, has those that only wait answer now, and gives
// the others until ctx ends. Then their connections are cut. It returns when
// none is left; the error says that some were cut.
func (s *Server) Stop(ctx context.Context) error {
	s.once.Do(func() { close(s.stopping) })
	if s.done == nil {
		return s.listener.Close()
	}
	s.dropUnused()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were cut off: %w", err), s.http.Close())
	}
	<-s.done
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.requests.Wait()
	return err
}

// noteState keeps track of the connections that carry no request yet. Clients
// open some to spare, and Shutdown alone would wait five seconds for each.
func (s *Server) noteState(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state != http.StateNew {
		delete(s.unused, c)
		return
	}
	select {
	case <-s.stopping:
		_ = c.Close() // it comes too late
	default:
		s.unused[c] = true
	}
}

// dropUnused closes them, as Shutdown closes those between two requests.
func (s *Server) dropUnused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.unused {
		_ = c.Close() // the client dials again, elsewhere
	}
}

func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.requests.Add(1)
	}
	return !s.closed
}

// untilStop returns a context that also ends when the server begins to stop,
// for what only waits.
func untilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	stopping, ok := ctx.Value(keyStopping).(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	if !ok {
		return ctx, cancel
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(); <-ended }
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// stops makes the consumer's transfer be as err says, of which its provider
// knows nothing yet.
func (b *proxied) stops(err error, commit bool) {
	b.verdict.Store(&err)
	if !commit {
		(<-b.timers) <- time.Time{} // a second later
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, ch := range b.changed["cons/c1"] {
		close(ch)
	}
	delete(b.changed, "cons/c1")
}

// asks begins a request of the application.
func (b *proxied) asks(method string, body io.Reader) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	b.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, b.app.URL+"/pull/c1", body)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.clients.Operator.Stream(r)
}

// asleep is the connection of an application that reads no more.
type asleep struct {
	http.ResponseWriter
	full, woken chan struct{}
}

func (a *asleep) Write([]byte) (int, error) {
	close(a.full)
	<-a.woken
	return 0, os.ErrDeadlineExceeded
}

// SetWriteDeadline is for http.ResponseController.
func (a *asleep) SetWriteDeadline(at time.Time) error {
	if at.Before(time.Now()) {
		close(a.woken)
	}
	return nil
}

// Unwrap is for http.ResponseController.
func (a *asleep) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// TestProxyStopsWithTheTransfer: a body that has no end is cut off when the
// consumer's own transfer does not run any more, whatever the provider does.
func TestProxyStopsWithTheTransfer(t *testing.T) {
	for name, c := range map[string]struct {
		why            error
		commit, unread bool
	}{
		"a commit":                      {transfer.ErrSuspended, true, false},
		"a commit elsewhere":            {transfer.ErrEnded, false, false},
		"an application that is asleep": {transfer.ErrEnded, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newProxied(t, dataplane.Format)
			left, full := make(chan struct{}), make(chan struct{})
			if c.unread {
				b.asleep = &asleep{full: full, woken: make(chan struct{})}
			}
			b.serve(func(w http.ResponseWriter, r *http.Request) {
				defer close(left)
				piece := make([]byte, 64<<10)
				for r.Context().Err() == nil {
					if _, err := w.Write(piece); err != nil {
						return
					}
				}
			})
			read := make(chan error, 1)
			go func() {
				resp, err := b.asks(http.MethodGet, http.NoBody)
				if err == nil {
					defer resp.Body.Close()
					if !c.unread {
						_, _ = io.ReadFull(resp.Body, make([]byte, 1000))
						close(full)
					}
					_, err = io.Copy(io.Discard, resp.Body)
				}
				read <- err
			}()
			<-full
			b.stops(c.why, c.commit)
			if err := <-read; err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the application: %v", err)
			}
			select {
			case <-left:
			case <-time.After(patience):
				t.Fatal("the provider sends on")
			}
			if one := b.consumer.all(t, 1)[0]; one.Whole || one.Sent || one.SHA256 != "" {
				t.Errorf("%+v", one)
			}
		})
	}
}

// TestProxyStopsBeforeAnAnswer: who sends without an end, or waits for the first
// byte, is told that the transfer does not run any more.
func TestProxyStopsBeforeAnAnswer(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		b := newProxied(t, dataplane.Format)
		asked := make(chan struct{})
		b.serve(func(w http.ResponseWriter, r *http.Request) {
			close(asked)
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		})
		b.source.Rules = []dataplane.Rule{{Path: "/", Methods: []string{method}}}
		var body io.Reader = http.NoBody
		if method == http.MethodPost {
			r, w := io.Pipe()
			defer w.Close()
			go func() {
				for {
					if _, err := w.Write(make([]byte, 1000)); err != nil {
						return
					}
				}
			}()
			body = r
		}
		go func() {
			<-asked
			b.stops(transfer.ErrSuspended, true)
		}()
		resp, err := b.asks(method, body)
		if err == nil {
			_ = resp.Body.Close()
		}
		select {
		case err := <-b.failed:
			if !errors.Is(err, dataplane.ErrStopped) || !errors.Is(err, transfer.ErrSuspended) {
				t.Errorf("%s: %v", method, err)
			}
		case <-time.After(patience):
			t.Errorf("%s: it goes on", method)
		}
	}
}

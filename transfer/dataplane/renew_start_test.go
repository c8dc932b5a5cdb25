// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// starts is a transfer that is started again: its addresses, two replicas of
// the consumer with one store, and a provider who takes each refresh token once.
type starts struct {
	*renewing
	provider *httptest.Server
	store    *memory.Store
	one, two *dataplane.Renewer

	mu    sync.Mutex
	asked map[string]int           // renewals, by address
	holds map[string]chan struct{} // what the answer to the next one waits for
	held  chan string              // one that waits
}

func newStarts(t *testing.T) *starts {
	s := &starts{
		renewing: newRenewing(t), store: memory.New(),
		asked: map[string]int{}, holds: map[string]chan struct{}{}, held: make(chan string, 10),
	}
	s.one, s.two = s.replica("one", s.store), s.replica("two", s.store)
	s.provider = httptest.NewServer(http.HandlerFunc(s.renewal))
	t.Cleanup(func() { s.one.Close(); s.two.Close(); s.clients.CloseIdle(); s.provider.Close() })
	return s
}

// renewal is the provider's refresh endpoint.
func (s *starts) renewal(w http.ResponseWriter, r *http.Request) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	s.mu.Lock()
	hold, n := s.holds[name], s.asked[name]+1
	good := r.PostFormValue("refresh_token") == fmt.Sprintf("%s-refresh-%d", name, n-1)
	s.asked[name] = n
	delete(s.holds, name)
	s.mu.Unlock()
	if hold != nil {
		s.held <- name
		<-hold
	}
	w.Header().Set("Content-Type", "application/json")
	if !good {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_grant","code":"refresh-token-invalid","message":"it was used before"}`)
		return
	}
	_, _ = fmt.Fprintf(w, `{"access_token":"%s-access-%d","refresh_token":"%s-refresh-%d","expires_in":300}`, name, n, name, n)
}

// hold has the next renewal of an address wait until the returned function is
// called.
func (s *starts) hold(name string) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := make(chan struct{})
	s.holds[name] = wait
	return func() { close(wait) }
}

func (s *starts) await(t *testing.T, name string) {
	t.Helper()
	select {
	case got := <-s.held:
		if got != name {
			t.Fatalf("%s is renewed, not %s", got, name)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("%s is not renewed", name)
	}
}

func (s *starts) renewals(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[name]
}

// at is the transfer as it was read in a version, with the address of a start.
func (s *starts) at(version int64, name string) dataplane.Pulling {
	return dataplane.Pulling{Context: "cons", Process: "c1", Version: version, Peer: providerDID, Address: transfer.DataAddress{
		EndpointType: transfer.ProfileHTTPPull, Endpoint: s.provider.URL + "/" + name, Properties: []transfer.Property{
			{Name: transfer.PropertyAuthorization, Value: name + "-access-0"},
			{Name: transfer.PropertyRefreshToken, Value: name + "-refresh-0"},
			{Name: transfer.PropertyExpiresIn, Value: "300"},
			{Name: transfer.PropertyRefreshEndpoint, Value: s.provider.URL + "/" + name + "/:token"},
		},
	}}
}

// caller asks for a token; the channel gives what it got.
func (s *starts) caller(t *testing.T, r *dataplane.Renewer, c dataplane.Pulling) <-chan error {
	done := make(chan error, 1)
	ctx := t.Context()
	go func() {
		_, err := r.Token(ctx, c, "")
		done <- err
	}()
	return done
}

func (s *starts) keep(t *testing.T, r *dataplane.Renewer, c dataplane.Pulling) {
	t.Helper()
	if err := r.Keep(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// TestNewerStartWins: whatever an earlier start of the transfer is still about,
// the tokens of the newest are those that are kept, and nobody waits for it. The
// provider takes a refresh token once: if one were lost, no renewal would follow.
func TestNewerStartWins(t *testing.T) {
	superseded := func(t *testing.T, err error) {
		t.Helper()
		if !errors.Is(err, dataplane.ErrSuperseded) {
			t.Errorf("the caller of the earlier address: %v", err)
		}
	}
	const later = 10 * time.Minute
	for name, do := range map[string]func(*testing.T, *starts, *dataplane.Renewer){
		"the earlier renewal is answered after Keep": func(t *testing.T, s *starts, r *dataplane.Renewer) {
			release := s.hold("a")
			old := s.caller(t, s.one, s.at(3, "a"))
			s.await(t, "a")
			s.keep(t, r, s.at(7, "b"))
			release()
			superseded(t, <-old)
		},
		"it is answered once the later one was renewed": func(t *testing.T, s *starts, r *dataplane.Renewer) {
			release := s.hold("a")
			old := s.caller(t, s.one, s.at(3, "a"))
			s.await(t, "a")
			s.keep(t, r, s.at(7, "b"))
			s.pass(later)
			if err := <-s.caller(t, r, s.at(8, "b")); err != nil {
				t.Error(err)
			}
			release()
			superseded(t, <-old)
		},
		"it is answered while the later one is renewed, which was never kept": func(t *testing.T, s *starts, r *dataplane.Renewer) {
			release, releaseB := s.hold("a"), s.hold("b")
			old := s.caller(t, s.one, s.at(3, "a"))
			s.await(t, "a")
			now := s.caller(t, r, s.at(7, "b"))
			s.await(t, "b")
			release()
			superseded(t, <-old)
			releaseB()
			if err := <-now; err != nil {
				t.Error(err)
			}
		},
		"it is refused": func(t *testing.T, s *starts, r *dataplane.Renewer) {
			release := s.hold("a")
			c := s.at(3, "a")
			c.Address.Properties[1].Value = "used before"
			old := s.caller(t, s.one, c)
			s.await(t, "a")
			s.keep(t, r, s.at(7, "b"))
			release()
			if err := <-old; !errors.Is(err, dataplane.ErrRenewal) {
				t.Error(err)
			}
		},
		"a caller of the earlier address comes late": func(t *testing.T, s *starts, r *dataplane.Renewer) {
			s.keep(t, s.one, s.at(7, "b"))
			superseded(t, <-s.caller(t, r, s.at(6, "a")))
			if n := s.renewals("a"); n > 0 {
				t.Errorf("the earlier address was renewed %d times", n)
			}
		},
		"Keep of the earlier address comes late": func(t *testing.T, s *starts, r *dataplane.Renewer) {
			s.keep(t, s.one, s.at(7, "b"))
			superseded(t, r.Keep(t.Context(), s.at(6, "a")))
		},
		"Keep meets the renewal of its own address": func(t *testing.T, s *starts, r *dataplane.Renewer) {
			release := s.hold("b")
			now := s.caller(t, s.one, s.at(7, "b"))
			s.await(t, "b")
			s.keep(t, r, s.at(7, "b"))
			release()
			if err := <-now; err != nil {
				t.Error(err)
			}
		},
	} {
		for _, other := range []string{"one", "two"} {
			t.Run(name+"/"+other, func(t *testing.T) {
				s := newStarts(t)
				s.keep(t, s.one, s.at(2, "a"))
				s.pass(later)
				do(t, s, map[string]*dataplane.Renewer{"one": s.one, "two": s.two}[other])
				s.newest(t, later)
			})
		}
	}
}

// TestKeepOfAStartThatWasLost: where the start that brought an address could not
// be kept, the next one has the same version, and its address is the newest.
func TestKeepOfAStartThatWasLost(t *testing.T) {
	const later = 10 * time.Minute
	for _, other := range []string{"one", "two"} {
		s := newStarts(t)
		s.keep(t, s.one, s.at(3, "a"))
		r := map[string]*dataplane.Renewer{"one": s.one, "two": s.two}[other]
		s.keep(t, r, s.at(3, "b"))
		if err := <-s.caller(t, s.one, s.at(3, "b")); err != nil {
			t.Errorf("%s: the address that came: %v", other, err)
		}
		if err := <-s.caller(t, s.one, s.at(3, "a")); !errors.Is(err, dataplane.ErrSuperseded) {
			t.Errorf("%s: the address whose start was lost: %v", other, err)
		}
		s.newest(t, later)
	}
}

// newest fails unless all replicas, also one that knows nothing yet, renew the
// later address, and only that.
func (s *starts) newest(t *testing.T, later time.Duration) {
	t.Helper()
	before := s.renewals("a")
	three := s.replica("three", s.store)
	defer three.Close()
	for range 3 {
		s.pass(later)
		for _, r := range []*dataplane.Renewer{three, s.one, s.two} {
			token, err := r.Token(t.Context(), s.at(9, "b"), "")
			if want := fmt.Sprintf("b-access-%d", s.renewals("b")); err != nil || token != want {
				t.Fatalf("the token is %q, not %q: %v", token, want, err)
			}
		}
	}
	if n := s.renewals("a"); n != before {
		t.Errorf("the earlier address was renewed %d times more", n-before)
	}
	if err := three.Keep(t.Context(), s.at(8, "a")); !errors.Is(err, dataplane.ErrSuperseded) {
		t.Errorf("the earlier address is kept: %v", err)
	}
}

// TestRenewalLeavesNothingOfAnEndedTransfer: whenever the end comes, no row stays.
func TestRenewalLeavesNothingOfAnEndedTransfer(t *testing.T) {
	for name, do := range map[string]func(*testing.T, *starts, func() error){
		"before the call": func(t *testing.T, s *starts, end func() error) {
			if err := errors.Join(end(), <-s.caller(t, s.one, s.at(3, "a"))); !errors.Is(err, transfer.ErrEnded) {
				t.Error(err)
			}
		},
		"while the answer is on its way": func(t *testing.T, s *starts, end func() error) {
			release := s.hold("a")
			caller := s.caller(t, s.one, s.at(3, "a"))
			s.await(t, "a")
			err := end()
			release()
			if err = errors.Join(err, <-caller); !errors.Is(err, transfer.ErrEnded) {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStarts(t)
			var mu sync.Mutex
			var over error
			s.one = s.replica("one", s.store, func(c *dataplane.RenewerConfig) {
				c.Receiving = func(context.Context, string, string) error {
					mu.Lock()
					defer mu.Unlock()
					return over
				}
			})
			s.keep(t, s.one, s.at(2, "a"))
			s.pass(10 * time.Minute)
			do(t, s, func() error {
				mu.Lock()
				over = transfer.ErrEnded
				mu.Unlock()
				return s.two.Forget(t.Context(), "cons", "c1")
			})
			if a, err := s.store.Access(t.Context(), "cons", "c1"); err != nil || a.Version > 0 {
				t.Errorf("what is kept has version %d: %v", a.Version, err)
			}
		})
	}
}

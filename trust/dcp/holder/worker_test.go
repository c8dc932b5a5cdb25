// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// work runs one pass and returns when the next is due.
func (f *fixture) work() time.Time {
	f.T.Helper()
	next, err := f.s.Work(context.Background())
	if err != nil {
		f.T.Fatal(err)
	}
	return next
}

func TestRequestIsSentAndIssued(t *testing.T) {
	f := newFixture(t)
	pid := f.asked("object-1", "object-2")
	select {
	case <-f.s.Wake():
	default:
		t.Error("the worker is not woken")
	}
	f.work()
	want := []dcp.CredentialRequest{{HolderPID: pid, Credentials: []string{"object-1", "object-2"}}}
	if diff := cmp.Diff(want, f.issuer.requests); diff != "" {
		t.Fatal(diff)
	}
	r := f.request(pid)
	if r.State != holder.Received || r.StatusURL != "https://authority.example/issuer/requests/r-1" || r.IssuerPID != "r-1" {
		t.Fatalf("request %+v", r)
	}
	f.work()
	if len(f.issuer.requests) != 1 {
		t.Errorf("sent %d times", len(f.issuer.requests))
	}
	if code, _ := f.post(deliverPath, f.authority, f.issuer.tokens[0], delivery(pid, f.authority.Credential(f.own, membership))); code != http.StatusOK {
		t.Fatalf("the delivery answered %d", code)
	}
	f.Clock.Advance(time.Hour)
	f.work()
	if r := f.request(pid); r.State != holder.Issued || !r.NextTry.IsZero() {
		t.Errorf("request %+v", r)
	}
	if f.issuer.looks != 0 {
		t.Errorf("its status was asked for %d times though it was delivered", f.issuer.looks)
	}
}

// What the issuer is given to write with opens nothing for reading.
func TestIssuersTokenReadsNothing(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership))
	f.asked()
	f.work()
	id := body(claimsOf(t, f.wallet()[0].Raw))["id"].(string)
	for _, scope := range []string{read(membership)[0], dcp.IDAlias + ":" + id} {
		code, answer := f.post(queryPath, f.authority, f.issuer.tokens[0], query(scope))
		if code != http.StatusOK || len(shown(t, answer)) != 0 {
			t.Errorf("%s: answered %d %s", scope, code, answer)
		}
	}
}

func TestIssuersAnswers(t *testing.T) {
	for _, test := range []struct {
		answer int
		state  string
		next   time.Duration // from now; 0: never
		sent   int
	}{
		{http.StatusCreated, holder.Received, 10 * time.Second, 1},
		{http.StatusAccepted, holder.Received, 10 * time.Second, 1},
		{http.StatusConflict, holder.Received, 10 * time.Second, 1},
		{http.StatusUnauthorized, holder.Requested, time.Hour, 2}, // once more with a new token
		{http.StatusTooManyRequests, holder.Requested, time.Second, 1},
		{http.StatusRequestTimeout, holder.Requested, time.Second, 1},
		{http.StatusInternalServerError, holder.Requested, time.Second, 1},
		{http.StatusServiceUnavailable, holder.Requested, time.Second, 1},
		{http.StatusBadRequest, holder.Failed, 0, 1},
		{http.StatusForbidden, holder.Failed, 0, 1},
		{http.StatusNotFound, holder.Failed, 0, 1},
	} {
		t.Run(http.StatusText(test.answer), func(t *testing.T) {
			f := newFixture(t)
			f.issuer.answer = test.answer
			pid := f.asked()
			f.work()
			r := f.request(pid)
			if r.State != test.state || len(f.issuer.requests) != test.sent {
				t.Errorf("%s after %d calls, want %s after %d", r.State, len(f.issuer.requests), test.state, test.sent)
			}
			if test.next == 0 != r.NextTry.IsZero() || test.next > 0 && !r.NextTry.Equal(f.Clock.Now().Add(test.next)) {
				t.Errorf("next try %v, want in %v", r.NextTry, test.next)
			}
			if r.State != holder.Received && !strings.Contains(r.Reason, fmt.Sprint(test.answer)) {
				t.Errorf("the reason is %q", r.Reason)
			}
			tokens := slices.Clone(f.issuer.tokens)
			slices.Sort(tokens)
			if len(slices.Compact(tokens)) != test.sent {
				t.Errorf("%d different access tokens in %d calls", len(slices.Compact(tokens)), test.sent)
			}
		})
	}
}

// An issuer that cannot be reached is tried for a day, at times that are known
// before, and then not any more.
func TestRequestIsTriedForADay(t *testing.T) {
	faults := map[string]func(f *fixture){
		"connection": func(f *fixture) { f.Network.Fail(f.authority.Host(), errors.New("refused")) },
		"DID":        func(f *fixture) { f.DIDs.Fail(f.authority.DID, did.ErrUnreachable) },
		"service":    func(f *fixture) { f.DIDs.Put(f.authority.DID, f.authority.Document()) },
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			fault(f)
			pid := f.asked()
			var waits []time.Duration
			for range 1000 {
				f.work()
				r := f.request(pid)
				if r.State != holder.Requested {
					break
				}
				if r.Reason == "" {
					t.Fatal("no reason")
				}
				waits = append(waits, r.NextTry.Sub(f.Clock.Now()))
				f.Clock.Set(r.NextTry)
			}
			r := f.request(pid)
			if r.State != holder.Failed || !r.NextTry.IsZero() || f.Clock.Now().Sub(r.Created) != 24*time.Hour {
				t.Errorf("after %v: %+v", f.Clock.Now().Sub(r.Created), r)
			}
			for i, want := range []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600} {
				if waits[i].Seconds() != want {
					t.Errorf("wait %d is %v, want %v s", i+1, waits[i], want)
				}
			}
		})
	}
}

// The answer 201 is lost with the process: the same request is sent again, and
// an issuer that knows it does not fail it.
func TestCrashBetweenSendAndSave(t *testing.T) {
	for _, again := range []int{http.StatusCreated, http.StatusConflict} {
		t.Run(http.StatusText(again), func(t *testing.T) {
			f := newFixture(t)
			pid := f.asked()
			crashed := errors.New("crash")
			f.store.fail = func(call string) error {
				if call == "SaveRequest" {
					return crashed
				}
				return nil
			}
			if _, err := f.s.Work(t.Context()); !errors.Is(err, crashed) {
				t.Fatalf("error %v", err)
			}
			f.store.fail = nil
			if r := f.request(pid); r.State != holder.Requested || len(f.issuer.requests) != 1 {
				t.Fatalf("%s after %d calls", r.State, len(f.issuer.requests))
			}
			f.work() // the lease is not over
			if len(f.issuer.requests) != 1 {
				t.Fatal("sent within the lease")
			}
			f.issuer.answer = again
			f.Clock.Advance(2 * time.Minute)
			f.work()
			want := []dcp.CredentialRequest{{HolderPID: pid, Credentials: []string{"object-1"}}, {HolderPID: pid, Credentials: []string{"object-1"}}}
			if diff := cmp.Diff(want, f.issuer.requests); diff != "" {
				t.Error(diff)
			}
			if r := f.request(pid); r.State != holder.Received {
				t.Errorf("request %+v", r)
			}
		})
	}
}

// An issuer delivers before it answers: nothing is held while it is asked, and
// its answer does not undo the delivery.
func TestDeliveryBeforeTheAnswer(t *testing.T) {
	f := newFixture(t)
	f.issuer.onRequest = func(r dcp.CredentialRequest) {
		if code, _ := f.post(deliverPath, f.authority, "", delivery(r.HolderPID, f.authority.Credential(f.own, membership))); code != http.StatusOK {
			t.Errorf("the delivery answered %d", code)
		}
	}
	pid := f.asked()
	f.work()
	if r := f.request(pid); r.State != holder.Issued || !r.NextTry.IsZero() {
		t.Errorf("request %+v", r)
	}
	if len(f.wallet()) != 1 {
		t.Errorf("%d credentials", len(f.wallet()))
	}
}

// Two replicas share the work: each request is sent once.
func TestTwoWorkers(t *testing.T) {
	f := newFixture(t)
	other := holder.New(holder.Config{
		Store: f.store, Auth: f.Authenticator(), Tokens: f.Tokens(), Keys: f.Keys, DIDs: f.DIDs, HTTP: f.Network,
		Participant: f.Participant, Status: &lists{}, Now: f.Clock.Now, NewID: f.NewID,
	})
	var mu sync.Mutex
	counts := map[string]int{}
	f.Network.Handle(f.authority.Host(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(raw)
		m, err := dcp.ReadCredentialRequest(raw)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		counts[m.HolderPID]++
		mu.Unlock()
		w.WriteHeader(http.StatusCreated)
	}))
	const requests = 50
	for range requests {
		f.asked()
	}
	var group sync.WaitGroup
	for _, s := range []*holder.Service{f.s, other} {
		group.Go(func() {
			for range 5 {
				if _, err := s.Work(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for pid, count := range counts {
		if count != 1 {
			t.Errorf("%s was sent %d times", pid, count)
		}
	}
	if len(counts) != requests {
		t.Errorf("%d of %d requests were sent", len(counts), requests)
	}
}

// Work says when it is to be called next: at once where a batch was full.
func TestWorkSaysWhen(t *testing.T) {
	f := newFixture(t)
	if wait := f.work().Sub(f.Clock.Now()); wait != 10*time.Second {
		t.Errorf("with nothing to do: %v", wait)
	}
	for range 21 {
		f.asked()
	}
	if wait := f.work().Sub(f.Clock.Now()); wait != 0 {
		t.Errorf("with more to do: %v", wait)
	}
	f.issuer.answer = http.StatusServiceUnavailable
	if wait := f.work().Sub(f.Clock.Now()); wait != time.Second {
		t.Errorf("with one to be tried in a second: %v", wait)
	}
}

// A pass that is slow leaves the rest to others before its lease is over.
func TestSlowPassStops(t *testing.T) {
	f := newFixture(t)
	f.issuer.onRequest = func(dcp.CredentialRequest) { f.Clock.Advance(25 * time.Second) }
	for range 10 {
		f.asked()
	}
	f.work()
	if n := len(f.issuer.requests); n != 3 {
		t.Errorf("%d requests of 25 s each in a lease of 2 min", n)
	}
}

func TestStoppingCountsAsNoTry(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.issuer.onRequest = func(dcp.CredentialRequest) { cancel() }
	pid := f.asked()
	if _, err := f.s.Work(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if r := f.request(pid); r.Tries != 0 || r.State != holder.Requested || r.NextTry.IsZero() {
		t.Errorf("request %+v", r)
	}
}

func TestWorkReportsWhatTheStoreSays(t *testing.T) {
	broken := errors.New("broken")
	for _, call := range []string{"ClaimRequests", "ClaimCredentials", "SaveRequest", "Credential", "MarkCredential"} {
		t.Run(call, func(t *testing.T) {
			f := newFixture(t)
			f.deliver(f.authority.Credential(f.own, membership))
			f.asked()
			f.store.fail = func(name string) error {
				if name == call {
					return broken
				}
				return nil
			}
			if _, err := f.s.Work(t.Context()); !errors.Is(err, broken) {
				t.Errorf("error %v", err)
			}
		})
	}
	f := newFixture(t, func(_ *fixture, c *holder.Config) {
		c.Participant = func(context.Context, string) (trust.Participant, error) { return trust.Participant{}, broken }
	})
	if _, err := f.s.Request(t.Context(), "own", holder.Wish{Issuer: f.authority.DID, Objects: []string{"x"}}); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// Where the wallet is off nothing is sent, and it goes on once it is on again.
func TestWorkRestsWhereTheWalletIsOff(t *testing.T) {
	f := newFixture(t)
	pid := f.asked()
	f.settings(dcp.Settings{Off: []string{dcp.HolderRole}})
	f.work()
	if len(f.Network.Calls()) != 0 {
		t.Errorf("called %v", f.Network.Calls())
	}
	if _, err := f.s.Request(t.Context(), "own", holder.Wish{Issuer: f.authority.DID, Objects: []string{"x"}}); !errors.Is(err, holder.ErrOff) {
		t.Errorf("error %v", err)
	}
	f.settings(dcp.Settings{})
	f.Clock.Advance(2 * time.Minute)
	f.work()
	if r := f.request(pid); r.State != holder.Received {
		t.Errorf("request %+v", r)
	}
}

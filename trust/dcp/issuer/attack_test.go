// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// A holder that did not learn of the 201 sends the same request again, after
// its credentials were issued and before they arrived: it gets those.
func TestRepeated_IssuedButNotDelivered(t *testing.T) {
	s := newScene(t, approving)
	id := s.ask("pid-1", membership11)
	s.wallet.down = 503
	s.work()
	if r := s.kept(id); r.State != issuer.Issued || !r.Delivered.IsZero() {
		t.Fatalf("%+v", r)
	}
	s.wallet.down = 0
	if again := s.ask("pid-1", membership11); again != id {
		t.Errorf("request %s, want %s", again, id)
	}
	s.work() // at once
	if s.store.count() != 1 || s.wallet.taken() != 1 {
		t.Errorf("%d credentials, %d deliveries; want one of each", s.store.count(), s.wallet.taken())
	}
	if after := s.ask("pid-1", membership11); after == id {
		t.Error("a request that was answered was opened again")
	}
}

// Of the same request that comes several times at once one is made.
func TestRepeated_AtTheSameTime(t *testing.T) {
	s := newScene(t, approving)
	serve, _ := s.route(http.MethodPost, "/issuer/credentials")
	var all sync.WaitGroup
	for range 8 {
		call := callOf(s, body(t, "pid-1", membership11))
		all.Go(func() {
			if _, err := serve(t.Context(), call); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s.work()
	if s.store.count() != 1 {
		t.Errorf("%d credentials, want 1", s.store.count())
	}
}

// Strangers under any number of DIDs fill no more than a bounded queue, and
// what is there already goes on.
func TestRequests_AreBounded(t *testing.T) {
	s := newScene(t)
	mine := s.ask("mine", membership11)
	for i := range 999 {
		_, err := s.store.SaveIssuerRequest(t.Context(), s.issuer.Context, issuer.Request{
			ID: fmt.Sprint("r-", i), Holder: fmt.Sprintf("did:web:stranger.example:%d", i), HolderPID: "p", State: issuer.Received,
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.call(http.MethodPost, "/issuer/credentials", s.holder.Draft(s.issuer.DID).Bearer(t), body(t, "another", membership11))
	fault(t, err, http.StatusServiceUnavailable)
	if again := s.ask("mine", membership11); again != mine {
		t.Errorf("request %s, want %s", again, mine)
	}
}

// A rule issues without end to nobody: each credential takes a place in a
// status list for good.
func TestRule_IsBounded(t *testing.T) {
	s := newScene(t, approving)
	for i := range 210 {
		s.ask(fmt.Sprint("pid-", i), membership11)
		s.work()
	}
	if s.store.count() != 200 {
		t.Errorf("%d credentials within a day, want 200", s.store.count())
	}
	s.world.Clock.Advance(25 * time.Hour)
	s.ask("tomorrow", membership11)
	s.work()
	if s.store.count() != 201 {
		t.Errorf("%d credentials on the next day, want 201", s.store.count())
	}
}

// A clock that was a year ahead does not keep a list for a year.
func TestStatusList_AfterAClockThatWasAhead(t *testing.T) {
	s := newScene(t, approving)
	s.ask("pid-1", membership11)
	s.work()
	raw := s.wallet.one().Credentials[0].Payload
	now := s.world.Clock.Now()
	s.world.Clock.Advance(365 * 24 * time.Hour)
	if _, err := s.call(http.MethodGet, "/status/1-revocation-sl2021", "", nil); err != nil {
		t.Fatal(err)
	}
	s.world.Clock.Set(now)
	other := issuer.New(s.config) // another replica: it does not tell ours
	if _, err := other.Revoke(t.Context(), s.issuer.Context, s.idOf(t, raw), "left"); err != nil {
		t.Fatal(err)
	}
	s.wantStatus(t, raw, "V80")
}

// Our own types name the context that defines their terms, others do not.
func TestIssued_NamesTheContext(t *testing.T) {
	s := newScene(t, approving)
	s.ask("pid-1", membership11, membership20)
	s.work()
	for _, c := range s.wallet.one().Credentials {
		var claims struct {
			Context []string `json:"@context"`
			VC      struct {
				Context []string `json:"@context"`
				Schema  any      `json:"credentialSchema"`
			} `json:"vc"`
			Schema any `json:"credentialSchema"`
		}
		token, err := jose.Parse(c.Payload, 64<<10)
		if err != nil {
			t.Fatal(err)
		}
		unproved, err := token.Unproved()
		if err == nil {
			err = unproved.Decode(&claims)
		}
		list := slices.Concat(claims.Context, claims.VC.Context)
		if err != nil || len(list) != 2 || list[1] != trust.CredentialsContext || claims.Schema != nil || claims.VC.Schema != nil {
			t.Errorf("%s: contexts %q, %v", c.Format, list, err)
		}
		if _, err := s.proved(c.Payload); err != nil {
			t.Errorf("%s: %v", c.Format, err)
		}
	}
}

// callOf is a call of the holder with a token of its own.
func callOf(s *scene, body []byte) dcp.Call {
	return dcp.Call{Own: s.issuer.Participant(), Body: body, Authorization: []string{s.holder.Draft(s.issuer.DID).Bearer(s.t)}}
}

// crashing is a store whose n-th call fails: before it is done, or after.
type crashing struct {
	*memory
	calls, at int
	after     bool
}

var errCrash = errors.New("crash")

func (c *crashing) step(do func() error) error {
	c.calls++
	if c.calls != c.at {
		return do()
	}
	if c.after {
		_ = do() // written, and nobody learned it
	}
	return errCrash
}

func (c *crashing) SaveIssuerRequest(ctx context.Context, contextID string, r issuer.Request, issued []issuer.Credential) (saved issuer.Request, err error) {
	err = c.step(func() error { saved, err = c.memory.SaveIssuerRequest(ctx, contextID, r, issued); return err })
	return saved, err
}

func (c *crashing) ClaimIssuerRequests(ctx context.Context, now time.Time, lease time.Duration, limit int) (due []issuer.Owned, err error) {
	err = c.step(func() error { due, err = c.memory.ClaimIssuerRequests(ctx, now, lease, limit); return err })
	if err != nil {
		due = nil
	}
	return due, err
}

func (c *crashing) CredentialsOfRequest(ctx context.Context, contextID, request string) (list []issuer.Credential, err error) {
	err = c.step(func() error { list, err = c.memory.CredentialsOfRequest(ctx, contextID, request); return err })
	return list, err
}

// The issuer is killed at each of its calls to the store, from the holder's
// request to the delivery: in the end the same credentials are issued once.
func TestCrash_AtEachWrite(t *testing.T) {
	for at := 1; at <= 8; at++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprint(at, after), func(t *testing.T) {
				s := newScene(t, approving)
				store := &crashing{memory: s.store, at: at, after: after}
				s.config.Store = store
				s.service = issuer.New(s.config)
				for range 5 { // the holder asks until it has an answer
					_, err := s.call(http.MethodPost, "/issuer/credentials", s.holder.Draft(s.issuer.DID).Bearer(t), body(t, "pid-1", membership11, membership20))
					if err == nil {
						break
					}
				}
				for range 8 {
					_, _ = s.service.Work(t.Context()) // dies, or not
					s.service = issuer.New(s.config)
					s.world.Clock.Advance(3 * time.Minute)
				}
				if s.store.count() != 2 || s.wallet.taken() < 1 {
					t.Errorf("%d credentials, %d deliveries; want 2 in at least one", s.store.count(), s.wallet.taken())
				}
				list, err := s.store.IssuerRequests(t.Context(), s.issuer.Context, "", "", 10)
				if err != nil || len(list) != 1 || list[0].Delivered.IsZero() || !list[0].NextTry.IsZero() {
					t.Errorf("%+v, %v", list, err)
				}
			})
		}
	}
}

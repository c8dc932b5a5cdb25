// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// What fails on our side is never a verdict: the caller gets 5xx and may
// repeat.
func TestFailuresAreNoVerdicts(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		path string
		fail func(f *fixture)
		want int
	}{
		"query, wallet":     {queryPath, func(f *fixture) { f.failing("Credentials", broken) }, 503},
		"query, keys":       {queryPath, func(f *fixture) { f.Keys.Err = broken }, 503},
		"query, settings":   {queryPath, func(f *fixture) { f.own.Settings = []byte(`{"unknown":1}`) }, 500},
		"delivery, request": {deliverPath, func(f *fixture) { f.failing("Request", broken) }, 500},
		"delivery, wallet":  {deliverPath, func(f *fixture) { f.failing("Credentials", broken) }, 500},
		"offer, store":      {offerPath, func(f *fixture) { f.failing("PutCredentialOffer", broken) }, 500},
		"token store":       {offerPath, func(f *fixture) { f.Replays.Err = broken }, 503},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			pid, member := f.asked(), f.authority.Credential(f.own, membership)
			f.deliver(member)
			caller, body := f.authority, map[string]any(nil)
			switch test.path {
			case queryPath:
				caller, body = f.verifier, query(read(membership)...)
			case deliverPath:
				body = delivery(pid, member)
			case offerPath:
				body = offer(f.authority.DID, "a")
			}
			grant := f.grant(read(membership)...)
			test.fail(f)
			if code, _ := f.post(test.path, caller, grant, body); code != test.want {
				t.Errorf("answered %d, want %d", code, test.want)
			}
		})
	}
}

func TestTokenServiceWithoutKeysIsNoVerdict(t *testing.T) {
	f := newFixture(t)
	f.Keys.Err = errors.New("broken")
	for _, form := range []string{f.form(), f.form("bearer_access_scope", read(membership)[0])} {
		if code, _ := f.postForm(formType, form); code != http.StatusServiceUnavailable {
			t.Errorf("answered %d, want 503", code)
		}
	}
}

// Without its keys a participant cannot ask, and tries again.
func TestRequestWithoutKeys(t *testing.T) {
	f := newFixture(t)
	pid := f.asked()
	f.Keys.Err = errors.New("broken")
	f.work()
	if r := f.request(pid); r.State != holder.Requested || r.Tries != 1 || r.NextTry.IsZero() {
		t.Errorf("request %+v", r)
	}
}

func TestImportFails(t *testing.T) {
	for _, call := range []string{"SaveRequest", "Deliver", "Credentials"} {
		f := newFixture(t)
		broken := errors.New("broken")
		f.failing(call, broken)
		if _, err := f.s.Import(t.Context(), "own", f.authority.Credential(f.own, membership)); !errors.Is(err, broken) {
			t.Errorf("%s: error %v", call, err)
		}
	}
	f := newFixture(t)
	f.settings(dcp.Settings{Off: []string{dcp.HolderRole}})
	if _, err := f.s.Import(t.Context(), "own", "x"); !errors.Is(err, holder.ErrOff) {
		t.Errorf("error %v", err)
	}
	if _, err := f.s.Expect(t.Context(), "own", f.authority.DID, ""); !errors.Is(err, holder.ErrOff) {
		t.Errorf("error %v", err)
	}
}

// failing makes one call of the store fail.
func (f *fixture) failing(call string, err error) {
	f.store.fail = func(name string) error {
		if name == call {
			return err
		}
		return nil
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// looks lets the worker look at a request until a time is over, and returns
// when it did.
func (f *fixture) looks(pid string, until time.Duration) []time.Duration {
	f.T.Helper()
	start := f.Clock.Now()
	var at []time.Duration
	for {
		r := f.request(pid)
		if r.NextTry.IsZero() || r.NextTry.Sub(start) > until {
			return at
		}
		f.Clock.Set(r.NextTry)
		before := f.issuer.looks
		f.work()
		if f.issuer.looks > before {
			at = append(at, f.Clock.Now().Sub(start))
		}
	}
}

func TestStatusIsAskedForInGrowingSteps(t *testing.T) {
	f := newFixture(t)
	pid := f.asked()
	f.work()
	got := f.looks(pid, 6*time.Hour)
	if len(got) < 8 || len(got) > 20 {
		t.Errorf("looked %d times in 6 h: %v", len(got), got)
	}
	if got[0] != 10*time.Second {
		t.Errorf("first look after %v", got[0])
	}
	if r := f.request(pid); r.State != holder.Received || r.Reason != "" {
		t.Errorf("request %+v", r)
	}
	f.issuer.status = "REJECTED"
	f.looks(pid, 2*time.Hour)
	if r := f.request(pid); r.State != holder.Rejected || !r.NextTry.IsZero() || r.Reason == "" {
		t.Errorf("request %+v", r)
	}
}

// The issuer says that it has issued, and nothing came: people are told, and
// the request stays open.
func TestLostDelivery(t *testing.T) {
	f := newFixture(t)
	pid := f.asked()
	f.work()
	f.issuer.status = "ISSUED"
	f.looks(pid, time.Hour)
	if r := f.request(pid); r.State != holder.Received || !strings.Contains(r.Reason, "https://own.example/dcp") {
		t.Errorf("request %+v", r)
	}
	if code, _ := f.post(deliverPath, f.authority, "", delivery(pid, f.authority.Credential(f.own, membership))); code != http.StatusOK {
		t.Errorf("the late delivery answered %d", code)
	}
	if r := f.request(pid); r.State != holder.Issued || r.Reason != "" {
		t.Errorf("request %+v", r)
	}
}

func TestDecisionIsWaitedForFor30Days(t *testing.T) {
	faults := map[string]func(f *fixture){
		"no answer":       func(*fixture) {},
		"connection":      func(f *fixture) { f.Network.Fail(f.authority.Host(), errors.New("refused")) },
		"another status":  func(f *fixture) { f.issuer.status = "SOMETHING" },
		"another request": func(f *fixture) { f.issuer.requests[0].HolderPID = "x" },
		"not found":       func(f *fixture) { f.issuer.location = "/issuer/elsewhere" },
		"no address":      func(f *fixture) { f.issuer.location = "" },
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			if strings.Contains(name, "not found") || name == "no address" {
				fault(f)
			}
			pid := f.asked()
			f.work()
			fault(f)
			f.looks(pid, day)
			f.Clock.Set(f.request(pid).Created.Add(29 * day)) // not each of all the looks
			f.work()
			if r := f.request(pid); r.State != holder.Received {
				t.Fatalf("before: %+v", r)
			}
			f.looks(pid, 2*day)
			if r := f.request(pid); r.State != holder.Failed || r.Reason == "" || !r.NextTry.IsZero() {
				t.Errorf("after: %+v", r)
			}
		})
	}
}

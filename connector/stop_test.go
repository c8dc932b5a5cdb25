// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestStop: whatever ends the permission cuts a body that is running, within
// seconds, and both sides are told why; what can be mended can be resumed.
func TestStop(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	t.Parallel()
	took := &tally{}
	var all sync.WaitGroup
	atOnce := make(chan struct{}, 8)
	for _, mode := range modes() {
		for _, c := range stopCases {
			all.Go(func() {
				atOnce <- struct{}{}
				defer func() { <-atOnce }()
				t.Run(mode+"/"+c.name, func(t *testing.T) { took.note(mode, c.name, c.play(t, mode)) })
			})
		}
	}
	all.Wait()
	took.check(t)
}

// TestStopApart is one of its cases with a data plane that runs alone; TestStop
// has them all in full runs.
func TestStopApart(t *testing.T) {
	t.Parallel()
	for _, c := range stopCases {
		if c.name == "access closed" {
			c.play(t, apart)
		}
	}
}

// tally is what became of each case in each mode.
type tally struct {
	mu   sync.Mutex
	took map[string]time.Duration
}

func (y *tally) note(mode, name string, d time.Duration) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.took == nil {
		y.took = map[string]time.Duration{}
	}
	y.took[mode+": "+name] = d
}

// check fails where a case was not played.
func (y *tally) check(t *testing.T) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(y.took)) {
		t.Logf("%-60s cut after %v", name, y.took[name].Round(time.Millisecond))
	}
	want := len(stopCases) * len(modes())
	if !hasPostgres() {
		want = len(stopCases) * (len(modes()) - 1)
	}
	if len(y.took) != want && !t.Failed() {
		t.Errorf("%d cases were played, want %d", len(y.took), want)
	}
}

func (c stopCase) play(t *testing.T, mode string) time.Duration {
	v := newVenue(t, mode, c.members, c.validity)
	if c.before != nil {
		c.before(t, v)
	}
	v.offers(t, policy.Permit("use"), c.usage(v))
	n := v.consumer.negotiate(t, negotiation.Proposal{
		Peer: v.desk.id, Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID, Policy: c.usage(v)},
	}, "FINALIZED")
	r := &run{agreement: n.AgreementID, process: v.consumer.request(t, n.AgreementID, "STARTED")}
	if !strings.HasPrefix(r.process.DataAddress.Endpoint, v.plane) {
		t.Fatalf("the data is at %s, not at %s", r.process.DataAddress.Endpoint, v.plane)
	}
	a, err := v.desk.Agreement(t.Context(), n.AgreementID)
	if err != nil {
		t.Fatal(err)
	}
	r.agreed = a.Concluded
	r.flow = v.consumer.flows(t, r.process.ID)
	r.flow.reaches(t, 100_000)

	late := testkit.NewLateness(t)
	took := r.flow.cut(t, c.cause(t, v, r), late)
	if c.code != "" && strings.HasPrefix(c.name, "bytes") && r.flow.got() != byteLimit {
		t.Errorf("%d bytes came, want %d", r.flow.got(), byteLimit)
	}
	v.stopped(t, c, r)
	switch {
	case c.mend == nil:
	case c.state == "SUSPENDED":
		v.resumes(t, c, r)
	default: // what was ended stays so, and the agreement holds
		c.mend(t, v)
		p := v.consumer.request(t, r.agreement, "STARTED")
		v.consumer.flows(t, p.ID).reaches(t, 100_000)
	}
	return took
}

// stopped checks what both sides know, and that nothing more comes.
func (v *venue) stopped(t *testing.T, c stopCase, r *run) {
	t.Helper()
	ours := v.desk.awaitTransfer(t, r.process.PeerPID, c.state, nil)
	theirs := v.consumer.awaitTransfer(t, r.process.ID, c.state, nil)
	for who, p := range map[string]transfer.Process{"provider": ours, "consumer": theirs} {
		if !strings.Contains(p.StoppedFor, c.reason) {
			t.Errorf("the %s's reason is %q, want %q", who, p.StoppedFor, c.reason)
		}
		for _, secret := range []string{secretOfSource, v.source.url, "credential urn", "eyJ", "Bearer", "iso6523"} {
			if strings.Contains(p.StoppedFor, secret) {
				t.Errorf("the %s's reason tells a secret: %q", who, p.StoppedFor)
			}
		}
	}
	asked := v.source.asked.Load()
	v.refuses(t, c, r)
	if v.source.asked.Load() != asked {
		t.Error("the source was asked for what is refused")
	}
	if _, err := v.consumer.Pull(t.Context(), r.process.ID); err == nil {
		t.Error("the consumer pulls on")
	}
}

// refuses asks until the code is the one that is wanted. A data plane of its own
// may have the verdict before it is told that the transfer was stopped, and be
// told of a suspension before the end: whatever it says meanwhile is a refusal.
func (v *venue) refuses(t *testing.T, c stopCase, r *run) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for late := time.Now().Add(patience); ; <-again.C {
		got := fetch(t, *r.process.DataAddress)
		done := strings.Contains(got.body, `"code":"`+c.code+`"`)
		if got.status != 403 || strings.Contains(got.body, "dddd") || !done && time.Now().After(late) {
			t.Fatalf("the next request gets %d %.200s, want 403 %s", got.status, got.body, c.code)
		}
		if done {
			return
		}
	}
}

// resumes checks that a resumption is refused before the cause is mended, and
// works after.
func (v *venue) resumes(t *testing.T, c stopCase, r *run) {
	t.Helper()
	_, err := v.desk.ActTransfer(t.Context(), r.process.PeerPID, negotiation.Decision{Act: negotiation.Start})
	if err == nil || !strings.Contains(err.Error(), "the policy does not permit it") {
		t.Errorf("the provider resumes what its policy denies: %v", err)
	}
	c.mend(t, v)
	v.pass(promise)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		p, err := v.consumer.ActTransfer(ctx, r.process.ID, negotiation.Decision{Act: negotiation.Start})
		if err == nil {
			p, err = v.consumer.AwaitTransfer(ctx, r.process.ID, patience, func(p transfer.Process) bool {
				return p.Pending == "" && !p.AwaitsStart && (p.State == "STARTED" || p.LastError != nil) || p.State == "TERMINATED"
			})
		}
		if err != nil || p.State == "TERMINATED" {
			t.Fatalf("mended, the transfer is %s (%s, last error %+v): %v; refused: %+v", p.State, p.StoppedFor, p.LastError, err, v.desk.Refusals(v.consumer.id))
		}
		if p.State == "STARTED" {
			break
		}
		select { // a status list may be believed for a moment more
		case <-ctx.Done():
			t.Fatalf("mended, the transfer stays %s: %+v; refused: %+v", p.State, p.LastError, v.desk.Refusals(v.consumer.id))
		case <-time.After(200 * time.Millisecond):
		}
	}
	v.consumer.flows(t, r.process.ID).reaches(t, 100_000)
}

// offers publishes the endless source.
func (v *venue) offers(t testing.TB, access, usage policy.Policy, rules ...catalog.Rule) {
	t.Helper()
	err := v.desk.Publish(t.Context(),
		[]catalog.Asset{{ID: dataset, Properties: map[string]any{"dct:title": "A stream"}, Source: catalog.Source{
			Type: catalog.SourceHTTP, URL: v.source.url, Headers: map[string]string{"X-Key": secretOfSource},
		}}},
		[]catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: access, Usage: usage, Rules: rules}})
	if err != nil {
		t.Fatal(err)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestRetention is what the whole package is for: data that was lent for three
// years is there until then and gone after, and the record says so.
func TestRetention(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	h := w.put(maker, "a")
	due := time.Date(2029, 3, 1, 10, 0, 0, 0, time.UTC)
	if !h.Due.Equal(due) || h.SHA256 != hashOf || h.Size != int64(len(data)) || h.Peer != "did:web:cell.example" || h.Dataset != "cell-co2" {
		t.Fatalf("stored %+v", h)
	}
	aggregate := filepath.Join(t.TempDir(), "battery.json")
	if err := os.WriteFile(aggregate, []byte("4000.00"), 0o600); err != nil {
		t.Fatal(err)
	}

	w.now = due.Add(-time.Second)
	w.work()
	if got, err := w.read(maker, h.ID); got != data || err != nil || w.status(h.ID) != sink.IsOpen {
		t.Errorf("a second before: %q, %v, %s", got, err, w.status(h.ID))
	}

	w.now = due
	if got, err := w.read(maker, h.ID); !errors.Is(err, sink.ErrRetentionOver) || got != "" || len(w.files()) != 1 {
		t.Errorf("at its time, before the chore: %q, %v", got, err)
	}
	if w.status(h.ID) != sink.IsDue {
		t.Errorf("at its time it is %s", w.status(h.ID))
	}
	w.now = due.Add(time.Second)
	if next := w.work(); !next.IsZero() {
		t.Errorf("there is nothing left, and next is %v", next)
	}
	if files := w.files(); len(files) > 0 {
		t.Errorf("still there: %v", files)
	}
	if _, err := w.read(maker, h.ID); !errors.Is(err, sink.ErrDeleted) || !errors.Is(err, sink.ErrRetentionOver) {
		t.Errorf("read after: %v", err)
	}
	after, _ := w.Get(t.Context(), maker, h.ID)
	if w.status(h.ID) != sink.IsDone || !after.Deleted.Equal(w.now) || after.SHA256 != hashOf || !strings.Contains(after.Reason, "2029-03-01") {
		t.Errorf("the record is %+v", after)
	}
	if text, err := os.ReadFile(aggregate); string(text) != "4000.00" || err != nil {
		t.Errorf("the aggregate: %q, %v", text, err)
	}
	w.restart()
	w.work()
	names, details := w.events()
	if !slices.Equal(names, []string{"transfer.data-stored", "transfer.data-deleted"}) {
		t.Fatalf("the journal has %v", names)
	}
	receipt := details[1]
	for member, want := range map[string]any{
		"holding": h.ID, "agreement": "a", "dataset": "cell-co2", "peer": "did:web:cell.example", "sha256": hashOf, "size": 19.0,
		"stored": "2026-03-01T10:00:00Z", "due": "2029-03-01T10:00:00Z", "reason": after.Reason,
	} {
		if receipt[member] != want {
			t.Errorf("the receipt says %s is %v, not %v", member, receipt[member], want)
		}
	}
}

// TestWorkSaysWhenNext: the chore is called at the very time.
func TestWorkSaysWhenNext(t *testing.T) {
	w := newWorld(t)
	if next := w.work(); !next.IsZero() {
		t.Errorf("with nothing stored: %v", next)
	}
	if _, err := os.Stat(w.cfg.Dir); !os.IsNotExist(err) {
		t.Errorf("a folder was made for nothing: %v", err)
	}
	w.lend(maker, "long", policy.Permit(policy.Use).When(policy.Until(t0.Add(time.Hour))))
	w.lend(maker, "short", policy.Permit(policy.Use).When(policy.Until(t0.Add(3*time.Second))))
	w.lend(maker, "free", policy.Permit(policy.Use))
	w.put(maker, "free")
	if next := w.work(); !next.IsZero() {
		t.Errorf("with data that nobody takes back: %v", next)
	}
	<-w.Wake()
	w.put(maker, "long")
	select {
	case <-w.Wake():
	default:
		t.Error("the chore is not woken")
	}
	if next := w.work(); !next.Equal(t0.Add(5 * time.Second)) { // the agreement may be ended
		t.Errorf("next is %v", next)
	}
	w.put(maker, "short")
	if next := w.work(); !next.Equal(t0.Add(3 * time.Second)) {
		t.Errorf("next is %v", next)
	}
	w.now = t0.Add(3 * time.Second)
	w.work()
	if n := len(w.files()); n != 2 {
		t.Errorf("%d files are left, want 2", n)
	}
}

// TestRetentionOf has the rules of the package comment.
func TestRetentionOf(t *testing.T) {
	for name, c := range map[string]struct {
		policy   policy.Policy
		due      time.Time
		untilEnd bool
		says     string
	}{
		"end and obligation":  {threeYears(), t0.AddDate(3, 0, 0), true, "until 2029-03-01T10:00:00Z and obliges to delete"},
		"end alone":           {policy.Permit(policy.Use).When(policy.AtMost("P1D")), t0.AddDate(0, 0, 1), true, "what may not be used is deleted"},
		"a moment":            {policy.Permit(policy.Use).When(policy.Until(t0.Add(time.Hour))), t0.Add(time.Hour), true, "until 2026-03-01T11:00:00Z"},
		"obligation alone":    {policy.Permit(policy.Use).DeleteAfterUse(), time.Time{}, true, "once the agreement is ended"},
		"neither":             {policy.Permit(policy.Use), time.Time{}, false, "no end by time"},
		"the other event":     {policy.Permit(policy.Use).Oblige(policy.Delete, policy.Atomic{Left: policy.LeftEvent, Operator: policy.Eq, Right: policy.Text(policy.RetentionElapsedOrMembershipRevoked)}), time.Time{}, true, "once the agreement is ended"},
		"the longest counts":  {policy.Permit(policy.Use, policy.AtMost("P1D")).Permit(policy.Use, policy.AtMost("P2D")), t0.AddDate(0, 0, 2), true, "2026-03-03"},
		"an unknown in force": {policy.Permit(policy.Use).When(policy.ActiveMember(), policy.AtMost("P1D")), t0.AddDate(0, 0, 1), true, "2026-03-02"},
	} {
		text, err := c.policy.JSON()
		if err != nil {
			t.Fatal(err)
		}
		got, err := sink.RetentionOf(policy.NewRegistry(), negotiation.Agreement{ID: "a", Concluded: t0, Policy: text})
		if err != nil || !got.Due.Equal(c.due) || got.UntilEnd != c.untilEnd || !strings.Contains(got.Rule, c.says) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, text := range []string{"", "{", `{"permission":[{"action":"use","refinement":[]}]}`} {
		if r, err := sink.RetentionOf(policy.NewRegistry(), negotiation.Agreement{Policy: []byte(text)}); err == nil {
			t.Errorf("%q is %+v", text, r)
		}
	}
}

// TestEndedAgreement: what an ended agreement lent can be read no more at once,
// and is deleted at the next pass.
func TestEndedAgreement(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "three years", threeYears())
	w.lend(maker, "obliged", policy.Permit(policy.Use).DeleteAfterUse())
	w.lend(maker, "free", policy.Permit(policy.Use))
	all := []sink.Holding{w.put(maker, "three years"), w.put(maker, "obliged"), w.put(maker, "free")}
	w.now = t0.Add(time.Hour)
	for _, h := range all {
		w.end(h.Agreement)
	}
	for i, h := range all {
		got, err := w.read(maker, h.ID)
		if free := i == 2; free != (got == data) || free != (err == nil) || !free && !errors.Is(err, sink.ErrRetentionOver) {
			t.Errorf("%s, before the chore: %q, %v", h.Agreement, got, err)
		}
	}
	w.work()
	for i, want := range []sink.Status{sink.IsDone, sink.IsDone, sink.IsOpen} {
		h, _ := w.Get(t.Context(), maker, all[i].ID)
		if got := w.status(h.ID); got != want || want == sink.IsDone && (!h.Due.Equal(t0.Add(time.Hour)) || !strings.Contains(h.Reason, "agreement was ended")) {
			t.Errorf("%s is %s: %+v", h.Agreement, got, h)
		}
	}
	if files := w.files(); len(files) != 1 || files[0] != all[2].File {
		t.Errorf("the files are %v", files)
	}
	if _, err := w.Store(t.Context(), maker, "under obliged", strings.NewReader(data), 100); !errors.Is(err, sink.ErrRetentionOver) {
		t.Errorf("stored under an ended agreement: %v", err)
	}
}

// TestNothingIsStored: whatever is in the way, no file and no row stays.
func TestNothingIsStored(t *testing.T) {
	cancelled := func(w *world) io.Reader { return strings.NewReader(data) }
	for name, c := range map[string]struct {
		transfer string
		body     func(*world) io.Reader
		limit    int64
		want     error
	}{
		"cut": {"under a", func(*world) io.Reader {
			return io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF))
		}, 100, io.ErrUnexpectedEOF},
		"too large":          {"under a", cancelled, int64(len(data)) - 1, sink.ErrTooLarge},
		"endless":            {"under a", func(*world) io.Reader { return endless{} }, 1 << 20, sink.ErrTooLarge},
		"over while it came": {"under a", func(w *world) io.Reader { return reading(func() { w.now = w.now.AddDate(4, 0, 0) }) }, 100, sink.ErrRetentionOver},
		"over before":        {"under old", cancelled, 100, sink.ErrRetentionOver},
		"we are provider":    {"under a served", cancelled, 100, sink.ErrNotConsumer},
		"no transfer":        {"unknown", cancelled, 100, engine.ErrNotFound},
		"no agreement":       {"under nothing", cancelled, 100, negotiation.ErrNoAgreement},
		"unreadable terms":   {"under odd", cancelled, 100, policy.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.lend(maker, "a", threeYears())
			w.lend(maker, "a served", threeYears())
			w.lend(maker, "old", policy.Permit(policy.Use).When(policy.Until(t0)))
			if err := w.store.PutAgreement(t.Context(), negotiation.Agreement{
				Context: maker, ID: "odd", Role: "consumer", Policy: []byte(`"free"`), DocumentHash: strings.Repeat("0", 64), PolicyHash: strings.Repeat("0", 64),
			}); err != nil {
				t.Fatal(err)
			}
			h, err := w.Store(t.Context(), maker, c.transfer, c.body(w), c.limit)
			if !errors.Is(err, c.want) || h != (sink.Holding{}) {
				t.Errorf("%+v, %v; want %v", h, err, c.want)
			}
			names, _ := w.events()
			list, _ := w.List(t.Context(), maker, sink.Query{})
			if files := w.files(); len(files)+len(list)+len(names) > 0 {
				t.Errorf("there are files %v, rows %v, events %v", files, list, names)
			}
		})
	}
}

// TestLimit: as much as the limit says is stored, and none is none.
func TestLimit(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	for _, limit := range []int64{int64(len(data)), 1<<63 - 1} {
		if h, err := w.Store(t.Context(), maker, "under a", strings.NewReader(data), limit); err != nil || h.Size != int64(len(data)) {
			t.Errorf("limit %d: %+v, %v", limit, h, err)
		}
	}
	if h, err := w.Store(t.Context(), maker, "under a", strings.NewReader(""), 0); err != nil || h.Size != 0 {
		t.Errorf("empty: %+v, %v", h, err)
	}
}

// endless never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// reading is the data, and does something while it is read.
type reading func()

func (f reading) Read(p []byte) (int, error) {
	f()
	return copy(p, data), io.EOF
}

// TestCutWhileReading: who reads when the time is over gets no more.
func TestCutWhileReading(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	h := w.put(maker, "a")
	r, err := w.Open(t.Context(), maker, h.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.CopyN(io.Discard, r, 5); err != nil {
		t.Fatal(err)
	}
	w.now = h.Due
	if n, err := io.Copy(io.Discard, r); n != 0 || !errors.Is(err, sink.ErrRetentionOver) {
		t.Errorf("%d more bytes, %v", n, err)
	}
}

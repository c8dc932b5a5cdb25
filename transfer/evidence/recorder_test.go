// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

var t0 = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)

func drawTotals(t *rapid.T) evidence.Totals {
	n := rapid.Int64Range(0, 5)
	at := func(name string) time.Time {
		if s := n.Draw(t, name); s > 0 {
			return t0.Add(time.Duration(s) * time.Second)
		}
		return time.Time{}
	}
	return evidence.Totals{
		Bodies: n.Draw(t, "bodies"), Bytes: n.Draw(t, "bytes"), Digest: evidence.Add("", "", n.Draw(t, "digest")),
		Cut: n.Draw(t, "cut"), CutBytes: n.Draw(t, "cut bytes"), First: at("first"), Last: at("last"),
	}
}

// world is a Recorder on a store that may fail.
type world struct {
	evidence.Store
	*evidence.Recorder
	now    time.Time
	broken error
	kept   int // batches
	log    strings.Builder
	told   []string

	mu  sync.Mutex
	ids int
}

func newWorld() *world {
	w := &world{Store: memory.New(), now: t0}
	w.Recorder = evidence.New(evidence.Config{
		Store: w, Transfers: w, Journaled: func(contextID string) { w.told = append(w.told, contextID) },
		Now: func() time.Time { return w.now }, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		NewID: w.newID,
	})
	return w
}

func (w *world) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("%09d", w.ids)
}

func (w *world) KeepEvidence(ctx context.Context, b evidence.Batch) error {
	if w.broken != nil {
		return w.broken
	}
	w.kept++
	return w.Store.KeepEvidence(ctx, b)
}

// Get implements evidence.Transfers.
func (w *world) Get(_ context.Context, contextID, id string) (transfer.Process, error) {
	if id == "unknown" {
		return transfer.Process{}, engine.ErrNotFound
	}
	role, own, peer := "provider", "did:web:p", "did:web:c"
	if contextID == "consumer" {
		role, own, peer = "consumer", peer, own
	}
	return transfer.Process{
		ID: id, Context: contextID, Role: role, Participant: own, Peer: peer, PeerPID: "of the peer", Agreement: "a", Dataset: "d", State: "STARTED",
	}, nil
}

func body(id string, bytes int64) transfer.Movement {
	return transfer.Movement{
		Context: "c", Process: "x", TrackingID: id, Sent: true, Method: "GET", Status: 200, Bytes: bytes,
		SHA256: strings.Repeat("a", 64), Whole: true, Began: t0, Ended: t0.Add(time.Second),
	}
}

func (w *world) work(t *testing.T) time.Time {
	t.Helper()
	next, err := w.Work(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func (w *world) sent(t *testing.T, id string) evidence.Declaration {
	t.Helper()
	d, err := w.Declare(t.Context(), "c", id, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestGathered: what is moved within half a second is kept together.
func TestGathered(t *testing.T) {
	w := newWorld()
	w.work(t)
	for i := range 100 {
		w.Moved(t.Context(), body(fmt.Sprint(i), 10))
	}
	select {
	case <-w.Wake():
	default:
		t.Fatal("nobody was woken")
	}
	due := w.work(t)
	if w.kept != 0 || !due.Equal(t0.Add(500*time.Millisecond)) {
		t.Fatalf("kept %d times before %v", w.kept, due)
	}
	w.now = due
	w.work(t)
	w.work(t)
	if d := w.sent(t, "x"); w.kept != 1 || d.Totals(evidence.Sent).Bodies != 100 || d.Totals(evidence.Sent).Bytes != 1000 {
		t.Errorf("kept %d times: %+v", w.kept, d.Totals(evidence.Sent))
	}
}

// TestWhatOthersSayHoldsUpNothing: a path that is no text, and lengths that are
// more than a number, do not keep back what else was moved.
func TestWhatOthersSayHoldsUpNothing(t *testing.T) {
	w := newWorld()
	odd := body("odd", math.MaxInt64)
	odd.Path, odd.Method = "a\xff\x00b", "GE\xffT"
	w.Moved(t.Context(), odd)
	w.Moved(t.Context(), body("another", math.MaxInt64))
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := w.sent(t, "x")
	if n := d.Totals(evidence.Sent); n.Bodies != 2 || n.Bytes != math.MaxInt64 || len(d.Bodies) != 2 || d.Bodies[0].Path != "a\uFFFD\uFFFDb" {
		t.Errorf("%+v %+v", n, d.Bodies)
	}
}

// TestHashThatComesLater: the hash of a whole that went before, and was kept, is
// kept too, though nothing moves with it.
func TestHashThatComesLater(t *testing.T) {
	w := newWorld()
	w.Moved(t.Context(), body("part", 10))
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole := body("whole", 0)
	whole.Method, whole.Alone = "HEAD", true
	w.Moved(t.Context(), whole)
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := w.sent(t, "x"); len(d.Bodies) != 1 || d.Bodies[0].TrackingID != "whole" || d.Bodies[0].SHA256 != whole.SHA256 || d.Totals(evidence.Sent).Bodies != 1 {
		t.Errorf("%+v %+v", d.Bodies, d.Totals(evidence.Sent))
	}
}

// TestWhatCounts: answers that are no data do not, and what was cut counts apart.
func TestWhatCounts(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*transfer.Movement)
		bodies, cut int64
		rows        int
	}{
		"small":            {func(*transfer.Movement) {}, 1, 0, 0},
		"empty":            {func(m *transfer.Movement) { m.Bytes = 0 }, 1, 0, 0},
		"large":            {func(m *transfer.Movement) { m.Bytes = evidence.Large }, 1, 0, 1},
		"almost large":     {func(m *transfer.Movement) { m.Bytes = evidence.Large - 1 }, 1, 0, 0},
		"alone":            {func(m *transfer.Movement) { m.Alone = true }, 1, 0, 1},
		"part":             {func(m *transfer.Movement) { m.Status, m.Offset = 206, 5 }, 1, 0, 0},
		"cut":              {func(m *transfer.Movement) { m.Whole = false }, 0, 1, 0},
		"cut, large":       {func(m *transfer.Movement) { m.Whole, m.Bytes = false, evidence.Large }, 0, 1, 1},
		"cut at once":      {func(m *transfer.Movement) { m.Whole, m.Bytes = false, 0 }, 0, 0, 0},
		"cut, no answer":   {func(m *transfer.Movement) { m.Whole, m.Status = false, 0 }, 0, 1, 0},
		"head":             {func(m *transfer.Movement) { m.Method = "HEAD" }, 0, 0, 0},
		"not found":        {func(m *transfer.Movement) { m.Status = 404 }, 0, 0, 0},
		"not modified":     {func(m *transfer.Movement) { m.Status = 304 }, 0, 0, 0},
		"sent, no answer":  {func(m *transfer.Movement) { m.Status = 0 }, 0, 0, 0},
		"unknown transfer": {func(m *transfer.Movement) { m.Process, m.Alone = "unknown", true }, 1, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w, m := newWorld(), body("t", 10)
			c.change(&m)
			w.Moved(t.Context(), m)
			if err := w.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			parts, _ := w.EvidenceParts(t.Context(), "c", []string{m.Process})
			rows, _ := w.EvidenceBodies(t.Context(), "c", m.Process, "", 0)
			var sum evidence.Totals
			for _, p := range parts {
				sum = sum.Plus(p.Totals)
			}
			if sum.Bodies != c.bodies || sum.Cut != c.cut || len(rows) != c.rows || len(w.told) != c.rows {
				t.Errorf("%+v, %d rows, %v told", sum, len(rows), w.told)
			}
		})
	}
}

// TestFailedStore: what could not be kept is kept later, once.
func TestFailedStore(t *testing.T) {
	w := newWorld()
	w.broken = errors.New("no room")
	w.Moved(t.Context(), body("1", evidence.Large))
	if err := w.Flush(t.Context()); !errors.Is(err, w.broken) {
		t.Fatalf("%v", err)
	}
	w.Moved(t.Context(), body("2", 5))
	w.broken = nil
	for range 2 {
		if err := w.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if d := w.sent(t, "x"); d.Totals(evidence.Sent).Bodies != 2 || len(d.Bodies) != 1 {
		t.Errorf("%+v", d)
	}
}

// TestBounded: a store that fails for long costs no memory without bound, no
// request that hangs, and a word in the log for what was lost. The totals lose
// nothing.
func TestBounded(t *testing.T) {
	w := newWorld()
	w.broken = errors.New("no room")
	const many = 6000
	for i := range many {
		w.Moved(t.Context(), body(fmt.Sprint(i), evidence.Large))
	}
	if lost := strings.Count(w.log.String(), "evidence of a body was lost"); lost != many-5000 {
		t.Errorf("%d are said to be lost", lost)
	}
	w.broken = nil
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := w.sent(t, "x"); d.Totals(evidence.Sent).Bodies != many || len(d.Bodies) != 5000 {
		t.Errorf("%d bodies, %d of them by themselves", d.Totals(evidence.Sent).Bodies, len(d.Bodies))
	}
}

// TestNoRoomForOne: what has to be kept for good is not counted where there is
// no room for its row, or its part, and is once there is.
func TestNoRoomForOne(t *testing.T) {
	for name, fill := range map[string]func(*world){
		"rows": func(w *world) {
			for i := range 5000 {
				w.Moved(t.Context(), body(fmt.Sprint(i), evidence.Large))
			}
		},
		"parts": func(w *world) {
			for i := range 20_000 {
				m := body("t", 1)
				m.Process = fmt.Sprint(i)
				w.Moved(t.Context(), m)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.broken = errors.New("no room")
			fill(w)
			m := body("sure", 7)
			m.Process, m.Alone = "y", true
			for range 2 {
				if err := w.MovedOnce(t.Context(), m); err == nil {
					t.Fatal("it is kept")
				}
			}
			w.broken = nil
			w.now = w.now.Add(time.Minute)
			for range 2 {
				if err := w.MovedOnce(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			if d := w.sent(t, "y"); d.Totals(evidence.Sent).Bodies != 1 || len(d.Bodies) != 1 || strings.Contains(w.log.String(), "was lost") {
				t.Errorf("%+v %.300s", d, w.log.String())
			}
		})
	}
}

// TestManyTransfers: those that are at rest make room, and what comes later to
// one of them adds up with what was kept.
func TestManyTransfers(t *testing.T) {
	w := newWorld()
	for i := range 20_001 {
		m := body("t", 1)
		m.Process = fmt.Sprint(i)
		w.Moved(t.Context(), m)
	}
	for _, id := range []string{"0", "20000"} {
		m := body("u", 1)
		m.Process = id
		w.Moved(t.Context(), m)
		if err := w.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := w.sent(t, id); d.Totals(evidence.Sent).Bodies != 2 {
			t.Errorf("transfer %s: %+v", id, d.Totals(evidence.Sent))
		}
	}
	if w.log.Len() > 0 {
		t.Errorf("%.300s", w.log.String())
	}
}

// TestPages: bodies come page by page.
func TestPages(t *testing.T) {
	w := newWorld()
	for i := range 5 {
		m := body(fmt.Sprint(i), 1)
		m.Alone = true
		w.Moved(t.Context(), m)
	}
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for after := ""; ; {
		d, err := w.Declare(t.Context(), "c", "x", after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range d.Bodies {
			got = append(got, b.TrackingID)
		}
		if after = d.Next; after == "" {
			break
		}
	}
	if strings.Join(got, "") != "01234" {
		t.Errorf("pages hold %v", got)
	}
	if _, err := w.Declare(t.Context(), "c", "unknown", "", 0); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("an unknown transfer: %v", err)
	}
}

// TestMovedOnce: a body is kept once, whatever is forgotten between two calls,
// and another one is another one.
func TestMovedOnce(t *testing.T) {
	w := newWorld()
	m := body("name", 5)
	m.Context, m.Process, m.Alone = "provider", "p", true
	again := func() *evidence.Recorder {
		return evidence.New(evidence.Config{Store: w, Transfers: w, Now: func() time.Time { return w.now }, NewID: func() string { w.ids++; return fmt.Sprintf("%09d", w.ids) }})
	}
	for i, r := range []*evidence.Recorder{w.Recorder, w.Recorder, again()} {
		if err := r.MovedOnce(t.Context(), m); err != nil {
			t.Fatal(i, err)
		}
	}
	totals := func() evidence.Totals {
		t.Helper()
		d, err := again().Declare(t.Context(), "provider", "p", "", 0)
		if err != nil {
			t.Fatal(err)
		}
		return d.Totals(evidence.Sent).Plus(d.Totals(evidence.Received))
	}
	if got := totals(); got.Bodies != 1 || got.Bytes != 5 {
		t.Errorf("%+v", got)
	}
	w.broken = errors.New("the store is down")
	m.TrackingID = "another"
	if err := w.MovedOnce(t.Context(), m); !errors.Is(err, w.broken) {
		t.Errorf("it is not durable: %v", err)
	}
	w.broken = nil
	if err := w.MovedOnce(t.Context(), m); err != nil || totals().Bodies != 2 {
		t.Errorf("after that: %+v, %v", totals(), err)
	}
	for i, change := range []func(){
		func() { m.SHA256 = strings.Repeat("d", 64) }, func() { m.Sent = !m.Sent },
	} {
		if change(); w.MovedOnce(t.Context(), m) != nil || totals().Bodies != int64(3+i) {
			t.Errorf("%d: %+v", i, totals())
		}
	}
}

// TestKeptByOthersIsSealedSoon: what somebody had kept at once, and not the
// chore, comes into the journal as soon as what the chore keeps.
func TestKeptByOthersIsSealedSoon(t *testing.T) {
	w := newWorld()
	w.now = t0.Add(time.Hour)
	if _, err := w.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(2 * time.Minute)
	if next, err := w.Work(t.Context()); err != nil || !next.Equal(w.now.Add(30*time.Second)) {
		t.Fatalf("while nothing moves next is %v, now is %v: %v", next, w.now, err)
	}
	w.now = w.now.Add(time.Second)
	w.Moved(t.Context(), body("id", 10))
	<-w.Wake()
	w.work(t)
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-w.Wake():
	default:
		t.Error("the chore is not woken: it looked before")
	}
	if next := w.work(t); next.After(w.now.Add(time.Second)) {
		t.Errorf("next is %v, now is %v", next, w.now)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

// doubtful is a store that keeps, and cannot say so.
type doubtful struct {
	evidence.Store
	fails   int
	keeps   bool
	forgets int
}

func (d *doubtful) KeepEvidence(ctx context.Context, b evidence.Batch) error {
	if d.fails == 0 {
		return d.Store.KeepEvidence(ctx, b)
	}
	d.fails--
	broken := errors.New("the connection is lost")
	if d.keeps {
		return errors.Join(broken, d.Store.KeepEvidence(ctx, b))
	}
	return broken
}

func (d *doubtful) DropTold(ctx context.Context, before time.Time, limit int) (int, error) {
	d.forgets++
	return d.Store.DropTold(ctx, before, limit)
}

// TestToldCountsOnce: a message that comes again counts once, also to another
// process, and where nobody knows whether it was kept; and another one counts.
func TestToldCountsOnce(t *testing.T) {
	for name, keeps := range map[string]bool{"it was kept": true, "it was not": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			store := &doubtful{Store: w.Store, keeps: keeps}
			open := func() *evidence.Recorder {
				return evidence.New(evidence.Config{Store: store, Transfers: w, Now: func() time.Time { return w.now }, NewID: w.newID})
			}
			first, second := open(), open()
			cut, large := body("cut", 5), body("large", evidence.Large)
			cut.Whole, cut.SHA256 = false, ""
			tell := func(r *evidence.Recorder, id string) error {
				return r.MovedAsTold(t.Context(), "c", "x", id, []transfer.Movement{body("a", 1), cut, large})
			}
			for i, r := range []*evidence.Recorder{first, second, first, second} {
				store.fails = 1
				id := fmt.Sprint(i)
				if err := tell(r, id); err == nil {
					t.Fatal("it is said to be kept")
				}
				for _, again := range []*evidence.Recorder{r, first, second} {
					if err := tell(again, id); err != nil {
						t.Fatal(err)
					}
				}
			}
			d := w.sent(t, "x")
			if n := d.Totals(evidence.Sent); n.Bodies != 8 || n.Bytes != 4*(1+evidence.Large) || n.Cut != 4 || n.CutBytes != 20 || len(d.Bodies) != 4 {
				t.Errorf("%+v, %d rows", n, len(d.Bodies))
			}
		})
	}
}

// TestToldIsOnePart: messages add to what the process counts of them, and go
// beside what it moves itself.
func TestToldIsOnePart(t *testing.T) {
	w := newWorld()
	w.Moved(t.Context(), body("own", 1))
	for i := range 10 {
		if err := w.MovedAsTold(t.Context(), "c", "x", fmt.Sprint(i), []transfer.Movement{body("a", 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	parts, err := w.EvidenceParts(t.Context(), "c", []string{"x"})
	if err != nil || len(parts) != 2 || parts[0].Bodies+parts[1].Bodies != 11 {
		t.Errorf("%+v %v", parts, err)
	}
}

// TestToldIsForgotten: after a month, looked for each hour.
func TestToldIsForgotten(t *testing.T) {
	w := newWorld()
	store := &doubtful{Store: w.Store}
	r := evidence.New(evidence.Config{Store: store, Transfers: w, Now: func() time.Time { return w.now }, NewID: w.newID})
	tell := func(want int64) {
		t.Helper()
		if err := r.MovedAsTold(t.Context(), "c", "x", "id", []transfer.Movement{body("a", 1)}); err != nil {
			t.Fatal(err)
		}
		if n := w.sent(t, "x").Totals(evidence.Sent).Bodies; n != want {
			t.Errorf("%d bodies, want %d", n, want)
		}
	}
	tell(1)
	for range 29 * 24 * 2 {
		w.now = w.now.Add(30 * time.Minute)
		if _, err := r.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tell(1)
	if store.forgets > 29*24 || store.forgets < 28*24 {
		t.Errorf("looked %d times", store.forgets)
	}
	w.now = w.now.Add(48 * time.Hour)
	if _, err := r.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	tell(2)
}

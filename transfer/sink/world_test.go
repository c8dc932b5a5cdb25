// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust/policy"
)

var t0 = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

const (
	maker = "maker"
	data  = `{"kgCO2e": "17.66"}`
)

// world is a sink over a real folder, with a clock that the test moves.
type world struct {
	*sink.Service
	t     *testing.T
	cfg   sink.Config
	store *broken
	now   time.Time
}

var series atomic.Int64

// newIDs makes ids that nobody else makes.
func newIDs() func() string {
	of, n := series.Add(1), 0
	return func() string {
		n++
		return fmt.Sprintf("urn:uuid:0190f5a3-0000-7000-%04d-%012d", of, n)
	}
}

// broken is a store that can fail before or after it has done something.
type broken struct {
	*memory.Store
	keep, look, remove error
	kept               bool // keep fails after the row was written
}

func (b *broken) KeepHolding(ctx context.Context, h sink.Holding, e engine.Entry) error {
	if b.keep != nil && !b.kept {
		return b.keep
	}
	return errors.Join(b.Store.KeepHolding(ctx, h, e), b.keep)
}

func (b *broken) Holding(ctx context.Context, contextID, id string) (sink.Holding, error) {
	if b.look != nil {
		return sink.Holding{}, b.look
	}
	return b.Store.Holding(ctx, contextID, id)
}

func (b *broken) DeleteHolding(ctx context.Context, contextID, id string, d sink.Deletion) error {
	if b.remove != nil {
		return b.remove
	}
	return b.Store.DeleteHolding(ctx, contextID, id, d)
}

// transfers has, under any id, a transfer of ours under the agreement that the
// id names after "under ".
type transfers struct{}

func (transfers) Get(_ context.Context, contextID, id string) (transfer.Process, error) {
	agreement, ok := strings.CutPrefix(id, "under ")
	if !ok {
		return transfer.Process{}, engine.ErrNotFound
	}
	role := "consumer"
	if strings.HasSuffix(id, "served") {
		role = "provider"
	}
	return transfer.Process{ID: id, Context: contextID, Role: role, Agreement: agreement}, nil
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, store: &broken{Store: memory.New()}, now: t0}
	w.cfg = sink.Config{
		Dir: filepath.Join(t.TempDir(), "data"), Alone: true, Store: w.store, Transfers: transfers{}, Agreements: w.store,
		Terms: policy.NewRegistry(), Now: func() time.Time { return w.now },
		NewID: newIDs(),
	}
	w.restart()
	return w
}

// restart begins anew with what is on the disk and in the store.
func (w *world) restart() { w.Service = sink.New(w.cfg) }

// lend keeps an agreement with a policy, concluded at t0.
func (w *world) lend(contextID, id string, p policy.Policy) {
	w.t.Helper()
	text, err := json.Marshal(p)
	if err == nil {
		err = w.store.PutAgreement(w.t.Context(), negotiation.Agreement{
			Context: contextID, ID: id, Role: "consumer", Peer: "did:web:cell.example", Target: "cell-co2", Concluded: t0, Final: true,
			Policy: text, DocumentHash: strings.Repeat("0", 64), PolicyHash: p.Hash(),
		})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) end(id string) {
	w.t.Helper()
	err := w.store.EndAgreement(w.t.Context(), maker, id, negotiation.End{
		At: w.now, By: negotiation.EndedByPeer, Journal: engine.Entry{Context: maker, ID: "end of " + id, Event: "agreement.ended", At: w.now},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) put(contextID, agreement string) sink.Holding {
	w.t.Helper()
	h, err := w.Store(w.t.Context(), contextID, "under "+agreement, strings.NewReader(data), 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

func (w *world) work() (next time.Time) {
	w.t.Helper()
	next, err := w.Work(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return next
}

func (w *world) read(contextID, id string) (string, error) {
	r, err := w.Open(w.t.Context(), contextID, id)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), errors.Join(err, r.Close())
}

// status is how a holding of the maker stands, by the list and by itself.
func (w *world) status(id string) sink.Status {
	w.t.Helper()
	h, err := w.Get(w.t.Context(), maker, id)
	if err != nil {
		w.t.Fatal(err)
	}
	is := h.Status(w.now)
	list, err := w.List(w.t.Context(), maker, sink.Query{Status: is})
	if err != nil {
		w.t.Fatal(err)
	}
	if !slices.Contains(list, h) {
		w.t.Fatalf("%s is %s and not in that list", id, is)
	}
	return is
}

func (w *world) path(h sink.Holding) string {
	return filepath.Join(w.cfg.Dir, "p-"+h.Context, h.File)
}

// files are all that lie in the folder but its id, in any folder.
func (w *world) files() (list []string) {
	w.t.Helper()
	err := filepath.WalkDir(w.cfg.Dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && e.Name() != "sink-id" {
			list = append(list, filepath.Base(path))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Fatal(err)
	}
	return list
}

// events are the maker's journal as event and detail.
func (w *world) events() (names []string, details []map[string]any) {
	w.t.Helper()
	rows, err := w.store.For(maker).Journal(w.t.Context(), 0, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range rows {
		var detail map[string]any
		if len(e.Detail) > 0 {
			if err := json.Unmarshal(e.Detail, &detail); err != nil {
				w.t.Fatal(err)
			}
		}
		names, details = append(names, e.Event), append(details, detail)
	}
	return names, details
}

// threeYears is what a supplier lends its numbers for.
func threeYears() policy.Policy {
	return policy.Permit(policy.Use).When(policy.AtMost("P3Y")).DeleteAfterUse()
}

// hashOf is the SHA-256 of data.
const hashOf = "e79662275369fd01abef1225dc618a6e8f562632c9c7fd2fd324cb84030b1471"

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

// book is the evidence of one side. What is not durable dies with its process.
type book struct {
	of    *trade
	store *memory.Store

	mu    sync.Mutex
	r     *evidence.Recorder
	fails int // so often nothing is kept for good
}

var _ transfer.SureEvidence = (*book)(nil)

func newBook(d *trade) *book {
	b := &book{of: d, store: memory.New()}
	b.dies()
	return b
}

func (b *book) dies() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.r = evidence.New(evidence.Config{Store: b.store, Transfers: b.of, Now: b.of.now, NewID: newID})
}

func (b *book) open() *evidence.Recorder { b.mu.Lock(); defer b.mu.Unlock(); return b.r }

func (b *book) Moved(ctx context.Context, m transfer.Movement) { b.open().Moved(ctx, m) }

func (b *book) MovedOnce(ctx context.Context, m transfer.Movement) error {
	b.mu.Lock()
	fails := b.fails > 0
	b.fails--
	b.mu.Unlock()
	if fails {
		return errForgotten
	}
	return b.open().MovedOnce(ctx, m)
}

// TestPushIsCountedAlike: whatever goes wrong on the way, and whichever side has
// to begin again, what both say was moved is the same: one body, by one name.
func TestPushIsCountedAlike(t *testing.T) {
	const part = 30_000
	shorter, longer, asLong := "another one", strings.Repeat("another", 80_000), strings.Repeat("x", len(parts(1)))
	for name, c := range map[string]struct {
		trouble
		again bool // the data is taken more than once
	}{
		"nothing goes wrong":                              {trouble: trouble{}},
		"the answer is lost":                              {trouble: trouble{lost: 1}},
		"the answer is lost, of a stream":                 {trouble: trouble{lost: 1, endless: true}},
		"Keep fails once":                                 {trouble: trouble{failed: 1}},
		"Keep fails twice, of a stream":                   {trouble: trouble{failed: 2, endless: true}},
		"Keep fails once and the answer is lost":          {trouble: trouble{failed: 1, lost: 2}},
		"it is not written down that it is kept":          {trouble: trouble{forgotten: 1}},
		"nor is it, of a stream, and the consumer dies":   {trouble: trouble{forgotten: 1, endless: true, dies: "maker"}},
		"cut in the middle":                               {trouble: trouble{cut: part}},
		"cut in the middle, and the answer is lost":       {trouble: trouble{cut: part, lost: 1}},
		"cut in the middle, of a stream":                  {trouble: trouble{cut: part, endless: true}, again: true},
		"cut in the middle, and Keep fails":               {trouble: trouble{cut: part, failed: 1}},
		"cut in the middle, and the provider dies":        {trouble: trouble{cut: part, dies: "supplier"}},
		"cut in the middle, and the consumer dies":        {trouble: trouble{cut: part, dies: "maker"}},
		"the answer is lost, and the provider dies":       {trouble: trouble{lost: 1, dies: "supplier"}},
		"the answer is lost, and the consumer dies":       {trouble: trouble{lost: 1, dies: "maker"}},
		"the consumer dies before it keeps it":            {trouble: trouble{failed: 1, dies: "maker"}},
		"the consumer dies before it is written down":     {trouble: trouble{forgotten: 1, dies: "maker"}},
		"it is not written down that it is counted":       {trouble: trouble{uncounted: 1}},
		"nor is it, and the consumer dies":                {trouble: trouble{uncounted: 1, dies: "maker"}},
		"nor is it, and the answer is lost":               {trouble: trouble{uncounted: 1, lost: 1, dies: "maker"}},
		"the consumer's evidence is not kept at first":    {trouble: trouble{unrecorded: "maker"}},
		"the provider's evidence is not kept at first":    {trouble: trouble{unrecorded: "supplier"}},
		"nor where the answer was lost":                   {trouble: trouble{unrecorded: "supplier", lost: 1}},
		"the provider dies before it tells":               {trouble: trouble{unheard: 1}},
		"the answer is lost, and it dies before it tells": {trouble: trouble{lost: 1, unheard: 2}},
		"repeated whole":                                  {trouble: trouble{plain: true, lost: 1}},
		"repeated whole, and large":                       {trouble: trouble{plain: true, lost: 1, large: true}},
		"repeated whole, and Keep fails":                  {trouble: trouble{plain: true, failed: 1, lost: 1}},
		"repeated whole, and it was not written down":     {trouble: trouble{plain: true, forgotten: 1, lost: 1}},
		"repeated whole, of a stream":                     {trouble: trouble{plain: true, lost: 1, endless: true, large: true}},
		"repeated whole after a cut":                      {trouble: trouble{plain: true, cut: part}, again: true},
		"repeated whole, and the provider dies":           {trouble: trouble{plain: true, lost: 1, dies: "supplier"}},
		"repeated whole, and the consumer dies":           {trouble: trouble{plain: true, lost: 1, dies: "maker"}},
		"repeated whole, the consumer dies, nothing yet":  {trouble: trouble{plain: true, failed: 1, dies: "maker"}},
		"the source is longer by then":                    {trouble: trouble{lost: 1, becomes: longer}},
		"it is, and more was begun to be sent":            {trouble: trouble{lost: 2, becomes: longer, early: 1}},
		"it is shorter, and was sent":                     {trouble: trouble{lost: 1, becomes: shorter, early: 1}},
		"it is as long, and was sent":                     {trouble: trouble{lost: 1, becomes: asLong, early: 1}},
		"and that answer is lost, and the provider dies":  {trouble: trouble{lost: 2, becomes: shorter, early: 1, dies: "supplier"}},
		"it was not written down, and is shorter by then": {trouble: trouble{forgotten: 1, becomes: shorter, early: 1}},
		"a stream that is another one by then":            {trouble: trouble{lost: 1, becomes: longer, early: 1, endless: true}},
		"repeated whole, the source is longer by then":    {trouble: trouble{plain: true, lost: 1, becomes: longer}},
		"repeated whole, it is shorter by then":           {trouble: trouble{plain: true, lost: 1, becomes: shorter}},
		"repeated whole, it is as long":                   {trouble: trouble{plain: true, lost: 1, becomes: asLong}},
		"repeated whole, a stream is another one by then": {trouble: trouble{plain: true, lost: 1, becomes: longer, endless: true}},
		"and large, and the provider dies":                {trouble: trouble{plain: true, lost: 1, becomes: strings.Repeat(longer, 8), large: true, dies: "supplier"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTrade(t, c.trouble)
			d.trades()
			if n := d.shelf.Written(); !c.again && n != int64(len(d.data)) || len(d.shelf.Bodies("c")) != 1 {
				t.Errorf("%d bytes of %d were taken, %d bodies are kept", n, len(d.data), len(d.shelf.Bodies("c")))
			}
			d.alike()
		})
	}
}

// TestPushCountsBeforeItEnds: what has arrived and was not counted, as its
// process died, is when the transfer ends, which fails until then.
func TestPushCountsBeforeItEnds(t *testing.T) {
	for name, end := range map[string]func(*dataplane.Push, context.Context, transfer.Flow) error{
		"completed": (*dataplane.Push).Complete, "terminated": (*dataplane.Push).Terminate,
	} {
		t.Run(name, func(t *testing.T) {
			d := newTrade(t, trouble{unrecorded: "supplier"})
			_, err := d.sent.PutJob(t.Context(), transfer.Job{
				Context: "supplier", Process: "p", Kind: transfer.JobPush, State: transfer.JobOpen, ID: newID(), NextTry: d.now().Add(time.Hour),
				Offset: 5, Total: 5, SHA256: sumOf([]byte("data\n")), Address: &transfer.DataAddress{Endpoint: d.url},
			})
			if err != nil {
				t.Fatal(err)
			}
			push, of := d.supplier(), transfer.Flow{Context: "supplier", Process: "p"}
			for try := range 3 {
				if err := end(push, t.Context(), of); (err != nil) != (try == 0) {
					t.Errorf("%d: %v", try, err)
				}
				j, err := d.sent.Job(t.Context(), "supplier", "p", transfer.JobPush)
				if err != nil || j.Over() != (try > 0) || j.Counted != (try > 0) {
					t.Errorf("%d: %+v %v", try, j, err)
				}
			}
			said, err := d.books["supplier"].open().Declare(t.Context(), "supplier", "p", "", 0)
			if n := said.Totals(evidence.Sent); err != nil || n.Bodies != 1 || n.Bytes != 5 {
				t.Errorf("%+v %v", n, err)
			}
		})
	}
}

// trades pushes until all has arrived.
func (d *trade) trades() {
	d.Helper()
	prepared, err := d.inbox.Prepare(d.Context(), transfer.Flow{Context: "maker", Process: "c", Role: "consumer"})
	if err != nil {
		d.Fatal(err)
	}
	a := prepared.DataAddress
	if d.plain {
		a.Properties = a.Properties[:2]
	}
	if _, err := d.supplier().Start(d.Context(), transfer.Flow{Context: "supplier", Process: "p", Role: "provider", MessageID: "m", DataAddress: a}); err != nil {
		d.Fatal(err)
	}
	select {
	case <-d.arrived:
	case <-time.After(30 * time.Second):
		j, err := d.sent.Job(d.Context(), "supplier", "p", transfer.JobPush)
		d.Fatalf("it does not arrive: %+v, %+v, %v", j, j.Fault, err)
	}
}

// counted waits until the maker has counted what it kept, and returns its job.
func (d *trade) counted() (j transfer.Job, err error) {
	polls(d, func() bool {
		j, err = d.received.Job(d.Context(), "maker", "c", transfer.JobInbox)
		return err != nil || j.Over() && j.Counted && j.NextTry.IsZero()
	})
	return j, err
}

// alike fails unless the declarations of both sides match, and are of one body.
func (d *trade) alike() {
	d.Helper()
	in, err := d.counted()
	declared := map[string]evidence.Declaration{}
	for side, id := range map[string]string{"supplier": "p", "maker": "c"} {
		d.books[side].dies() // all that counts is durable
		said, err := d.books[side].open().Declare(d.Context(), side, id, "", 0)
		if err != nil {
			d.Fatal(err)
		}
		declared[side] = said
	}
	supplier, maker := declared["supplier"], declared["maker"]
	r := evidence.Match(supplier, maker)
	if !r.Agree || r.Bodies != 1 || r.Bytes != int64(len(d.data)) {
		d.Errorf("%+v", r)
	}
	if err != nil || in.Bodies != 1 || in.KeptBytes != int64(len(d.data)) {
		d.Errorf("%d bodies of %d bytes count against the bound: %v", in.Bodies, in.KeptBytes, err)
	}
	j, err := d.sent.Job(d.Context(), "supplier", "p", transfer.JobPush)
	if err != nil {
		d.Fatal(err)
	}
	if want := evidence.Add(j.ID[len("urn:uuid:"):], sumOf(d.data), int64(len(d.data))); maker.Totals(evidence.Received).Digest != want {
		d.Errorf("the digest is not of all under one name: %+v", maker.Bodies)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/dataplane/dataplanetest"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

// trouble is what goes wrong in a trade. Zero: nothing.
type trouble struct {
	lost, failed, forgotten int   // answers to bodies; calls of Keep; rows that say that a body is kept
	uncounted               int   // rows that say that it is counted
	unheard                 int   // the provider dies when it tells that all has arrived, so often
	cut                     int64 // the first body ends after so many bytes
	dies                    string
	unrecorded              string // whose evidence cannot be kept, once
	plain                   bool   // the receiver does not say that uploads may go on
	large                   bool   // so that an answer comes before the whole body is read
	endless                 bool   // nobody knows how long the source is, nor whether it is the same again
}

// trade is a push from a supplier to a maker, with the evidence of both.
type trade struct {
	*testing.T
	trouble
	data          []byte
	source        dataplane.Source
	shelf         *dataplanetest.Shelf
	sent          *memory.Store
	received      *forgetful
	books         map[string]*book // by participant
	clients       *safehttp.Clients
	url           string
	arrived       chan struct{}
	began         time.Time
	once          sync.Once
	mu            sync.Mutex
	inbox         *dataplane.Inbox
	stopsSupplier func()
	stopsMaker    func()
}

func newID() string { return uuid.Must(uuid.NewV7()).URN() }

func newTrade(t *testing.T, of trouble) *trade {
	d := &trade{
		T: t, trouble: of, data: bytes.Repeat([]byte("部品表 0123456789\n"), 5_000), began: time.Now(), shelf: dataplanetest.NewShelf(1 << 30),
		sent: memory.New(), received: &forgetful{JobStore: memory.New(), fails: of.forgotten + of.uncounted, skips: of.uncounted}, arrived: make(chan struct{}),
	}
	if of.large {
		d.data = bytes.Repeat(d.data, 6)
	}
	d.shelf.Fail(of.failed)
	d.books = map[string]*book{"supplier": newBook(d), "maker": newBook(d)}
	if b := d.books[of.unrecorded]; b != nil {
		b.fails = 1
	}
	var err error
	if d.clients, err = safehttp.New(safehttp.Config{DevMode: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.clients.CloseIdle)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	d.url = server.URL
	d.source = dataplane.Source{Type: dataplane.SourceFile, Path: filepath.Join(t.TempDir(), "data")}
	if err := os.WriteFile(d.source.Path, d.data, 0o600); err != nil {
		t.Fatal(err)
	}
	if of.endless {
		stream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush() // without a length
			_, _ = w.Write(d.data)
		}))
		t.Cleanup(stream.Close)
		d.source = dataplane.Source{Type: dataplane.SourceHTTP, URL: stream.URL}
	}
	d.maker()
	return d
}

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

// now is a clock that runs fast, so that nobody waits for another try for long.
func (d *trade) now() time.Time { return d.began.Add(hurry * time.Since(d.began)) }

const hurry = 20

// Get implements evidence.Transfers: both sides are here.
func (d *trade) Get(_ context.Context, contextID, id string) (transfer.Process, error) {
	p := transfer.Process{Context: contextID, ID: id, Role: "provider", Participant: "supplier", Peer: "maker", PeerPID: "c", Agreement: "a", Dataset: "d"}
	if contextID == "maker" {
		p.Role, p.Participant, p.Peer, p.PeerPID = "consumer", "maker", "supplier", "p"
	}
	return p, nil
}

// Running implements dataplane.Transfers.
func (*trade) Running(_ context.Context, c, id string) (transfer.Running, error) {
	return transfer.Running{Context: c, Process: id, Dataset: "d"}, nil
}

// Exhausted implements dataplane.Transfers.
func (*trade) Exhausted(string, string, int64) {}

// Signal implements transfer.Signals.
func (d *trade) Signal(_ context.Context, s transfer.Signal) error {
	if s.State != transfer.FlowCompleted {
		d.Errorf("signalled: %+v", s)
	}
	d.mu.Lock()
	dies := d.unheard > 0
	d.unheard--
	d.mu.Unlock()
	if dies {
		d.books["supplier"].dies()
		return errForgotten
	}
	d.once.Do(func() { close(d.arrived) })
	return nil
}

func never(string, string) (<-chan struct{}, func()) { return nil, func() {} }

// maker begins the consumer's process. One before it is gone, but for its disk.
func (d *trade) maker() {
	carrier := dataplane.NewCarrier(dataplane.CarrierConfig{Jobs: d.received, Watch: never, Timer: wallTimer, Now: d.now})
	d.Cleanup(carrier.Close)
	inbox := dataplane.NewInbox(dataplane.InboxConfig{
		Jobs: d.received, Drafts: d.shelf, Carrier: carrier, Watch: never, Timer: wallTimer, Now: d.now, Rand: rand.Reader, NewID: newID, Evidence: d.books["maker"],
		Receiving: func(context.Context, string, string) error { return nil },
		PublicURL: func(_ context.Context, c string) (string, error) { return d.url + "/" + c, nil },
	})
	stop := sync.OnceFunc(runs(d, carrier, func(at time.Time) time.Duration { return at.Sub(d.now()) / hurry }))
	d.Cleanup(stop)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inbox, d.stopsMaker = inbox, stop
}

// supplier begins the provider's process.
func (d *trade) supplier() *dataplane.Push {
	cfg := dataplane.PushConfig{Jobs: d.sent, Foreign: d.clients.Foreign, Signals: d}
	cfg.Transfers, cfg.Watch, cfg.Now, cfg.Timer, cfg.NewID, cfg.Operator, cfg.Evidence = d, never, d.now, wallTimer, newID, d.clients.Operator, d.books["supplier"]
	cfg.SourceOf = func(context.Context, string, string) (dataplane.Source, error) { return d.source, nil }
	push := dataplane.NewPush(cfg)
	carrier := dataplane.NewCarrier(dataplane.CarrierConfig{
		Jobs: d.sent, Alone: true, Movers: map[transfer.JobKind]dataplane.Mover{transfer.JobPush: push}, Watch: never, Timer: wallTimer, Now: d.now,
	})
	push.Carried(carrier)
	stop := sync.OnceFunc(runs(d, carrier, func(at time.Time) time.Duration { return at.Sub(d.now()) / hurry }))
	d.Cleanup(func() { stop(); push.Close() })
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopsSupplier = stop
	return push
}

// ServeHTTP is the network between the two, which may fail.
func (d *trade) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	at, stop, stopMaker, hit := d.inbox, d.stopsSupplier, d.stopsMaker, r.Method != http.MethodHead
	to, broken := w, false
	switch {
	case !hit:
	case d.cut > 0:
		r.Body, d.cut, broken = &half{Reader: io.LimitReader(r.Body, d.cut), Closer: r.Body}, 0, true
	case d.lost > 0:
		d.lost--
		broken = true
	}
	dies := d.dies
	if hit {
		d.dies = ""
	} else {
		dies = ""
	}
	d.mu.Unlock()
	if broken {
		to = httptest.NewRecorder()
	}
	at.ServeHTTP(to, r)
	switch dies {
	case "maker":
		stopMaker()
		d.books["maker"].dies()
		d.maker()
	case "supplier":
		stop()
		d.books["supplier"].dies()
		d.supplier()
	}
	if broken {
		panic(http.ErrAbortHandler)
	}
}

// half is a body that ends where the connection does.
type half struct {
	io.Reader
	io.Closer
}

func (h *half) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// TestPushIsCountedAlike: whatever goes wrong on the way, and whichever side has
// to begin again, what both say was moved is the same: one body, by one name.
func TestPushIsCountedAlike(t *testing.T) {
	const part = 30_000
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

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
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/dataplane/dataplanetest"
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
	becomes                 string // after the first body, while its answer is on its way, the source is this; empty: it stays
	early                   int    // so often HEAD is answered after that as if nothing had come
}

// trade is a push from a supplier to a maker, with the evidence of both.
type trade struct {
	*testing.T
	trouble
	data          []byte
	is            atomic.Pointer[[]byte] // what the source has now
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

// parts is what is pushed.
func parts(times int) []byte { return bytes.Repeat([]byte("部品表 0123456789\n"), 5_000*times) }

func newTrade(t *testing.T, of trouble) *trade {
	d := &trade{
		T: t, trouble: of, data: parts(1), began: time.Now(), shelf: dataplanetest.NewShelf(1 << 30),
		sent: memory.New(), received: &forgetful{JobStore: memory.New(), fails: of.forgotten + of.uncounted, skips: of.uncounted}, arrived: make(chan struct{}),
	}
	if of.large {
		d.data = parts(6)
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
	d.sources(d.data)
	if of.endless {
		stream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush() // without a length
			_, _ = w.Write(*d.is.Load())
		}))
		t.Cleanup(stream.Close)
		d.source = dataplane.Source{Type: dataplane.SourceHTTP, URL: stream.URL}
	}
	d.maker()
	return d
}

// sources gives the source other data, as one who replaces a file does.
func (d *trade) sources(data []byte) {
	d.is.Store(&data)
	if d.source.Type == dataplane.SourceHTTP {
		return
	}
	err := os.WriteFile(d.source.Path+"~", data, 0o600)
	if err == nil {
		err = os.Rename(d.source.Path+"~", d.source.Path)
	}
	if err != nil {
		d.Error(err)
	}
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
	dies, becomes := d.dies, d.becomes
	if hit {
		d.dies, d.becomes = "", ""
	} else {
		dies, becomes = "", ""
	}
	early := !hit && d.becomes == "" && d.early > 0
	if early {
		d.early--
	}
	d.mu.Unlock()
	if early {
		w.Header().Set("Upload-Offset", "0")
		return
	}
	if broken {
		to = httptest.NewRecorder()
	}
	at.ServeHTTP(to, r)
	if becomes != "" {
		d.sources([]byte(becomes))
	}
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

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling_test

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// step is one at which something goes wrong, once.
type step int

const (
	keepFails   step = 1 << iota // the plane cannot keep that a body is there
	keepUnheard                  // it has, and does not hear so
	planeDies                    // before its job says that the body is counted
	planeDiesIn                  // so it does once the control plane was told
	toldFails                    // the control plane cannot keep it
	toldUnheard                  // it has, and its answer is lost
	toldDies                     // so does the control plane, after it kept it
	dropFails                    // the plane cannot drop what was told, and dies
	steps
)

// chain is a data plane of its own and its control plane, each with a store that
// outlives it.
type chain struct {
	*testing.T
	trouble step
	flows   *signaling.Memory
	store   *memory.Store
	plane   *signaling.Server
	control http.Handler
	now     time.Time
	ids     int
}

func newChain(t *testing.T, trouble step) *chain {
	t.Helper()
	c := &chain{T: t, trouble: trouble, flows: &signaling.Memory{}, store: memory.New(), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	flow := signaling.Flow{
		ID: "t1", ControlPlane: "cp", Version: 1, State: transfer.FlowStarted, Changed: c.now,
		Asked: transfer.Flow{Context: "acme", Process: "t1", Role: "provider"},
	}
	if err := c.flows.AddFlow(t.Context(), flow); err != nil {
		t.Fatal(err)
	}
	c.controls()
	c.planes()
	return c
}

var errStep = errors.New("it went wrong")

// hits reports, once, whether something goes wrong.
func (c *chain) hits(s step) bool {
	hit := c.trouble&s != 0
	c.trouble &^= s
	return hit
}

func (c *chain) newID() string { c.ids++; return fmt.Sprintf("%09d", c.ids) }

// KeepMoved, DropMoved and TakeMoved implement signaling.Untold.
func (c *chain) KeepMoved(ctx context.Context, h signaling.MovedHold, list []signaling.MovedBatch) error {
	if c.hits(keepFails) {
		return errStep
	}
	err := c.flows.KeepMoved(ctx, h, list)
	if c.hits(keepUnheard) {
		return errStep
	}
	return err
}

func (c *chain) DropMoved(ctx context.Context, ids []string) error {
	if c.hits(dropFails) {
		c.planes()
		return errStep
	}
	return c.flows.DropMoved(ctx, ids)
}

func (c *chain) TakeMoved(ctx context.Context, h signaling.MovedHold, until time.Time, limit int) ([]signaling.MovedBatch, error) {
	return c.flows.TakeMoved(ctx, h, until, limit)
}

// Get implements evidence.Transfers.
func (c *chain) Get(context.Context, string, string) (transfer.Process, error) {
	return transfer.Process{Context: "acme", ID: "t1", Role: "provider"}, nil
}

// planes begins the data plane's process.
func (c *chain) planes() {
	c.plane = signaling.NewServer(signaling.ServerConfig{
		Flows: c.flows, Untold: c, Alone: true, Now: func() time.Time { return c.now }, NewID: c.newID,
		Caller: func(*http.Request) (string, error) { return "cp", nil },
		Call: func(ctx context.Context, _, method, path string, body []byte) (int, []byte, error) {
			if c.hits(toldFails) {
				return http.StatusServiceUnavailable, nil, nil
			}
			r := httptest.NewRequestWithContext(ctx, method, "/acme/signaling"+path, strings.NewReader(string(body)))
			r.SetPathValue("ctx", "acme")
			r.Header.Set("Authorization", "key")
			w := httptest.NewRecorder()
			c.control.ServeHTTP(w, r)
			if c.hits(toldUnheard) {
				return 0, nil, errStep
			}
			if c.hits(toldDies) {
				c.controls()
				return 0, nil, errStep
			}
			return w.Code, w.Body.Bytes(), nil
		},
	})
	c.Cleanup(c.plane.Close)
}

// records is the control plane's evidence as a process begins.
func (c *chain) records() *evidence.Recorder {
	return evidence.New(evidence.Config{Store: c.store, Transfers: c, Now: func() time.Time { return c.now }, NewID: c.newID})
}

// controls begins the control plane's process.
func (c *chain) controls() {
	registry := signaling.NewRegistry(signaling.RegistryConfig{Set: transfer.NewSet(), Now: func() time.Time { return c.now }})
	if err := registry.Configure(signaling.Plane{ID: "mine", Context: "acme", Endpoint: "https://plane.example", Profiles: []string{pullFormat}, KeyHash: signaling.HashKey("key")}); err != nil {
		c.Fatal(err)
	}
	r := c.records()
	c.control = signaling.NewCallbacks(signaling.CallbacksConfig{
		Registry: registry, Evidence: r, Flush: r.Flush, Now: func() time.Time { return c.now },
		PlaneOf: func(context.Context, string, string) (string, error) { return "mine", nil },
	})
}

// moves counts a body as its job does, until it is counted and told.
func (c *chain) moves(m transfer.Movement) {
	c.Helper()
	counted := false
	for range 20 {
		c.now = c.now.Add(time.Hour)
		if !counted {
			if c.plane.MovedOnce(c.Context(), m) != nil {
				continue
			}
			if c.hits(planeDies) {
				c.planes()
				continue
			}
			if c.trouble&planeDiesIn == 0 {
				counted = true
			}
		}
		plane := c.plane
		next, err := plane.TellMoved(c.Context())
		if counted && err == nil && next.IsZero() && plane == c.plane {
			return
		}
		if c.hits(planeDiesIn) {
			c.planes()
		}
	}
	c.Error("it is not told")
}

// TestPushedBodiesCountOnce: whichever step of a data plane of its own, and of
// its control plane, goes wrong, a body that is pushed counts once.
func TestPushedBodiesCountOnce(t *testing.T) {
	t.Parallel()
	for trouble := range steps {
		if bits.OnesCount(uint(trouble)) > 3 {
			continue
		}
		c := newChain(t, trouble)
		m := transfer.Movement{
			Context: "acme", Process: "t1", TrackingID: "x", Sent: true, Method: "PATCH", Status: 201, Bytes: 5, Whole: true, Alone: true,
			SHA256: strings.Repeat("0a", 32), Began: c.now, Ended: c.now,
		}
		c.moves(m)
		d, err := c.records().Declare(t.Context(), "acme", "t1", "", 0)
		if n := d.Totals(evidence.Sent); err != nil || n.Bodies != 1 || n.Bytes != 5 || len(d.Bodies) != 1 || c.trouble != 0 {
			t.Errorf("trouble %b, of which there was not %b: %+v, %d rows, %v", trouble, c.trouble, n, len(d.Bodies), err)
		}
	}
}

// TestToldBatchesCountOnce: what was moved and is kept by the plane counts once,
// whatever goes wrong while it is told.
func TestToldBatchesCountOnce(t *testing.T) {
	t.Parallel()
	for trouble := toldFails; trouble < steps; trouble += toldFails {
		c := newChain(t, trouble)
		for i := range 3 {
			m := transfer.Movement{
				Context: "acme", Process: "t1", TrackingID: "x", Sent: i > 0, Method: "GET", Status: 200, Bytes: 1 << (10 * i), Whole: true,
				SHA256: strings.Repeat("0a", 32), Began: c.now, Ended: c.now,
			}
			c.plane.Moved(t.Context(), m)
			if _, err := c.plane.KeepMoved(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.tells()
		}
		d, err := c.records().Declare(t.Context(), "acme", "t1", "", 0)
		sent, received := d.Totals(evidence.Sent), d.Totals(evidence.Received)
		if err != nil || sent.Bodies != 2 || sent.Bytes != 1<<10+1<<20 || received.Bodies != 1 || len(d.Bodies) != 1 || c.trouble != 0 {
			t.Errorf("trouble %b, of which there was not %b: %+v, %+v, %d rows, %v", trouble, c.trouble, sent, received, len(d.Bodies), err)
		}
	}
}

// tells has what is kept told, until it is.
func (c *chain) tells() {
	c.Helper()
	for range 20 {
		c.now = c.now.Add(time.Hour)
		plane := c.plane
		if next, err := plane.TellMoved(c.Context()); err == nil && next.IsZero() && plane == c.plane {
			return
		}
	}
	c.Error("it is not told")
}

// TestMovedOnceIsBounded: what no control plane takes does not fill the memory,
// and another body that counts once is another.
func TestMovedOnceIsBounded(t *testing.T) {
	t.Parallel()
	c := &chain{T: t, flows: &signaling.Memory{}}
	c.planes()
	move := func(name string) error {
		return c.plane.MovedOnce(t.Context(), transfer.Movement{Context: "acme", Process: "t1", TrackingID: name, SHA256: "a"})
	}
	for range 20_000 - 1 {
		c.plane.Moved(t.Context(), transfer.Movement{Context: "acme", Process: "t1"})
	}
	c.now = time.Unix(1e9, 0)
	if first, second, again := move("one"), move("another"), move("one"); first != nil || second == nil || again != nil {
		t.Error(first, second, again)
	}
}

// TestMovementsAreChecked: what the evidence cannot keep is refused, since it
// would keep back all the rest.
func TestMovementsAreChecked(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("0a", 32)
	for text, want := range map[string]int{
		`"bytes":1`:                      200,
		`"bytes":-1`:                     400,
		`"offset":-1`:                    400,
		`"status":-1`:                    400,
		`"status":4294967296`:            400,
		`"bytes":9223372036854775807`:    400,
		`"sha256":"0a"`:                  400,
		`"sha256":"` + sum[1:] + `x"`:    400,
		`"sha256":"` + sum + `"`:         200,
		`"began":"1960-01-01T00:00:00Z"`: 400,
		`"path":"a\u0000"`:               400,
		`"once":true,"whole":true`:       400,
		`"once":true,"trackingId":"x","sha256":"` + sum + `"`:              400,
		`"once":true,"trackingId":"x","whole":true,"sha256":"` + sum + `"`: 200,
	} {
		c := newControlPlane(t)
		w := c.call("POST", "/transfers/t1/movements?batch=b", "key-of-mine", `[{"bytes":2},{`+text+`}]`)
		if w.Code != want || (len(c.moved) == 2) != (want == 200) {
			t.Errorf("%s is answered %d, and %d are kept", text, w.Code, len(c.moved))
		}
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/dataplane/dataplanetest"
	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/trust"
)

func TestMain(m *testing.M) {
	testkit.AtOnce(8)
	os.Exit(m.Run())
}

// oneKey is a trust.KeyStore of one key.
type oneKey struct{ crypto.Signer }

func (k oneKey) SigningKey(context.Context, string, string) (trust.Key, error) {
	return trust.Key{ID: "key-1", Signer: k}, nil
}

func (oneKey) PublicKeys(context.Context, string, string) ([]trust.PublicKey, error) { return nil, nil }

func (k oneKey) VerificationKey(context.Context, string, string) (crypto.PublicKey, error) {
	return k.Public(), nil
}

// built serves one format by a built-in plane, and of a push the consumer by
// another one.
type built struct {
	transfer.DataPlane
	inbox  transfer.DataPlane
	format string
}

func (b *built) Plane(_, format, role string) (transfer.DataPlane, bool) {
	if role == "consumer" && transfer.Push(format) {
		return b.inbox, format == b.format
	}
	return b.DataPlane, format == b.format
}

func timer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// remote opens the built-in planes of a format behind a Server, and a Client of
// it. The control plane gives no verdicts: its signals alone rule. kept are the
// bodies that were pushed to it.
func remote(t testing.TB, c *dataplanetest.Control, format string, async bool) (plane transfer.DataPlane, kept func(process string) []string) {
	key, err := jose.GenerateES256(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	clients, err := safehttp.New(safehttp.Config{DevMode: true})
	if err != nil {
		t.Fatal(err)
	}
	planes := &built{format: format}
	newID := func() string { return uuid.Must(uuid.NewV7()).URN() }
	server := signaling.NewServer(signaling.ServerConfig{
		Flows: &signaling.Memory{}, Planes: planes, Now: time.Now, NewID: newID, Timer: timer,
		Caller:  func(*http.Request) (string, error) { return "cp", nil },
		Context: func(string, string) (string, bool) { return dataplanetest.Context, true },
		Async:   func(transfer.Flow) bool { return async },
		Rules:   func(string) signaling.Rule { return signaling.SignalsAlone },
		Call: func(ctx context.Context, _, _, path string, _ []byte) (int, []byte, error) {
			if process, ok := strings.CutSuffix(strings.TrimPrefix(path, "/transfers/"), "/dataflow/completed"); ok {
				process, _ = url.PathUnescape(process)
				return http.StatusOK, nil, c.Signal(ctx, transfer.Signal{Context: dataplanetest.Context, Process: process, State: transfer.FlowCompleted})
			}
			return http.StatusOK, nil, nil
		},
	})
	data := httptest.NewServer(nil)
	shared := dataplane.Config{
		Transfers: server, Keys: oneKey{key}, Operator: clients.Operator, Watch: server.Watch, Timer: timer, Now: time.Now,
		Evidence: c, NewID: newID,
		SourceOf: func(context.Context, string, string) (dataplane.Source, error) {
			return dataplane.Source{Type: dataplane.SourceHTTP, URL: c.SourceURL()}, nil
		},
		PublicURL: func(_ context.Context, contextID string) (string, error) { return data.URL + "/" + contextID, nil },
	}
	store, pull, shelf := memory.New(), dataplane.New(shared), dataplanetest.NewShelf(1<<30)
	push := dataplane.NewPush(dataplane.PushConfig{Config: shared, Jobs: store, Foreign: clients.Foreign, Signals: server})
	jobs := dataplane.NewCarrier(dataplane.CarrierConfig{
		Jobs: store, Alone: true, Movers: map[transfer.JobKind]dataplane.Mover{transfer.JobPush: push}, Watch: server.Watch, Timer: timer, Now: time.Now,
	})
	push.Carried(jobs)
	inbox := dataplane.NewInbox(dataplane.InboxConfig{
		Jobs: store, Drafts: shelf, Carrier: jobs, Receiving: server.Receiving, PublicURL: shared.PublicURL, Watch: server.Watch, Timer: timer,
		Now: time.Now, NewID: newID, Rand: rand.Reader, Evidence: c,
	})
	planes.inbox = inbox
	data.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if inbox.Serves(r.URL) {
			inbox.ServeHTTP(w, r)
			return
		}
		pull.ServeHTTP(w, r)
	})
	if planes.DataPlane = pull; transfer.Push(format) {
		planes.DataPlane = push
	}
	signals := httptest.NewServer(server)
	stop := work(server.Work, jobs.Work)
	t.Cleanup(func() {
		stop()
		jobs.Close()
		push.Close()
		pull.Close()
		server.Close()
		clients.CloseIdle()
		signals.Close()
		data.CloseClientConnections()
		data.Close()
	})
	return signaling.NewClient(signaling.ClientConfig{Endpoint: signals.URL, HTTP: clients.Operator, Now: time.Now}), shelf.Bodies
}

// work does what the server's flows and the jobs owe until stop.
func work(owed ...func(context.Context) (time.Time, error)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			for _, do := range owed {
				if _, err := do(ctx); err != nil && ctx.Err() != nil {
					return
				}
			}
			fired, release := timer(20 * time.Millisecond)
			select {
			case <-fired:
			case <-ctx.Done():
			}
			release()
		}
	}()
	return func() { cancel(); <-done }
}

// ways are how the control plane gets through to a plane.
var ways = map[string]struct{ async, faulty bool }{"at once": {}, "later": {async: true}, "faulty": {faulty: true}}

// TestRemotePlane: a plane behind the HTTP binding keeps the contract of one in
// the same process, whether it begins flows at once or later, and where calls
// get lost.
func TestRemotePlane(t *testing.T) {
	for _, format := range []string{dataplane.Format, dataplane.PushFormat} {
		for name, way := range ways {
			t.Run(format+" "+name, func(t *testing.T) {
				t.Parallel()
				dataplanetest.Run(t, format, func(t testing.TB, c *dataplanetest.Control) transfer.DataPlane {
					plane, _ := remote(t, c, format, way.async)
					if way.faulty {
						plane = dataplanetest.Faulty(plane)
					}
					return plane
				})
			})
		}
	}
}

// TestRemoteInbox: so does a plane to which data is pushed.
func TestRemoteInbox(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dataplanetest.RunInbox(t, dataplane.PushFormat, func(t testing.TB, c *dataplanetest.Control) (transfer.DataPlane, func(string) []string) {
				plane, kept := remote(t, c, dataplane.PushFormat, way.async)
				if way.faulty {
					plane = dataplanetest.Faulty(plane)
				}
				return plane, kept
			})
		})
	}
}

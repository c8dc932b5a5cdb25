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

// built serves one format by a built-in plane, and as consumer gives an address
// to push to.
type built struct {
	transfer.DataPlane
	format string
}

func (b *built) Plane(_, format, role string) (transfer.DataPlane, bool) {
	if role == "consumer" && transfer.Push(format) {
		return addressed{b.DataPlane}, format == b.format
	}
	return b.DataPlane, format == b.format
}

type addressed struct{ transfer.DataPlane }

func (addressed) Prepare(context.Context, transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{State: transfer.FlowPrepared, DataAddress: &transfer.DataAddress{
		EndpointType: transfer.EndpointTypeHTTP, Endpoint: "https://inbox.example/",
		Properties: []transfer.Property{{Name: transfer.PropertyAuthorization, Value: "token"}},
	}}, nil
}

func timer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// remote opens the built-in plane of a format behind a Server, and a Client of
// it. The control plane gives no verdicts: its signals alone rule.
func remote(t testing.TB, c *dataplanetest.Control, format string, async bool) transfer.DataPlane {
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
	kept, pull := memory.New(), dataplane.New(shared)
	data.Config.Handler = pull
	push := dataplane.NewPush(dataplane.PushConfig{Config: shared, Jobs: kept, Foreign: clients.Foreign, Signals: server})
	jobs := dataplane.NewCarrier(dataplane.CarrierConfig{
		Jobs: kept, Alone: true, Movers: map[transfer.JobKind]dataplane.Mover{transfer.JobPush: push}, Watch: server.Watch, Timer: timer, Now: time.Now,
	})
	push.Carried(jobs)
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
		data.Close()
	})
	return signaling.NewClient(signaling.ClientConfig{Endpoint: signals.URL, HTTP: clients.Operator, Now: time.Now})
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

// TestRemotePlane: a plane behind the HTTP binding keeps the contract of one in
// the same process, whether it begins flows at once or later, and where calls
// get lost.
func TestRemotePlane(t *testing.T) {
	for _, format := range []string{dataplane.Format, dataplane.PushFormat} {
		for name, open := range map[string]func(testing.TB, *dataplanetest.Control) transfer.DataPlane{
			"at once": func(t testing.TB, c *dataplanetest.Control) transfer.DataPlane { return remote(t, c, format, false) },
			"later":   func(t testing.TB, c *dataplanetest.Control) transfer.DataPlane { return remote(t, c, format, true) },
			"faulty": func(t testing.TB, c *dataplanetest.Control) transfer.DataPlane {
				return dataplanetest.Faulty(remote(t, c, format, false))
			},
		} {
			t.Run(format+" "+name, func(t *testing.T) {
				t.Parallel()
				dataplanetest.Run(t, format, open)
			})
		}
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/dataplane/dataplanetest"
	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/trust"
)

// oneKey is a trust.KeyStore of one key.
type oneKey struct{ crypto.Signer }

func (k oneKey) SigningKey(context.Context, string, string) (trust.Key, error) {
	return trust.Key{ID: "key-1", Signer: k}, nil
}

func (oneKey) PublicKeys(context.Context, string, string) ([]trust.PublicKey, error) { return nil, nil }

func (k oneKey) VerificationKey(context.Context, string, string) (crypto.PublicKey, error) {
	return k.Public(), nil
}

// pulls serves one format, in both roles.
type pulls struct{ transfer.DataPlane }

func (p *pulls) Plane(_, format, _ string) (transfer.DataPlane, bool) {
	return p.DataPlane, format == dataplane.Format
}

func timer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// remote opens the built-in pull plane behind a Server, and a Client of it. The
// control plane gives no verdicts: its signals alone rule.
func remote(t testing.TB, c *dataplanetest.Control, async bool) transfer.DataPlane {
	key, err := jose.GenerateES256(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	clients, err := safehttp.New(safehttp.Config{DevMode: true})
	if err != nil {
		t.Fatal(err)
	}
	planes := &pulls{}
	newID := func() string { return uuid.Must(uuid.NewV7()).URN() }
	server := signaling.NewServer(signaling.ServerConfig{
		Flows: &signaling.Memory{}, Planes: planes, Now: time.Now, NewID: newID, Timer: timer,
		Caller:  func(*http.Request) (string, error) { return "cp", nil },
		Context: func(string, string) (string, bool) { return dataplanetest.Context, true },
		Async:   func(transfer.Flow) bool { return async },
		Rules:   func(string) signaling.Rule { return signaling.SignalsAlone },
		Call: func(context.Context, string, string, string, []byte) (int, []byte, error) {
			return http.StatusOK, nil, nil
		},
	})
	data := httptest.NewServer(nil)
	plane := dataplane.New(dataplane.Config{
		Transfers: server, Keys: oneKey{key}, Operator: clients.Operator, Watch: server.Watch, Timer: timer, Now: time.Now,
		Evidence: c, NewID: newID,
		SourceOf: func(context.Context, string, string) (dataplane.Source, error) {
			return dataplane.Source{Type: dataplane.SourceHTTP, URL: c.SourceURL()}, nil
		},
		PublicURL: func(_ context.Context, contextID string) (string, error) { return data.URL + "/" + contextID, nil },
	})
	planes.DataPlane, data.Config.Handler = plane, plane
	signals := httptest.NewServer(server)
	stop := work(server)
	t.Cleanup(func() {
		stop()
		server.Close()
		clients.CloseIdle()
		signals.Close()
		data.Close()
	})
	return signaling.NewClient(signaling.ClientConfig{Endpoint: signals.URL, HTTP: clients.Operator, Now: time.Now})
}

// work does what the server's flows owe until stop.
func work(s *signaling.Server) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if _, err := s.Work(ctx); err != nil && ctx.Err() != nil {
				return
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
	for name, open := range map[string]func(testing.TB, *dataplanetest.Control) transfer.DataPlane{
		"at once": func(t testing.TB, c *dataplanetest.Control) transfer.DataPlane { return remote(t, c, false) },
		"later":   func(t testing.TB, c *dataplanetest.Control) transfer.DataPlane { return remote(t, c, true) },
		"faulty": func(t testing.TB, c *dataplanetest.Control) transfer.DataPlane {
			return dataplanetest.Faulty(remote(t, c, false))
		},
	} {
		t.Run(name, func(t *testing.T) { dataplanetest.Run(t, dataplane.Format, open) })
	}
}

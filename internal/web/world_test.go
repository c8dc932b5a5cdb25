// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Secrets that no answer and no log may hold.
const (
	apiKey      = "key-4711-management"
	toSupplier  = "Bearer acme-proves-itself-to-supplier"
	toAcme      = "Bearer supplier-proves-itself-to-acme"
	ofMallory   = "Bearer mallory-proves-itself"
	sourceToken = "Bearer token-of-the-source"
	dataToken   = "token-of-the-data"
)

const (
	idAcme     = "did:web:acme.example"
	idSupplier = "did:web:supplier.example"
	idMallory  = "did:web:mallory.example"
	pull       = "HttpData-PULL"
)

// world is two companies (and a third one that is only known to them) behind
// one protocol and one management handler, with the real services over stores
// in memory and real HTTP between them.
type world struct {
	t          testing.TB
	stores     *stores
	protocol   http.Handler
	management http.Handler
	server     *httptest.Server // of the protocol
	log        *logBuffer
	runner     *engine.Runner
	decide     negotiation.DeciderFunc
	maxBody    int64
	holdings   web.HoldingService
}

// logBuffer is a log that can be read while it is written.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var ids atomic.Int64

func newID() string { return fmt.Sprintf("urn:uuid:00000000-0000-7000-8000-%012d", ids.Add(1)) }

func timer(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

type option func(*world)

func newWorld(t testing.TB, options ...option) *world {
	t.Helper()
	w := &world{t: t, stores: newStores(), log: &logBuffer{}, decide: negotiation.Rules{}.Decide, maxBody: 64 << 10, holdings: fakeHoldings{}}
	for _, o := range options {
		o(w)
	}
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.protocol.ServeHTTP(rw, r) }))
	base := "http://" + w.server.Listener.Addr().String()
	for ctx, id := range map[string]string{"acme": idAcme, "supplier": idSupplier} {
		w.stores.participants[ctx] = trust.Participant{Context: ctx, ID: id, Name: ctx, PublicURL: base + "/" + ctx, Profile: "preshared"}
		w.stores.peers[[2]string{ctx, idMallory}] = trust.Peer{ID: idMallory, URL: base + "/nobody/dsp/2025-1", Inbound: ofMallory + ctx, Outbound: "Bearer x"}
	}
	w.stores.peers[[2]string{"acme", idSupplier}] = trust.Peer{ID: idSupplier, URL: base + "/supplier/dsp/2025-1", Inbound: toAcme, Outbound: toSupplier}
	w.stores.peers[[2]string{"supplier", idAcme}] = trust.Peer{ID: idAcme, URL: base + "/acme/dsp/2025-1", Inbound: toSupplier, Outbound: toAcme}
	w.wire()
	w.server.Start()
	if err := w.runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.runner.Stop(); w.server.Close() })
	return w
}

func (w *world) wire() {
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	clients, err := safehttp.New(safehttp.Config{DevMode: true, Timeout: 5 * time.Second})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(clients.CloseIdle)
	s := w.stores
	profile := &trust.Preshared{Peers: s, Now: time.Now}
	planes := transfer.Formats{pull: plane{}}
	policies := &policy.Judge{Registry: policy.NewRegistry(), Now: time.Now}
	point := &transfer.PolicyPoint{Judge: policies, Agreements: s, Meters: s}
	w.runner = engine.NewRunner(engine.Config{
		Store: s, Sender: &sender{clients, profile}, Now: time.Now, NewID: newID, Jitter: func() float64 { return 0 }, Log: log,
		Domains: map[engine.Kind]engine.Domain{
			engine.Negotiation: negotiation.NewDomain(negotiation.DeciderFunc(func(ctx context.Context, n negotiation.Negotiation) (negotiation.Decision, error) {
				return w.decide(ctx, n)
			}), policies),
			engine.Transfer: transfer.NewDomain(transfer.Rules{Agreements: s}, planes, point),
		},
	}, engine.RunnerConfig{Owner: "test", Timer: timer})
	own, err := catalog.NewService(catalog.Config{Store: s, Participants: s.Participant, Now: time.Now, NewID: newID, PageSize: 2, Policies: policies})
	if err != nil {
		w.t.Fatal(err)
	}
	negotiations := negotiation.NewService(negotiation.Config{
		Core: w.runner.Core, Store: s, Agreements: s, Catalog: own, Participant: s.Participant, Peers: s, Policies: policies,
		CheckURL: clients.Foreign.CheckURL, Now: time.Now, NewID: newID,
	})
	transfers := transfer.NewService(transfer.Config{
		Core: w.runner.Core, Store: s, Agreements: s, Planes: planes, Policies: point, Participant: s.Participant, Peers: s,
		CheckURL: clients.Foreign.CheckURL, Now: time.Now, NewID: newID,
	})
	common := web.Common{MaxBody: w.maxBody, Now: time.Now, NewID: newID, Log: log}
	w.protocol = web.NewProtocol(web.ProtocolConfig{
		Common: common, Participants: s, Verifier: profile, Catalog: own, Negotiations: negotiations, Transfers: transfers,
		Data: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(rw, "data of "+r.PathValue("ctx")+" at "+r.URL.EscapedPath())
		}),
	})
	w.management = web.NewManagement(web.ManagementConfig{
		Common: common, APIKeys: []string{"another", apiKey}, Participants: s, AddParticipant: w.add, Peers: s, Catalog: own,
		Client:       &catalog.Client{HTTP: clients, Tokens: profile, Peers: s},
		Negotiations: negotiations, Agreements: s, Transfers: transfers, Holdings: w.holdings, Evidence: evidence.New(evidence.Config{Store: s, Transfers: transfers, Now: time.Now, NewID: newID}), Processes: s,
		SetIdentity: func(_ context.Context, contextID string, in dcp.Settings) (trust.Participant, error) {
			if err := in.Check(); err != nil {
				return trust.Participant{}, web.BadInput("identity-invalid", err, "")
			}
			return s.Participant(context.Background(), contextID)
		},
		Wallet: fakeWallet{}, Issuer: fakeIssuer{}, TrustList: fakeTrust{}, Authority: fakeTrust{}, Bindings: fakeBindings{},
		Relations: fakeRelations{s}, Secrets: s, Policies: policies, Dataplanes: fakeDataplanes{},
		EndAgreement: negotiations.End,
		Explain: func(_ context.Context, contextID string, q web.Question) (any, error) {
			return map[string]any{contextID: q}, nil
		},
		Usage: func(ctx context.Context, contextID, agreement string) (policy.Usage, error) {
			u, err := s.Usage(ctx, contextID, agreement)
			return policy.Usage{Started: u.Started, Bytes: u.Bytes}, err
		},
		Ready: func(context.Context) error { return s.broken },
		Await: func(ctx context.Context, contextID, id string, version int64, until time.Time) bool {
			return w.runner.Await(ctx, engine.Change{Context: contextID, Process: id}, version, until)
		},
	})
}

func (w *world) add(ctx context.Context, p web.NewParticipant) (trust.Participant, error) {
	if p.ID == "" {
		return trust.Participant{}, web.BadInput("participant-invalid", errors.New("id is missing"), "")
	}
	added := trust.Participant{Context: p.Context, ID: p.ID, Name: p.Name, PublicURL: "https://here.example/" + p.Context, Profile: "preshared"}
	return added, w.stores.PutParticipant(ctx, added)
}

// sender is what carries messages between the two.
type sender struct {
	http   *safehttp.Clients
	tokens trust.TokenSource
}

func (s *sender) Send(ctx context.Context, d engine.Delivery) engine.Answer {
	return s.call(ctx, d, http.MethodPost, d.Address+d.Path)
}

func (s *sender) Look(ctx context.Context, d engine.Delivery) engine.Answer {
	return s.call(ctx, d, http.MethodGet, d.Address+"/"+string(d.Kind)+"s/"+url.PathEscape(d.PeerPID))
}

func (s *sender) call(ctx context.Context, d engine.Delivery, method, target string) engine.Answer {
	token, err := s.tokens.Token(ctx, trust.Audience{Context: d.Context, Peer: d.Peer})
	if err != nil {
		return engine.Answer{Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(d.Body))
	if err != nil {
		return engine.Answer{Err: err, Never: true}
	}
	req.Header.Set("Authorization", token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.http.Operator.Do(req)
	if err != nil {
		return engine.Answer{Err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return engine.Answer{Status: resp.StatusCode, Body: body, Err: err}
}

// plane grants an address and moves nothing.
type plane struct{}

func (plane) Prepare(context.Context, transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{State: transfer.FlowPrepared}, nil
}

func (plane) Start(_ context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{State: transfer.FlowStarted, DataAddress: &transfer.DataAddress{
		EndpointType: transfer.EndpointTypeHTTP, Endpoint: "https://data.example/" + f.Dataset,
		Properties: []transfer.Property{{Name: transfer.PropertyAuthorization, Value: dataToken}},
	}}, nil
}

func (p plane) Resume(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.Start(ctx, f)
}
func (plane) Suspend(context.Context, transfer.Flow) error   { return nil }
func (plane) Complete(context.Context, transfer.Flow) error  { return nil }
func (plane) Terminate(context.Context, transfer.Flow) error { return nil }
func (plane) Status(context.Context, transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{State: transfer.FlowStarted}, nil
}

// secrets are what must not come out, by any way.
var secrets = []string{
	strings.TrimPrefix(toSupplier, "Bearer "), strings.TrimPrefix(toAcme, "Bearer "), strings.TrimPrefix(ofMallory, "Bearer "),
	strings.TrimPrefix(sourceToken, "Bearer "), apiKey, dataToken,
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

const (
	membership11 = "MembershipCredential-vc11"
	membership20 = "MembershipCredential-vc20"
	sensitive11  = "SensitiveDataCredential-vc11"
	corporate20  = "CorporateIdentityCredential-vc20"
)

// scene is an issuer with its network, and a holder with a wallet.
type scene struct {
	t       testing.TB
	world   *dcptest.World
	issuer  *dcptest.Party
	holder  *dcptest.Party
	wallet  *wallet
	store   *memory
	service *issuer.Service
	config  issuer.Config
	peers   map[string]trust.Peer
}

// settings of the issuer under test; edit changes them.
func newScene(t testing.TB, edit ...func(*dcp.Settings)) *scene {
	t.Helper()
	w := dcptest.NewWorld(t)
	s := &scene{
		t: t, world: w, issuer: w.Party("registrar", "IssuerService", "https://registrar.example/issuer"), holder: w.Party("acme"),
		store: newMemory(), peers: map[string]trust.Peer{},
	}
	s.set(edit...)
	s.wallet = newWallet(s)
	s.config = issuer.Config{
		Store: s.store, Auth: w.Authenticator(), Tokens: w.Tokens(), Keys: w.Keys, DIDs: w.DIDs, HTTP: s.wallet,
		Participant: w.Participant, Peer: s.peer, Now: w.Clock.Now, NewID: func() string { return "urn:uuid:" + w.NewID() },
		Rand: &lockedRand{source: rand.NewChaCha8([32]byte{7})},
		Log:  func(_, text string, err error) { t.Log("log:", text, err) },
	}
	s.service = issuer.New(s.config)
	w.Network.Handle(s.issuer.Host(), s)
	return s
}

// set replaces the issuer's settings by defaults and what edit changes.
func (s *scene) set(edit ...func(*dcp.Settings)) {
	s.t.Helper()
	settings := dcp.Settings{Dataspace: dcptest.Dataspace, Issues: &dcp.Issuance{
		Types: []string{trust.MembershipCredential, "SensitiveDataCredential", trust.CorporateIdentityCredential, trust.SecurityEvaluationCredential},
	}}
	for _, e := range edit {
		e(&settings)
	}
	raw, err := json.Marshal(settings)
	if err != nil {
		s.t.Fatal(err)
	}
	s.issuer.Settings = raw
}

// approving is a setting: everybody's requests are approved.
func approving(s *dcp.Settings) {
	s.Issues.AutoApprove = []dcp.Approval{{Holder: "*", Claims: map[string]json.RawMessage{trust.MembershipCredential: member}}}
}

var member = json.RawMessage(`{"membershipNumber":"M-1","role":["provider"]}`)

func (s *scene) peer(_ context.Context, _, id string) (trust.Peer, error) {
	p, ok := s.peers[id]
	if !ok {
		return p, trust.ErrUnknownPeer
	}
	return p, nil
}

// lockedRand is a source of randomness for several workers.
type lockedRand struct {
	mu     sync.Mutex
	source io.Reader
}

func (r *lockedRand) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.source.Read(p)
}

// route finds the handler of a path and what stands in place of :id.
func (s *scene) route(method, path string) (dcp.Handler, string) {
	for _, r := range s.service.Routes() {
		prefix, ends := strings.CutSuffix(r.Path, ":id")
		if r.Method == method && !ends && path == r.Path {
			return r.Serve, ""
		}
		if rest, ok := strings.CutPrefix(path, prefix); ends && ok && r.Method == method {
			return r.Serve, rest
		}
	}
	return nil, ""
}

// call sends a call to the issuer; the token may be "".
func (s *scene) call(method, path, token string, body []byte) (dcp.Answer, error) {
	s.t.Helper()
	serve, param := s.route(method, path)
	if serve == nil {
		s.t.Fatalf("no route for %s %s", method, path)
	}
	c := dcp.Call{Own: s.issuer.Participant(), Body: body, Param: param, Accept: "*/*"}
	if token != "" {
		c.Authorization = []string{token}
	}
	return serve(s.t.Context(), c)
}

// ServeHTTP serves the issuer's routes on the network: status lists.
func (s *scene) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	serve, param := s.route(r.Method, r.URL.Path)
	if serve == nil {
		http.NotFound(out, r)
		return
	}
	a, err := serve(r.Context(), dcp.Call{Own: s.issuer.Participant(), Param: param, Accept: r.Header.Get("Accept")})
	if fault, ok := errors.AsType[*dcp.Fault](err); ok {
		http.Error(out, fault.Reason, fault.Status)
		return
	}
	if err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
		return
	}
	out.Header().Set("Content-Type", a.ContentType)
	out.WriteHeader(a.Status)
	_, _ = out.Write(a.Body)
}

// body is a CredentialRequestMessage.
func body(t testing.TB, pid string, ids ...string) []byte {
	t.Helper()
	raw, err := dcp.Marshal(dcp.CredentialRequest{HolderPID: pid, Credentials: ids})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// ask sends a request of the holder and returns its id.
func (s *scene) ask(pid string, ids ...string) string {
	s.t.Helper()
	a, err := s.call(http.MethodPost, "/issuer/credentials", s.holder.Draft(s.issuer.DID).Bearer(s.t), body(s.t, pid, ids...))
	if err != nil || a.Status != http.StatusCreated {
		s.t.Fatalf("%+v, %v; want 201", a, err)
	}
	id, ok := strings.CutPrefix(a.Location, "https://registrar.example/issuer/requests/")
	if !ok || id == "" {
		s.t.Fatalf("Location %q", a.Location)
	}
	return id
}

// state is what the holder is told of a request.
func (s *scene) state(id string) dcp.RequestStatus {
	s.t.Helper()
	a, err := s.call(http.MethodGet, "/issuer/requests/"+id, s.holder.Draft(s.issuer.DID).Bearer(s.t), nil)
	if err != nil || a.Status != http.StatusOK {
		s.t.Fatalf("%+v, %v; want 200", a, err)
	}
	status, err := dcp.ReadRequestStatus(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return status
}

// kept is a request as the store has it.
func (s *scene) kept(id string) issuer.Request {
	s.t.Helper()
	r, err := s.store.IssuerRequest(s.t.Context(), s.issuer.Context, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// work does one pass.
func (s *scene) work() {
	s.t.Helper()
	if _, err := s.service.Work(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// approve has a request approved with good claims for all types.
func (s *scene) approve(id string, claims map[string]json.RawMessage) issuer.Request {
	s.t.Helper()
	r, err := s.service.Approve(s.t.Context(), s.issuer.Context, id, "an officer", claims, json.RawMessage(`{"kind":"registry-extract"}`))
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// proved reads a delivered credential as a strict verifier does.
func (s *scene) proved(raw string) (vc.Credential, error) {
	checker := &vc.Checker{DIDs: s.world.DIDs, Now: s.world.Clock.Now}
	return checker.Credential(s.t.Context(), raw, vc.Want{
		Holder: s.holder.DID, Audience: s.holder.DID,
		Issuers: func(_ context.Context, id, _ string) (bool, trust.Conformance, error) {
			return id == s.issuer.DID, trust.Strict, nil
		},
	})
}

// statusOf judges a credential by its status lists, with nothing cached.
func (s *scene) statusOf(raw string) error {
	c, err := vc.Read(raw)
	if err != nil {
		return err
	}
	checker := status.New(status.Config{HTTP: s.world.Network, DIDs: s.world.DIDs, Now: s.world.Clock.Now, MaxAge: -1})
	return checker.Check(s.t.Context(), status.Entry{Credential: c.ID, Issuer: c.Issuer, Entries: c.Status})
}

// fault demands an error for the caller with a status.
func fault(t testing.TB, err error, status int) {
	t.Helper()
	f, ok := errors.AsType[*dcp.Fault](err)
	if !ok || f.Status != status {
		t.Errorf("error %v; want one that is answered %d", err, status)
	}
}

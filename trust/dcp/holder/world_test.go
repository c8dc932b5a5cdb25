// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/status"
)

const (
	queryPath   = "/dcp/presentations/query"
	deliverPath = "/dcp/credentials"
	offerPath   = "/dcp/offers"
	tokenPath   = "/sts/token"

	membership = trust.MembershipCredential
	sensitive  = "SensitiveDataCredential"
	secret     = "correct horse"
)

// fixture is a dataspace with a wallet of ours, an issuer and a verifier.
type fixture struct {
	*dcptest.World
	own, authority, verifier *dcptest.Party
	issuer                   *issuer
	store                    *memory
	status                   *lists
	peers                    map[string]trust.Peer
	s                        *holder.Service
}

func newFixture(t testing.TB, edit ...func(*fixture, *holder.Config)) *fixture {
	t.Helper()
	f := &fixture{World: dcptest.NewWorld(t), store: newMemory(), status: &lists{}, peers: map[string]trust.Peer{}}
	f.own, f.verifier = f.Party("own"), f.Party("verifier")
	f.authority = f.Party("authority", "IssuerService", "https://authority.example/issuer/")
	f.issuer = newIssuer(f)
	f.settings(dcp.Settings{})
	cfg := holder.Config{
		Store: f.store, Auth: f.Authenticator(), Tokens: f.Tokens(), Keys: f.Keys, DIDs: f.DIDs, HTTP: f.Network,
		Participant: f.Participant, Status: f.status, Now: f.Clock.Now, NewID: f.NewID,
		Peer: func(_ context.Context, _, did string) (trust.Peer, error) {
			if peer, ok := f.peers[did]; ok {
				return peer, nil
			}
			return trust.Peer{}, trust.ErrUnknownPeer
		},
	}
	for _, e := range edit {
		e(f, &cfg)
	}
	f.s = holder.New(cfg)
	return f
}

// settings sets those of our participant; the token service has a client.
func (f *fixture) settings(s dcp.Settings) {
	f.T.Helper()
	sum := sha256.Sum256([]byte(secret))
	s.STS = &dcp.STSClient{ID: "connector", SecretHash: hex.EncodeToString(sum[:])}
	raw, err := json.Marshal(s)
	if err != nil {
		f.T.Fatal(err)
	}
	f.own.Settings = raw
}

// lenient judges the issuer as older ones need it.
func (f *fixture) lenient() {
	f.peers[f.authority.DID] = trust.Peer{ID: f.authority.DID, Conformance: trust.Lenient}
}

// lists is a checker of status lists that says what it is told to.
type lists struct {
	err   error
	asked []status.Entry
}

func (l *lists) Check(_ context.Context, e status.Entry) error {
	l.asked = append(l.asked, e)
	return l.err
}

// endpoint returns the handler of a path.
func (f *fixture) endpoint(path string) dcp.Handler {
	f.T.Helper()
	for _, r := range f.s.Routes() {
		if r.Path == path && r.Method == http.MethodPost {
			return r.Serve
		}
	}
	f.T.Fatalf("no route %s", path)
	return nil
}

// send calls an endpoint and returns the status that the caller gets.
func (f *fixture) send(path string, c dcp.Call) (int, []byte) {
	f.T.Helper()
	c.Own = f.own.Participant()
	answer, err := f.endpoint(path)(context.Background(), c)
	if err != nil {
		return statusOf(err), nil
	}
	return answer.Status, answer.Body
}

// post sends a message of a caller, with a good token that carries a token.
func (f *fixture) post(path string, caller *dcptest.Party, token string, body any) (int, []byte) {
	f.T.Helper()
	d := caller.Draft(f.own.DID)
	if d.Claims["token"] = token; token == "" {
		delete(d.Claims, "token")
	}
	return f.send(path, dcp.Call{Authorization: []string{d.Bearer(f.T)}, Body: asJSON(f.T, body)})
}

// statusOf is what the edge makes of an error.
func statusOf(err error) int {
	if fault, ok := errors.AsType[*dcp.Fault](err); ok {
		return fault.Status
	}
	if _, ok := errors.AsType[*trust.Refusal](err); ok {
		return http.StatusUnauthorized
	}
	if errors.Is(err, trust.ErrUnavailable) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func asJSON(t testing.TB, body any) []byte {
	t.Helper()
	if raw, ok := body.([]byte); ok {
		return raw
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// message is a DCP message of a type.
func message(kind string, members map[string]any) map[string]any {
	m := map[string]any{"@context": []any{dcp.Context}, "type": kind}
	maps.Copy(m, members)
	return m
}

func query(scopes ...string) map[string]any {
	list := []any{}
	for _, s := range scopes {
		list = append(list, s)
	}
	return message("PresentationQueryMessage", map[string]any{"scope": list})
}

func read(types ...string) []string {
	list := []string{}
	for _, credentialType := range types {
		list = append(list, dcp.TypeScope(credentialType).String())
	}
	return list
}

// grant returns an access token of ours for the verifier.
func (f *fixture) grant(scopes ...string) string {
	f.T.Helper()
	var list []dcp.Scope
	for _, text := range scopes {
		scope, err := dcp.ParseScope(text)
		if err != nil {
			f.T.Fatal(err)
		}
		list = append(list, scope)
	}
	token, err := f.Tokens().Grant(context.Background(), f.own.Participant(), f.verifier.DID, list)
	if err != nil {
		f.T.Fatal(err)
	}
	return token
}

// asked makes a request of ours to the issuer and returns its holderPid.
func (f *fixture) asked(objects ...string) string {
	f.T.Helper()
	if len(objects) == 0 {
		objects = []string{"object-1"}
	}
	r, err := f.s.Request(context.Background(), f.own.Context, holder.Wish{Issuer: f.authority.DID, Objects: objects})
	if err != nil {
		f.T.Fatal(err)
	}
	return r.HolderPID
}

// delivery is a CredentialMessage with credentials of data model 1.1.
func delivery(holderPID string, payloads ...string) map[string]any {
	list := []any{}
	for _, payload := range payloads {
		list = append(list, container(membership, "vc11-sl2021/jwt", payload))
	}
	return message("CredentialMessage", map[string]any{
		"issuerPid": "issuer-1", "holderPid": holderPID, "status": "ISSUED", "credentials": list,
	})
}

func container(credentialType, format, payload string) map[string]any {
	return map[string]any{"credentialType": credentialType, "format": format, "payload": payload}
}

// deliver sends credentials of the issuer under a new request.
func (f *fixture) deliver(payloads ...string) string {
	f.T.Helper()
	pid := f.asked()
	m := delivery(pid)
	for _, payload := range payloads {
		m["credentials"] = append(m["credentials"].([]any), container(typeOf(f.T, payload), formatOf(payload), payload))
	}
	if code, _ := f.post(deliverPath, f.authority, "", m); code != http.StatusOK {
		f.T.Fatalf("delivery answered %d", code)
	}
	return pid
}

func (f *fixture) wallet() []holder.Stored {
	f.T.Helper()
	list, err := f.s.List(context.Background(), f.own.Context)
	if err != nil {
		f.T.Fatal(err)
	}
	return list
}

func (f *fixture) request(pid string) holder.Request {
	f.T.Helper()
	r, err := f.s.RequestByID(context.Background(), f.own.Context, pid)
	if err != nil {
		f.T.Fatal(err)
	}
	return r
}

// requests returns ours in the order in which they were made.
func (f *fixture) requests() []holder.Request {
	f.T.Helper()
	list, err := f.s.Requests(context.Background(), f.own.Context, "", 100)
	if err != nil {
		f.T.Fatal(err)
	}
	slices.Reverse(list)
	return list
}

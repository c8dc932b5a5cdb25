// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

const (
	consumerDID = "did:example:consumer"
	providerDID = "did:example:provider"
)

// dids are DID documents with one key each. A new key is found once the
// document was fetched again.
type dids struct {
	mu      sync.Mutex
	keys    map[string]crypto.Signer
	fetched map[string][]byte
	asked   int
}

func (d *dids) kid(name string) string {
	raw, err := jose.MarshalJWK(d.keys[name].Public(), "")
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%s#%x", name, raw[len(raw)-20:len(raw)-10])
}

func (d *dids) renewKey(t testing.TB, name string) {
	t.Helper()
	key, err := jose.GenerateES256(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys[name] = key
}

func (d *dids) Resolve(_ context.Context, name string) (*did.Document, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	if d.fetched[name] == nil {
		if d.keys[name] == nil {
			return nil, did.ErrNotFound
		}
		jwk, err := jose.MarshalJWK(d.keys[name].Public(), "")
		if err != nil {
			return nil, err
		}
		kid := d.kid(name)
		d.fetched[name], _ = json.Marshal(map[string]any{
			"@context": "https://www.w3.org/ns/did/v1", "id": name,
			"verificationMethod":   []any{map[string]any{"id": kid, "type": "JsonWebKey2020", "controller": name, "publicKeyJwk": json.RawMessage(jwk)}},
			"authentication":       []any{kid},
			"capabilityInvocation": []any{kid},
		})
	}
	return did.ParseDocument(d.fetched[name], name)
}

func (d *dids) Refresh(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.fetched, name)
	return true
}

// renewing is a bench whose plane renews tokens.
type renewing struct {
	*bench
	dids    *dids
	kept    *memory.Store // the provider's
	renewed atomic.Int64  // answers to renewals that arrived
	lose    atomic.Int64  // answers to be lost
	lost    atomic.Int64
	jti     atomic.Int64
}

func newRenewing(t testing.TB) *renewing {
	b := &renewing{bench: newBench(t), kept: memory.New(), dids: &dids{keys: map[string]crypto.Signer{}, fetched: map[string][]byte{}}}
	for _, name := range []string{consumerDID, "did:example:other"} {
		b.dids.renewKey(t, name)
	}
	c := b.config()
	c.Access, c.Replays, c.DIDs = b.kept, b.kept, b.dids
	c.Timer = func(time.Duration) (<-chan time.Time, func()) { return nil, func() {} }
	b.plane = dataplane.New(c)
	b.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/:token") {
			b.plane.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		b.plane.ServeHTTP(answer, r)
		if b.lose.Add(-1) >= 0 {
			b.lost.Add(1)
			panic(http.ErrAbortHandler)
		}
		if answer.Code == http.StatusOK {
			b.renewed.Add(1)
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = answer.Body.WriteTo(w)
	})
	b.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data") })
	return b
}

func (b *renewing) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *renewing) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// begin starts a transfer in a format.
func (b *renewing) begin(id, grant, format string) transfer.DataAddress {
	b.t.Helper()
	status, err := b.plane.Start(context.Background(), transfer.Flow{
		MessageID: grant, Context: "prov", Process: id, Role: "provider", Participant: providerDID, Counterparty: consumerDID,
		Agreement: "agreement-1", Dataset: "dataset-1", Format: format,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs["prov/"+id] = transfer.Running{
		Context: "prov", Process: id, Participant: providerDID, Peer: consumerDID, Agreement: "agreement-1", Dataset: "dataset-1", Grant: grant,
	}
	return *status.DataAddress
}

// sign signs a client's token; change may make it another one.
func (b *renewing) sign(who, token string, change func(map[string]any)) string {
	now := b.clock()
	claims := map[string]any{
		"iss": who, "sub": who, "aud": providerDID, "token": token, "jti": fmt.Sprint("jti-", b.jti.Add(1)),
		"iat": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(),
	}
	if change != nil {
		change(claims)
	}
	b.dids.mu.Lock()
	defer b.dids.mu.Unlock()
	signed, err := jose.Sign(claims, jose.Key{ID: b.dids.kid(who), Signer: b.dids.keys[who]}, "JWT")
	if err != nil {
		b.t.Error(err)
	}
	return signed
}

// replica is a consumer's process; all have one store.
func (b *renewing) replica(id string, store *memory.Store, change ...func(*dataplane.RenewerConfig)) *dataplane.Renewer {
	c := dataplane.RenewerConfig{
		HTTP: b.clients.Foreign, Access: store, Now: b.clock, ID: id,
		Proof: func(_ context.Context, _, audience, token string) (string, error) {
			return b.sign(consumerDID, token, func(c map[string]any) { c["aud"] = audience }), nil
		},
		Timer: func(d time.Duration) (<-chan time.Time, func()) {
			timer := time.NewTimer(d / 20)
			return timer.C, func() { timer.Stop() }
		},
	}
	for _, f := range change {
		f(&c)
	}
	return dataplane.NewRenewer(c)
}

type answer struct {
	Status  int
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Error   string `json:"error"`
	Code    string `json:"code"`
	Hint    string `json:"hint"`
}

func (b *renewing) ask(a transfer.DataAddress, proof, refresh string) (out answer) {
	b.t.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}
	return b.post(a.Get("refreshEndpoint"), proof, "application/x-www-form-urlencoded; charset=utf-8", form.Encode())
}

func (b *renewing) post(endpoint, proof, kind, body string) (out answer) {
	b.t.Helper()
	req, err := http.NewRequest(http.MethodPost, endpoint, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Authorization", "Bearer "+proof)
	resp, err := b.clients.Foreign.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || json.Unmarshal(raw, &out) != nil {
		b.t.Fatalf("%v: %s", err, raw)
	}
	out.Status = resp.StatusCode
	return out
}

func TestRenewalAddress(t *testing.T) {
	b := newRenewing(t)
	for _, format := range []string{transfer.ProfileHTTPPull, "http-pull"} {
		a := b.begin("t-"+format[:4], "g1", format)
		r, ok := a.Renewal()
		if !ok || a.EndpointType != transfer.ProfileHTTPPull || a.Get("authType") != "bearer" || strings.Contains(a.Get("authorization"), " ") || r.Lifetime != 5*time.Minute {
			t.Errorf("%s: %v %v", format, a, r)
		}
		if again := b.begin("t-"+format[:4], "g1", format); again.Get("refreshToken") != a.Get("refreshToken") {
			t.Error("the repeated start has another refresh token")
		}
		if later := b.begin("t-"+format[:4], "g2", format); later.Get("refreshToken") == a.Get("refreshToken") {
			t.Error("the resumption has the same refresh token")
		}
	}
	if a := b.begin("t3", "g1", dataplane.Format); a.Get("refreshToken") != "" || a.EndpointType != transfer.EndpointTypeHTTP {
		t.Errorf("%v", a)
	}
	b.source.Renew = true
	if a := b.begin("t4", "g1", dataplane.Format); a.Get("refreshToken") == "" || a.EndpointType != transfer.EndpointTypeHTTP {
		t.Errorf("%v", a)
	}
}

func TestRenewalSurvivesALostAnswer(t *testing.T) {
	b := newRenewing(t)
	a := b.begin("t1", "g1", transfer.ProfileHTTPPull)
	token, first := a.Get("authorization"), a.Get("refreshToken")
	lost := b.ask(a, b.sign(consumerDID, token, nil), first)
	if lost.Status != 200 || lost.Access == "" || lost.Access == token || lost.Type != "Bearer" || lost.Expires != 300 || lost.Refresh == first {
		t.Fatalf("%+v", lost)
	}
	again := b.ask(a, b.sign(consumerDID, token, nil), first)
	if again.Status != 200 || again.Refresh != lost.Refresh {
		t.Fatalf("asked again: %+v", again)
	}
	if got := b.body(with(a, token), dataplane.Query{}); got != "data" {
		t.Errorf("the old token: %q", got)
	}
	if got := b.body(with(a, again.Access), dataplane.Query{}); got != "data" {
		t.Errorf("the new token: %q", got)
	}
	// The new one was seen: nobody needs the first refresh token any more.
	if late := b.ask(a, b.sign(consumerDID, token, nil), first); late.Status != 400 || late.Code != "refresh-token-invalid" || late.Error != "invalid_grant" || late.Hint == "" {
		t.Errorf("%+v", late)
	}
	next := b.ask(a, b.sign(consumerDID, again.Access, nil), again.Refresh)
	if next.Status != 200 {
		t.Errorf("%+v", next)
	}
	if old := b.ask(a, b.sign(consumerDID, again.Access, nil), first); old.Code != "refresh-token-invalid" {
		t.Errorf("%+v", old)
	}
}

func TestRenewalRefusals(t *testing.T) {
	b := newRenewing(t)
	a, other := b.begin("t1", "g1", transfer.ProfileHTTPPull), b.begin("t2", "g2", transfer.ProfileHTTPPull)
	token, refresh := a.Get("authorization"), a.Get("refreshToken")
	for name, tc := range map[string]struct {
		who     string
		token   string
		refresh string
		change  func(map[string]any)
		status  int
		code    string
	}{
		"another DID":                  {who: "did:example:other", status: 403, code: "client-not-consumer"},
		"another DID as the consumer":  {who: "did:example:other", change: func(c map[string]any) { c["iss"], c["sub"] = consumerDID, consumerDID }, status: 403, code: "client-not-consumer"},
		"another subject":              {change: func(c map[string]any) { c["sub"] = "did:example:other" }, status: 401, code: "client-token-invalid"},
		"another audience":             {change: func(c map[string]any) { c["aud"] = "did:web:invalid-audience" }, status: 401, code: "client-token-invalid"},
		"no jti":                       {change: func(c map[string]any) { delete(c, "jti") }, status: 401, code: "client-token-invalid"},
		"no exp":                       {change: func(c map[string]any) { delete(c, "exp") }, status: 401, code: "client-token-invalid"},
		"too long":                     {change: func(c map[string]any) { c["exp"] = b.now.Add(time.Hour).Unix() }, status: 401, code: "client-token-invalid"},
		"expired":                      {change: func(c map[string]any) { c["exp"] = b.now.Add(-time.Minute).Unix() }, status: 401, code: "client-token-expired"},
		"of the future":                {change: func(c map[string]any) { c["iat"] = b.now.Add(time.Minute).Unix() }, status: 401, code: "client-token-invalid"},
		"no access token":              {change: func(c map[string]any) { delete(c, "token") }, status: 401, code: "token-invalid"},
		"token of another transfer":    {token: other.Get("authorization"), status: 401, code: "token-wrong-transfer"},
		"refresh of another transfer":  {refresh: other.Get("refreshToken"), status: 400, code: "refresh-token-invalid"},
		"refresh that nobody gave out": {refresh: "invalid-refresh-token", status: 400, code: "refresh-token-invalid"},
	} {
		who, access, refreshing := tc.who, tc.token, tc.refresh
		if who == "" {
			who = consumerDID
		}
		if access == "" {
			access = token
		}
		if refreshing == "" {
			refreshing = refresh
		}
		if got := b.ask(a, b.sign(who, access, tc.change), refreshing); got.Status != tc.status || got.Code != tc.code || got.Access != "" {
			t.Errorf("%s: %+v, want %d %s", name, got, tc.status, tc.code)
		}
	}
	if got := b.ask(a, "", refresh); got.Code != "client-token-missing" || got.Error != "invalid_client" {
		t.Errorf("%+v", got)
	}
	good := b.sign(consumerDID, token, nil)
	const form = "application/x-www-form-urlencoded"
	for body, code := range map[string]string{
		"grant_type=password&refresh_token=" + refresh: "grant-unsupported", "grant_type=refresh_token": "request-invalid",
		"grant_type=refresh_token&refresh_token=a&refresh_token=b": "request-invalid", strings.Repeat("a", 64<<10): "request-invalid",
	} {
		if got := b.post(a.Get("refreshEndpoint"), good, form, body); got.Status != 400 || got.Code != code {
			t.Errorf("%.40s: %+v", body, got)
		}
	}
	if got := b.post(a.Get("refreshEndpoint"), good, "application/json", "{}"); got.Code != "request-invalid" {
		t.Errorf("%+v", got)
	}
	if got := b.ask(a, good, refresh); got.Status != 200 {
		t.Fatalf("%+v", got)
	}
	if got := b.ask(a, good, refresh); got.Status != 401 || got.Code != "client-token-replayed" {
		t.Errorf("%+v", got)
	}
	for err, code := range map[error]string{
		transfer.ErrSuspended: "transfer-suspended", transfer.ErrEnded: "transfer-ended", transfer.ErrAgreementEnded: "agreement-ended",
	} {
		b.set("t1", err, true)
		if got := b.ask(a, b.sign(consumerDID, token, nil), refresh); got.Status != 403 || got.Code != code {
			t.Errorf("%+v, want %s", got, code)
		}
	}
	b.set("t1", nil, true)
	b.begin("t1", "g1b", transfer.ProfileHTTPPull)
	if got := b.ask(a, b.sign(consumerDID, token, nil), refresh); got.Status != 403 || got.Code != "token-superseded" {
		t.Errorf("%+v", got)
	}
}

// TestRenewalFindsANewKey: the DID document is fetched again where it lacks
// the key, and not for somebody who has no token of ours.
func TestRenewalFindsANewKey(t *testing.T) {
	b := newRenewing(t)
	a := b.begin("t1", "g1", transfer.ProfileHTTPPull)
	if got := b.ask(a, b.sign(consumerDID, a.Get("authorization"), nil), a.Get("refreshToken")); got.Status != 200 {
		t.Fatalf("%+v", got)
	}
	b.dids.renewKey(t, consumerDID)
	if got := b.ask(a, b.sign(consumerDID, a.Get("authorization"), nil), a.Get("refreshToken")); got.Status != 200 {
		t.Errorf("%+v", got)
	}
	asked := b.dids.asked
	b.ask(a, b.sign(consumerDID, "nonsense", nil), a.Get("refreshToken"))
	b.ask(a, b.sign("did:example:other", a.Get("authorization"), nil), a.Get("refreshToken"))
	if b.dids.asked != asked {
		t.Error("a stranger made us resolve a DID")
	}
}

// TestManyCallersOneRenewal: a thousand callers on two replicas pull while
// tokens run out and answers are lost. Each gets its data, and there is one
// renewal for each period.
func TestManyCallersOneRenewal(t *testing.T) {
	callers, periods := 1000, 4
	if testing.Short() {
		callers, periods = 50, 2
	}
	b := newRenewing(t)
	a := b.begin("t1", "g1", transfer.ProfileHTTPPull)
	store := memory.New()
	replicas := []*dataplane.Renewer{b.replica("one", store), b.replica("two", store)}
	c := dataplane.Pulling{Context: "cons", Process: "c1", Peer: providerDID, Address: a}
	if err := replicas[0].Keep(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	lost := int64(0)
	for period := range int64(periods) {
		b.pass(4*time.Minute + 10*time.Second) // due
		if period%2 == 1 {
			b.pass(2 * time.Minute) // over already
		}
		b.lose.Store(period)
		lost += period
		var failed atomic.Int64
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				token, err := replicas[i%2].Token(t.Context(), c, "")
				r := httptest.NewRequest(http.MethodGet, "/prov/data/t1", http.NoBody)
				r.Header.Set("Authorization", "Bearer "+token)
				w := httptest.NewRecorder()
				b.plane.ServeHTTP(w, r)
				if err != nil || w.Code != 200 || !bytes.Equal(w.Body.Bytes(), []byte("data")) {
					failed.Add(1)
					t.Errorf("%v: %d %s", err, w.Code, w.Body)
				}
			})
		}
		all.Wait()
		for _, r := range replicas { // the renewal in the background has ended, and its token is used
			for token := ""; b.renewed.Load() <= period || token == ""; {
				token, _ = r.Token(t.Context(), c, "")
			}
		}
		if failed.Load() > 0 || b.renewed.Load() != period+1 {
			t.Fatalf("period %d: %d failed, %d renewals", period, failed.Load(), b.renewed.Load())
		}
	}
	if b.lost.Load() != lost {
		t.Errorf("%d answers were lost, want %d", b.lost.Load(), lost)
	}
}

// TestRefusedRenewal: a no of the provider's is told to all, and not asked for
// again at once.
func TestRefusedRenewal(t *testing.T) {
	b := newRenewing(t)
	a := b.begin("t1", "g1", transfer.ProfileHTTPPull)
	b.set("t1", transfer.ErrSuspended, true)
	r := b.replica("one", memory.New())
	c := dataplane.Pulling{Context: "cons", Process: "c1", Peer: providerDID, Address: a}
	for range 3 {
		if _, err := r.Token(t.Context(), c, ""); err == nil || !strings.Contains(err.Error(), "transfer-suspended") {
			t.Errorf("%v", err)
		}
	}
	if got := b.jti.Load(); got != 1 {
		t.Errorf("%d renewals were asked for", got)
	}
	b.set("t1", nil, true)
	b.pass(2 * time.Second)
	if token, err := r.Token(t.Context(), c, ""); err != nil || token == a.Get("authorization") {
		t.Errorf("%q %v", token, err)
	}
}

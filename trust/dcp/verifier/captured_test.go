// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
	"github.com/musubi-ods/musubi/trust/dcp/verifier"
)

// recorded answers like the captured hosts: documents, and the wallet's answer
// to the message at hand.
type recorded struct {
	documents map[string]string
	wallet    exchange
	asked     []*http.Request
	bodies    []string
}

func (r *recorded) Do(request *http.Request) (*http.Response, error) {
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: request}, nil
	}
	if document, ok := r.documents[request.URL.String()]; ok && request.Method == http.MethodGet {
		return answer(200, document)
	}
	if request.Method != http.MethodPost || request.URL.String() != r.wallet.url {
		return nil, fmt.Errorf("%w: %s", dcptest.ErrNoHost, request.URL)
	}
	body, _ := io.ReadAll(request.Body)
	r.asked, r.bodies = append(r.asked, request), append(r.bodies, string(body))
	return answer(r.wallet.status, r.wallet.answer)
}

// replay is a verifier in the place of one of the two captured connectors.
type replay struct {
	world   *dcptest.World
	http    *recorded
	profile *verifier.Profile
	own     trust.Participant
	relaxed []string
}

const hub = "did:web:localhost%3A28483:"

func newReplay(t *testing.T, name string, conformance trust.Conformance, documents map[string]string) *replay {
	t.Helper()
	w := dcptest.NewWorld(t)
	r := &replay{world: w, http: &recorded{documents: documents}}
	key := w.Party(name).Key
	w.Keys.Put(name, trust.UseIdentity, trust.Key{ID: "key-1", Signer: key.Signer})
	r.own = trust.Participant{Context: name, ID: hub + name, Settings: fmt.Appendf(nil,
		`{"requires":{"default":["MembershipCredential"]},"trustedIssuers":[{"id":%q,"types":["*"],"conformance":%q}]}`, hub+"issuer", conformance)}
	dids := did.NewWeb(did.WebConfig{HTTP: r.http, Plain: true, Now: w.Clock.Now})
	relaxed := func(who, what string) { r.relaxed = append(r.relaxed, who+": "+what) }
	participant := func(context.Context, string) (trust.Participant, error) { return r.own, nil }
	r.profile = verifier.New(verifier.Config{
		Participant: participant,
		Peer: func(context.Context, string, string) (trust.Peer, error) {
			return trust.Peer{Conformance: conformance}, nil
		},
		Auth: &dcp.Authenticator{
			DIDs: dids, Replays: w.Replays, Now: w.Clock.Now,
			Conformance: func(context.Context, string, string) trust.Conformance { return conformance },
			Relaxed:     func(_, who, what string) { relaxed(who, what) },
		},
		Tokens: w.Tokens(), HTTP: r.http, Now: w.Clock.Now, Bindings: &bindings{known: map[string]trust.Identifier{}},
		Checker: &vc.Checker{DIDs: dids, Now: w.Clock.Now, Relaxed: relaxed},
		Status:  status.New(status.Config{HTTP: r.http, DIDs: dids, Now: w.Clock.Now, Relaxed: relaxed}),
		Trust: trustlist.NewSource(trustlist.Config{
			DIDs: dids, HTTP: r.http, Now: w.Clock.Now,
			Settings: func(context.Context, string) (dcp.Settings, error) { return dcp.ReadSettings(r.own) },
		}),
		Log: slog.New(slog.DiscardHandler),
	})
	return r
}

// send verifies a captured message at the time it came.
func (r *replay) send(t *testing.T, message, wallet exchange) (trust.Claims, error) {
	t.Helper()
	r.http.wallet = wallet
	r.world.Clock.Set(wallet.date)
	return r.profile.Verify(t.Context(), trust.Request{
		Context: r.own.Context, Authorization: message.header.Values("Authorization"), Purpose: trust.ForCatalog,
	})
}

// each calls do for each captured message with the wallet's answer to it.
func each(t *testing.T, do func(t *testing.T, own string, message, wallet exchange, documents map[string]string)) {
	t.Helper()
	list := captured(t)
	documents := map[string]string{}
	for _, e := range list {
		if strings.HasSuffix(e.url, "/did.json") {
			documents[e.url] = e.answer
		}
	}
	messages := 0
	var wallet exchange
	for _, e := range list {
		switch {
		case strings.HasSuffix(e.url, "/presentations/query"):
			wallet = e
		case strings.Contains(e.url, ":28193/"): // to the provider
			messages++
			t.Run(e.number, func(t *testing.T) { do(t, "provider", e, wallet, documents) })
		case strings.Contains(e.url, ":28293/"):
			messages++
			t.Run(e.number, func(t *testing.T) { do(t, "consumer", e, wallet, documents) })
		}
	}
	if messages != 8 {
		t.Errorf("%d messages", messages)
	}
}

func TestCapturedMessagesLeniently(t *testing.T) {
	each(t, func(t *testing.T, own string, message, wallet exchange, documents map[string]string) {
		r := newReplay(t, own, trust.Lenient, documents)
		claims, err := r.send(t, message, wallet)
		if err != nil {
			t.Fatal(err)
		}
		peer := map[string]string{"provider": hub + "consumer", "consumer": hub + "provider"}[own]
		if claims.Participant != peer || len(claims.Credentials) != 1 || claims.Credentials[0].Issuer != hub+"issuer" {
			t.Errorf("claims %+v", claims)
		}
		if len(r.relaxed) == 0 {
			t.Error("no relaxation was told")
		}
		sameQuery(t, r, message, wallet)
	})
}

// sameQuery demands that our query is the one that the deployed verifier sent,
// but for a context that we have no use for.
func sameQuery(t *testing.T, r *replay, message, wallet exchange) {
	t.Helper()
	if len(r.http.asked) != 1 || r.http.asked[0].URL.Path != strings.TrimPrefix(wallet.url, "http://localhost:28484") {
		t.Fatalf("asked %v", r.http.asked)
	}
	ours, err := dcp.ReadQuery([]byte(r.http.bodies[0]))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := dcp.ReadQuery([]byte(wallet.body))
	if err != nil || fmt.Sprint(ours) != fmt.Sprint(theirs) {
		t.Errorf("query %v, theirs %v, %v", ours, theirs, err)
	}
	if got, want := accessToken(t, r.http.asked[0].Header), accessToken(t, message.header); got != want {
		t.Errorf("the access token is not the one that came")
	}
}

// accessToken returns the claim token of the self-issued token in a header.
func accessToken(t *testing.T, h http.Header) string {
	t.Helper()
	token, err := jose.Parse(strings.TrimPrefix(h.Get("Authorization"), "Bearer "), 0)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := token.Unproved()
	if err != nil {
		t.Fatal(err)
	}
	text, _ := claims.Text("token")
	return text
}

// A deployed wallet's document lists no verification relationships.
func TestCapturedMessagesStrictly(t *testing.T) {
	each(t, func(t *testing.T, own string, message, wallet exchange, documents map[string]string) {
		r := newReplay(t, own, trust.Strict, documents)
		_, err := r.send(t, message, wallet)
		wantRefusal(t, err, "V17")
	})
}

// Captured or not, a message counts once, for its receiver, at its time.
func TestCapturedMessagesAreNoPassport(t *testing.T) {
	each(t, func(t *testing.T, own string, message, wallet exchange, documents map[string]string) {
		r := newReplay(t, own, trust.Lenient, documents)
		if _, err := r.send(t, message, wallet); err != nil {
			t.Fatal(err)
		}
		_, err := r.send(t, message, wallet)
		wantRefusal(t, err, "V38")
		wallet.date = wallet.date.Add(6 * time.Minute)
		_, err = r.send(t, message, wallet)
		wantRefusal(t, err, "V32")
		other := map[string]string{"provider": "consumer", "consumer": "provider"}[own]
		_, err = newReplay(t, other, trust.Lenient, documents).send(t, message, wallet)
		wantRefusal(t, err, "V29")
	})
}

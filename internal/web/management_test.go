// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/web"
)

const ourBase = "/api/v1/participants/acme"

// TestManagementNeedsKey: no route, and no path that is none, says anything
// without a key.
func TestManagementNeedsKey(t *testing.T) {
	w := newWorld(t)
	w.stores.broken = errors.New("nothing may be asked") // it would show as 500
	paths := []string{"GET /", "GET /api/v1/nothing", "GET " + ourBase + "/../x"}
	for _, r := range web.Routes() {
		paths = append(paths, r.Method+" /api/v1"+fill(r.Path))
	}
	for _, p := range paths {
		method, at, _ := strings.Cut(p, " ")
		play(t, w.management, []scenario{
			{Name: p + " no key", Method: method, URL: at, Status: 401, Content: []string{`"code":"key-missing"`, `"hint":`, `"supportId":`}},
			{Name: p + " wrong key", Method: method, URL: at, Headers: map[string]string{"X-Api-Key": apiKey + "x"}, Status: 401},
			{Name: p + " empty key", Method: method, URL: at, Headers: map[string]string{"X-Api-Key": "", "Authorization": "Bearer "}, Status: 401},
			{Name: p + " key as user name", Method: method, URL: at, Headers: map[string]string{"Authorization": "Basic " + apiKey}, Status: 401},
			{Name: p + " key in the query", Method: method, URL: at + "?api_key=" + apiKey, Status: 401},
			{Name: p + " a peer's token", Method: method, URL: at, Headers: as(toAcme), Status: 401},
		})
	}
	w.noSecretsLogged()
}

// TestNoKeysNoEntry: a handler without keys opens to nobody, least of all to
// an empty key.
func TestNoKeysNoEntry(t *testing.T) {
	h := web.NewManagement(web.ManagementConfig{Common: web.Common{Now: fixedNow, NewID: newID}, APIKeys: []string{""}})
	for _, key := range []string{"", "x"} {
		scenario{Name: key, URL: "/api/v1/participants", Headers: map[string]string{"X-Api-Key": key, "Authorization": "Bearer " + key}, Status: 401}.run(t, h)
	}
}

// fill puts ids into the pattern of a route.
func fill(pattern string) string {
	return strings.NewReplacer(":ctx", "acme", ":id", "urn:x", ":dataset", "d").Replace(pattern)
}

// TestEveryRouteRefusesNonsense: whatever a route reads, it reads strictly.
func TestEveryRouteRefusesNonsense(t *testing.T) {
	w := newWorld(t)
	deep := strings.Repeat("[", 10000) + strings.Repeat("]", 10000)
	for _, r := range web.Routes() {
		at := "/api/v1" + fill(r.Path)
		name := r.Method + " " + r.Path + ": "
		list := []scenario{
			{Name: name + "unknown parameter", Method: r.Method, URL: at + "?wiat=30s", Headers: keyed, Status: 400, Content: []string{"parameter-unknown", "wiat"}},
			{Name: name + "too large", Method: r.Method, URL: at, Body: strings.Repeat(" ", 65<<10), Headers: keyed, Status: 413},
			{Name: name + "another media type", Method: r.Method, URL: at, Body: "<x/>", Headers: map[string]string{"X-Api-Key": apiKey, "Content-Type": "text/xml"}, Status: 415},
		}
		if strings.Contains(r.Path, ":ctx") {
			list = append(list, scenario{Name: name + "nobody", Method: r.Method, URL: strings.Replace(at, "acme", "nobody", 1), Headers: keyed, Status: 404, Content: []string{"participant-unknown"}})
		}
		if r.Example != "" {
			where := "line 2"
			if strings.HasSuffix(r.Path, "/lines") {
				where = "line 1" // ends before its object does
			}
			list = append(list,
				scenario{Name: name + "no JSON", Method: r.Method, URL: at, Body: "{\n  \"a\": x}", Headers: keyed, Status: 400, Content: []string{"json-malformed", where}},
				scenario{Name: name + "cut off", Method: r.Method, URL: at, Body: `{"a":`, Headers: keyed, Status: 400, Content: []string{"json-malformed"}},
				scenario{Name: name + "two values", Method: r.Method, URL: at, Body: `{} {}`, Headers: keyed, Status: 400, Content: []string{"json-malformed"}},
				scenario{Name: name + "unknown member", Method: r.Method, URL: at, Body: `{"unheardOf":1}`, Headers: keyed, Status: 400, Content: []string{"member-unknown", "unheardOf"}},
				scenario{Name: name + "member twice", Method: r.Method, URL: at, Body: `{"a":{"b":1,"b":2}}`, Headers: keyed, Status: 400, Content: []string{"member-twice", "a.b"}},
				scenario{Name: name + "too deep", Method: r.Method, URL: at, Body: `{"a":` + deep + `}`, Headers: keyed, Status: 400, Content: []string{"json-too-deep"}},
				scenario{Name: name + "a list", Method: r.Method, URL: at, Body: `[1]`, Headers: keyed, Status: 400, Content: []string{"member-invalid"}},
				scenario{Name: name + "U+0000", Method: r.Method, URL: at, Body: `{"id":"a\u0000"}`, Headers: keyed, Status: 400, Content: []string{"member-invalid"}},
			)
		}
		play(t, w.management, list)
	}
	if strings.Contains(w.log.String(), "level=ERROR") {
		t.Errorf("a fault of the caller was logged as ours:\n%s", w.log)
	}
}

func TestManagementErrors(t *testing.T) {
	w := newWorld(t)
	publish(t, w, "supplier", "co2")
	w.put("acme", engine.Record{ID: "urn:n", Kind: engine.Negotiation, Role: engine.Consumer, Peer: idSupplier, PeerPID: "urn:their:n", State: "OFFERED", Person: true})
	w.put("acme", engine.Record{ID: "urn:end", Kind: engine.Negotiation, Role: engine.Consumer, Peer: idSupplier, PeerPID: "urn:their:end", State: "TERMINATED", Final: true})
	w.put("acme", engine.Record{ID: "urn:t", Kind: engine.Transfer, Role: engine.Provider, Peer: idSupplier, PeerPID: "urn:their:t", State: "STARTED", Subject: "urn:a", Data: []byte(`{"format":"HttpData-PULL","flow":"open","address":{"endpointType":"x","properties":[{"name":"authorization","value":"` + dataToken + `"}]}}`)})
	supplier, mallory := url.PathEscape(idSupplier), url.PathEscape(idMallory)
	policy := `{"permission":[{"action":"use"}]}`
	constrained := `{"permission":[{"action":"use","constraint":[{"leftOperand":"https://terms.example/mood","operator":"eq","rightOperand":"x"}]}]}`
	list := []scenario{
		{Name: "wrong type", URL: ourBase + "/negotiations", Body: `{"peer":5}`, Status: 400, Content: []string{"member-invalid", "peer has to be a string, not number"}},
		{Name: "wrong method", Method: "PATCH", URL: ourBase + "/negotiations", Status: 405, Content: []string{"wrong-method", "GET"}},
		{Name: "no path", URL: "/api/v1/x", Status: 404, Content: []string{"no-such-path"}},

		{Name: "unknown asset", URL: ourBase + "/assets/nope", Status: 404, Content: []string{"not-in-catalog"}},
		{Name: "unknown offer", Method: "DELETE", URL: ourBase + "/offers/nope", Status: 404, Content: []string{"not-in-catalog"}},
		{Name: "another's asset", URL: ourBase + "/assets/co2", Status: 404},
		{Name: "offer of an unknown asset", URL: ourBase + "/catalog", Body: `{"offers":[{"assets":{"ids":["nope"]},"access":` + policy + `,"usage":` + policy + `}]}`, Status: 404, Content: []string{"unknown-asset", "nope"}},
		{Name: "offer without terms", URL: ourBase + "/catalog", Body: `{"offers":[{"assets":{"all":true},"access":` + policy + `}]}`, Status: 400, Content: []string{"policy-missing", "offers[0].usage"}},
		{Name: "terms that are none", URL: ourBase + "/catalog", Body: `{"offers":[{"assets":{"all":true},"access":` + policy + `,"usage":{"permission":5}}]}`, Status: 400, Content: []string{"policy-invalid", "offers[0].usage", "permission"}},
		{Name: "terms that nobody enforces", URL: ourBase + "/catalog", Body: `{"offers":[{"assets":{"all":true},"access":` + policy + `,"usage":` + constrained + `}]}`, Status: 400, Content: []string{"invalid-policy"}},
		{Name: "nothing to publish", URL: ourBase + "/catalog", Body: `{}`, Status: 400, Content: []string{"nothing-given"}},
		{Name: "unknown answer of a rule", URL: ourBase + "/catalog", Body: `{"offers":[{"assets":{"all":true},"access":` + policy + `,"usage":` + policy + `,"rules":[{"do":"dance"}]}]}`, Status: 400, Content: []string{"invalid-rule"}},

		{Name: "unknown peer", URL: ourBase + "/peers/nope", Status: 404, Content: []string{"peer-unknown"}},
		{Name: "unknown peer's catalogue", URL: ourBase + "/peers/nope/catalog", Body: `{}`, Status: 404, Content: []string{"peer-unknown"}},
		{Name: "removing an unknown peer", Method: "DELETE", URL: ourBase + "/peers/nope", Status: 404, Content: []string{"peer-unknown"}},
		{Name: "a peer without an address", Method: "PUT", URL: ourBase + "/peers/x", Body: `{"inbound":"a","outbound":"b"}`, Status: 400, Content: []string{"url-invalid"}},
		{Name: "a peer without secrets", Method: "PUT", URL: ourBase + "/peers/x", Body: `{"url":"https://x.example"}`, Status: 400, Content: []string{"secret-missing"}},
		{Name: "a peer's secret that breaks a header", Method: "PUT", URL: ourBase + "/peers/x", Body: `{"url":"https://x.example","inbound":"a\r\nb","outbound":"b"}`, Status: 400, Content: []string{"secret-invalid"}},
		{Name: "a peer whose offers without rules are to count as what nobody knows", Method: "PUT", URL: ourBase + "/peers/" + supplier, Body: `{"withoutRules":"read"}`, Status: 400, Content: []string{"without-rules-invalid"}},
		{Name: "a peer whose offers without rules permit use", Method: "PUT", URL: ourBase + "/peers/" + supplier, Body: `{"withoutRules":"use"}`, Status: 200, Content: []string{`"withoutRules":"use"`}},
		{Name: "a peer that is changed otherwise", Method: "PUT", URL: ourBase + "/peers/" + supplier, Body: `{"formatNames":"profile"}`, Status: 200, Content: []string{`"withoutRules":"use"`, `"formatNames":"profile"`}},
		{Name: "a peer whose offers without rules are refused again", Method: "PUT", URL: ourBase + "/peers/" + supplier, Body: `{"withoutRules":"refuse"}`, Status: 200, Content: []string{`"formatNames":"profile"`}, NotContent: []string{"withoutRules"}},
		{Name: "the secret of another peer", Method: "PUT", URL: ourBase + "/peers/x", Body: `{"url":"https://x.example","inbound":"` + toAcme + `","outbound":"b"}`, Status: 409, Content: []string{"secret-in-use"}},
		{Name: "a peer that knows no such participant", URL: ourBase + "/peers/" + mallory + "/catalog", Body: `{}`, Status: 404, Content: []string{"peer-refused"}},
		{Name: "a dataset that the peer does not show", URL: ourBase + "/peers/" + supplier + "/datasets/nope", Status: 404, Content: []string{"peer-refused"}},
		{Name: "a filter that is none", URL: ourBase + "/peers/" + supplier + "/catalog", Body: `{"filter":{"x":1}}`, Status: 502, Content: []string{"peer-refused", "400"}},

		{Name: "negotiation with nobody", URL: ourBase + "/negotiations", Body: `{}`, Status: 400, Content: []string{"peer-missing"}},
		{Name: "negotiation about nothing", URL: ourBase + "/negotiations", Body: `{"peer":"` + idSupplier + `"}`, Status: 400, Content: []string{"dataset-missing"}},
		{Name: "negotiation with a stranger", URL: ourBase + "/negotiations", Body: `{"peer":"nope","dataset":"co2"}`, Status: 404, Content: []string{"peer-unknown"}},
		{Name: "negotiation with a stranger on own terms", URL: ourBase + "/negotiations", Body: `{"peer":"nope","dataset":"co2","offerId":"x","policy":` + policy + `}`, Status: 404, Content: []string{"peer-unknown"}},
		{Name: "negotiation about what is not offered", URL: ourBase + "/negotiations", Body: `{"peer":"` + idSupplier + `","dataset":"co2","offerId":"nope"}`, Status: 404, Content: []string{"offer-unknown"}},
		{Name: "negotiation on terms that nobody enforces", URL: ourBase + "/negotiations", Body: `{"peer":"` + idSupplier + `","dataset":"co2","policy":` + constrained + `}`, Status: 422, Content: []string{"policy-unenforced", "acceptUnenforced"}},
		{Name: "waiting for ever", URL: ourBase + "/negotiations?wait=ever", Body: `{"peer":"` + idSupplier + `","dataset":"co2"}`, Status: 400, Content: []string{"parameter-invalid"}},
		{Name: "proposing what is not offered", URL: ourBase + "/negotiations/offers", Body: `{"peer":"` + idSupplier + `","dataset":"co2"}`, Status: 404, Content: []string{"not-in-catalog"}},
		{Name: "unknown negotiation", URL: ourBase + "/negotiations/nope", Status: 404, Content: []string{"process-unknown"}},
		{Name: "acting on an unknown negotiation", URL: ourBase + "/negotiations/nope/accept", Body: `{}`, Status: 404, Content: []string{"process-unknown"}},
		{Name: "a transfer is no negotiation", URL: ourBase + "/negotiations/urn%3At", Status: 404},
		{Name: "illegal act", URL: ourBase + "/negotiations/urn%3An/verify", Body: `{}`, Status: 409, Content: []string{"illegal-transition", "possible now: counter, accept, terminate"}},
		{Name: "act of the other role", URL: ourBase + "/negotiations/urn%3An/agree", Body: `{}`, Status: 409, Content: []string{"unknown-act", "possible now: "}},
		{Name: "act after the end", URL: ourBase + "/negotiations/urn%3Aend/accept", Body: `{}`, Status: 409, Content: []string{"process-ended"}},
		{Name: "approving after the end", Method: "POST", URL: ourBase + "/negotiations/urn%3Aend/approve", Status: 409, Content: []string{"nothing-to-approve", "it has come to its end"}},
		{Name: "rejecting without a reason", URL: ourBase + "/negotiations/urn%3An/reject", Body: `{}`, Status: 400, Content: []string{"reason-missing"}},
		{Name: "a counter-offer of nothing", URL: ourBase + "/negotiations/urn%3An/counter", Body: `{}`, Status: 400, Content: []string{"policy-missing"}},
		{Name: "a state that is none", URL: ourBase + "/negotiations?state=DONE", Status: 400, Content: []string{"parameter-invalid", "FINALIZED"}},
		{Name: "a role that is none", URL: ourBase + "/transfers?role=owner", Status: 400, Content: []string{"parameter-invalid", "consumer, provider"}},
		{Name: "a limit that is none", URL: ourBase + "/assets?limit=0", Status: 400, Content: []string{"parameter-invalid"}},
		{Name: "a parameter twice", URL: ourBase + "/assets?limit=1&limit=2", Status: 400, Content: []string{"parameter-twice"}},

		{Name: "unknown agreement", URL: ourBase + "/agreements/nope", Status: 404, Content: []string{"agreement-unknown"}},
		{Name: "transfer under no agreement", URL: ourBase + "/transfers", Body: `{"agreement":"nope","format":"x"}`, Status: 404, Content: []string{"agreement-unknown"}},
		{Name: "importing half an agreement", URL: ourBase + "/agreements", Body: `{"id":"urn:a","peer":"` + idSupplier + `","policy":` + policy + `}`, Status: 400, Content: []string{"agreement-incomplete"}},
		{Name: "importing for a stranger", URL: ourBase + "/agreements", Body: `{"id":"urn:a","role":"consumer","target":"x","peer":"nope","policy":` + policy + `}`, Status: 404, Content: []string{"peer-unknown"}},
		{Name: "the address as provider", URL: ourBase + "/transfers/urn%3At/address", Status: 409, Content: []string{"not-consumer"}},
		{Name: "a transfer without its secrets", URL: ourBase + "/transfers/urn%3At", Status: 200, Content: []string{`"hasAddress":true`, `"possible":["suspend","complete","terminate"]`}},
		{Name: "resuming what runs", URL: ourBase + "/transfers/urn%3At/resume", Body: `{}`, Status: 409, Content: []string{"illegal-transition", "possible now: "}},
		{Name: "a journal position that is none", URL: ourBase + "/journal?after=x", Status: 400, Content: []string{"parameter-invalid"}},

		{Name: "a participant that exists", URL: "/api/v1/participants", Body: `{"context":"acme","id":"x"}`, Status: 409, Content: []string{"participant-exists"}},
		{Name: "a context that is no slug", URL: "/api/v1/participants", Body: `{"context":"../x","id":"x"}`, Status: 400, Content: []string{"context-invalid"}},
		{Name: "a participant without an id", URL: "/api/v1/participants", Body: `{"context":"new"}`, Status: 400, Content: []string{"participant-invalid", "id is missing"}},
	}
	for i := range list {
		list[i].Headers = keyed
	}
	play(t, w.management, list)
	if strings.Contains(w.log.String(), "level=ERROR") {
		t.Errorf("a fault of the caller was logged as ours:\n%s", w.log)
	}
	w.noSecretsLogged()
}

// TestPeerDown: a peer that is not there, and one that answers nonsense, are
// told apart, with what to do.
func TestPeerDown(t *testing.T) {
	w := newWorld(t)
	put := func(id, address string) {
		scenario{Name: id, Method: "PUT", URL: ourBase + "/peers/" + id, Headers: keyed, Status: 201, Body: fmt.Sprintf(`{"url":%q,"inbound":"in %s","outbound":"out"}`, address, id)}.run(t, w.management)
	}
	put("down", "http://127.0.0.1:1")
	put("nonsense", w.server.URL+"/acme/data/x")
	play(t, w.management, []scenario{
		{Name: "down", URL: ourBase + "/peers/down/catalog", Body: `{}`, Headers: keyed, Status: 502, Content: []string{"peer-unreachable", "connection refused", `"hint":"check the peer's URL`}},
		{Name: "nonsense", URL: ourBase + "/peers/nonsense/catalog", Body: `{}`, Headers: keyed, Status: 502, Content: []string{"peer-nonsense", `"hint":`}},
		{Name: "negotiating without terms needs it", URL: ourBase + "/negotiations", Body: `{"peer":"down","dataset":"x"}`, Headers: keyed, Status: 502, Content: []string{"peer-unreachable"}},
		{Name: "on own terms it can wait", URL: ourBase + "/negotiations", Body: `{"peer":"down","dataset":"x","offerId":"o","policy":{"permission":[{"action":"use"}]}}`, Headers: keyed, Status: 202, Content: []string{`"state":"REQUESTED"`, `"waitingFor":"peer"`}},
		{Name: "and says why it is stuck", URL: ourBase + "/processes/stuck?waitingFor=peer", Headers: keyed, Status: 200, Content: []string{`"explanation":"`, `ContractRequestMessage`, `down`}},
	})
}

// TestPeerSecretsAreWriteOnly: they are kept when a change leaves them out.
func TestPeerSecretsAreWriteOnly(t *testing.T) {
	w := newWorld(t)
	at := ourBase + "/peers/" + url.PathEscape("did:web:new.example:a/b")
	got := scenario{Name: "add", Method: "PUT", URL: at, Headers: keyed, Status: 201, Body: `{"url":"https://new.example/dsp/","inbound":"` + toAcme + `2","outbound":"` + toSupplier + `"}`, Content: []string{`"id":"did:web:new.example:a/b"`, `"url":"https://new.example/dsp"`, `"hasInbound":true`}}.run(t, w.management)
	if got.Header().Get("Location") != at {
		t.Errorf("Location %q, want %q", got.Header().Get("Location"), at)
	}
	play(t, w.management, []scenario{
		{Name: "change", Method: "PUT", URL: at, Headers: keyed, Status: 200, Body: `{"url":"https://new.example/other"}`, Content: []string{`other`, `"hasOutbound":true`}},
		{Name: "show", URL: at, Headers: keyed, Status: 200},
		{Name: "list", URL: ourBase + "/peers", Headers: keyed, Status: 200, Content: []string{idSupplier, idMallory, "did:web:new.example:a/b"}},
	})
	if p := w.stores.peers[[2]string{"acme", "did:web:new.example:a/b"}]; p.Inbound != toAcme+"2" || p.Outbound != toSupplier {
		t.Errorf("stored secrets %q, %q", p.Inbound, p.Outbound)
	}
	scenario{Name: "remove", Method: "DELETE", URL: at, Headers: keyed, Status: 204}.run(t, w.management)
	scenario{Name: "gone", URL: at, Headers: keyed, Status: 404}.run(t, w.management)
}

func TestParticipantsAndHealth(t *testing.T) {
	w := newWorld(t)
	play(t, w.management, []scenario{
		{Name: "live", URL: "/healthz", Status: 200},
		{Name: "ready", URL: "/readyz", Status: 200},
		{Name: "add", URL: "/api/v1/participants", Headers: keyed, Body: `{"context":"new","id":"did:web:new.example"}`, Status: 201, Content: []string{`"context":"new"`}},
		{Name: "list", URL: "/api/v1/participants", Headers: map[string]string{"Authorization": "bearer " + apiKey}, Status: 200, Content: []string{`"acme"`, `"new"`, `"supplier"`}},
		{Name: "show", URL: "/api/v1/participants/new", Headers: keyed, Status: 200, Content: []string{`"did:web:new.example"`}},
	})
	w.stores.broken = errors.New("disk on fire at host-17")
	play(t, w.management, []scenario{
		{Name: "live without a store", URL: "/healthz", Status: 200},
		{Name: "not ready without one", URL: "/readyz", Status: 503, NotContent: []string{"fire"}},
		{Name: "our own failure", URL: ourBase + "/peers", Headers: keyed, Status: 500, Content: []string{`"code":"internal"`, `"supportId":"urn:uuid:`}, NotContent: []string{"fire"}},
	})
	w.stores.broken = fmt.Errorf("%w: disk full at host-17", engine.ErrUnavailable)
	play(t, w.management, []scenario{
		{Name: "not ready while it is out", URL: "/readyz", Status: 503, NotContent: []string{"full"}},
		{
			Name: "the store is out", URL: ourBase + "/peers", Headers: keyed, Status: 503,
			Content: []string{`"code":"store-unavailable"`, `"hint":`, `"supportId":"urn:uuid:`}, NotContent: []string{"host-17"},
		},
	})
}

// members returns parts of a JSON answer.
func members(t *testing.T, body []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestWholeWay drives everything by the management API: publish, look,
// negotiate, import, transfer, suspend, resume, complete.
func TestWholeWay(t *testing.T) {
	w := newWorld(t)
	publish(t, w, "supplier", "co2")
	supplier := url.PathEscape(idSupplier)
	do := func(s scenario) map[string]any {
		t.Helper()
		s.Headers = keyed
		got := s.run(t, w.management)
		if t.Failed() {
			t.FailNow()
		}
		return members(t, got.Body.Bytes())
	}
	do(scenario{Name: "asset", URL: "/api/v1/participants/supplier/assets/co2", Status: 200, Content: []string{`"Authorization":""`}})
	do(scenario{Name: "catalogue", URL: ourBase + "/peers/" + supplier + "/catalog", Body: `{}`, Status: 200, Content: []string{`"offer-of-co2"`, `"complete":true`, `"HttpData-PULL"`}})
	n := do(scenario{Name: "negotiate", URL: ourBase + "/negotiations?wait=30s", Body: `{"peer":"` + idSupplier + `","dataset":"co2"}`, Status: 201, Content: []string{`"state":"FINALIZED"`}})
	agreement := n["agreementId"].(string)
	do(scenario{Name: "history", URL: ourBase + "/negotiations/" + url.PathEscape(n["id"].(string)), Status: 200, Content: []string{`"message":"ContractRequestMessage"`, `"outcome":"acknowledged"`, `"message":"ContractNegotiationEventMessage:FINALIZED"`}})
	do(scenario{Name: "list", URL: ourBase + "/negotiations?state=FINALIZED&role=consumer", Status: 200, Content: []string{n["id"].(string)}, NotContent: []string{`"history"`}})
	do(scenario{Name: "agreement", URL: ourBase + "/agreements/" + url.PathEscape(agreement), Status: 200, Content: []string{`"final":true`, `"document":"{`, `"documentHash":"`, `"dataset":{`}})
	do(scenario{Name: "agreements", URL: ourBase + "/agreements", Status: 200, Content: []string{agreement, `"state":"IN_FORCE"`, `"terms":[{"place":"permission[0]","text":"may use","enforced":true}]`}, NotContent: []string{`"usage"`}})
	do(scenario{Name: "agreements of another role", URL: ourBase + "/agreements?role=owner", Status: 400, Content: []string{"consumer, provider"}})

	x := do(scenario{Name: "transfer", URL: ourBase + "/transfers?wait=30", Body: `{"agreement":"` + agreement + `","format":"HttpData-PULL"}`, Status: 201, Content: []string{`"state":"STARTED"`, `"hasAddress":true`}})
	at := ourBase + "/transfers/" + url.PathEscape(x["id"].(string))
	do(scenario{Name: "address", URL: at + "/address?wait=5s", Status: 200, Secret: true, Content: []string{dataToken, "https://data.example/co2"}})
	do(scenario{Name: "suspend", URL: at + "/suspend?wait=30s", Body: `{"reason":"lunch"}`, Status: 200, Content: []string{`"state":"SUSPENDED"`, `"stoppedFor":"lunch"`, `"resume"`}})
	do(scenario{Name: "no address", URL: at + "/address", Status: 409, Content: []string{"no-address", "once it is resumed"}})
	do(scenario{Name: "why it is suspended", URL: ourBase + "/processes/" + url.PathEscape(x["id"].(string)) + "/explain", Status: 200, Content: []string{"suspended until a resumption"}, NotContent: []string{"has to move"}})
	do(scenario{Name: "resume", URL: at + "/resume?wait=30s", Body: `{}`, Status: 200, Content: []string{`"state":"STARTED"`}})
	do(scenario{Name: "complete", URL: at + "/complete?wait=30s", Body: `{}`, Status: 200, Content: []string{`"state":"COMPLETED"`}})
	do(scenario{Name: "no address at its end", URL: at + "/address", Status: 409, Content: []string{"no-address", "ask for another transfer"}})
	do(scenario{Name: "nothing is stuck", URL: ourBase + "/processes/stuck", Status: 200, Content: []string{`{"items":[]}`}})
	do(scenario{Name: "journal", URL: ourBase + "/journal?limit=3", Status: 200, Content: []string{`"position":1`, `"next":"3"`, `"hash":"`}})

	p := do(scenario{Name: "propose", URL: "/api/v1/participants/supplier/negotiations/offers", Body: `{"peer":"` + idAcme + `","dataset":"co2"}`, Status: 202})
	do(scenario{Name: "a person decides", URL: "/api/v1/participants/acme/processes/stuck?waitingFor=person", Status: 200})
	do(scenario{Name: "ended by us", URL: "/api/v1/participants/supplier/negotiations/" + url.PathEscape(p["id"].(string)) + "/terminate?wait=30s", Body: `{}`, Status: 200, Content: []string{`"state":"TERMINATED"`}})
	do(scenario{Name: "import", URL: ourBase + "/agreements", Body: `{"id":"urn:old","role":"consumer","peer":"` + idSupplier + `","target":"co2","policy":{"permission":[{"action":"use"}]}}`, Status: 201, Content: []string{`"imported":true`}})
	do(scenario{Name: "import again", URL: ourBase + "/agreements", Body: `{"id":"urn:old","role":"consumer","peer":"` + idSupplier + `","target":"co2","policy":{"permission":[{"action":"use"}]}}`, Status: 409, Content: []string{"agreement-exists"}})
	old := ourBase + "/agreements/urn:old"
	do(scenario{Name: "end", URL: old + "/end", Body: `{"reason":"sold the line"}`, Status: 200, Content: []string{`"state":"ENDED"`, `"endedBy":"us","endReason":"sold the line"`, `"usage":{"started":0,"bytes":0}`}})
	do(scenario{Name: "end again", URL: old + "/end", Body: `{}`, Status: 409, Content: []string{"agreement-ended"}})
	do(scenario{Name: "end nothing", URL: ourBase + "/agreements/nope/end", Body: `{}`, Status: 404, Content: []string{"agreement-unknown"}})
	w.noSecretsLogged()
}

// TestPersonDecides: a wait ends where a person has to decide, and the act of
// that person brings it to its end.
func TestPersonDecides(t *testing.T) {
	w := newWorld(t)
	scenario{Name: "publish", URL: "/api/v1/participants/supplier/catalog", Headers: keyed, Status: 200, Body: `{"assets":[{"id":"co2"}],"offers":[{"id":"o","assets":{"ids":["co2"]},` +
		`"access":{"permission":[{"action":"use"}]},"usage":{"permission":[{"action":"use"}]},"rules":[{"do":"approve"}]}]}`}.run(t, w.management)
	scenario{Name: "open", URL: ourBase + "/negotiations?wait=1ms", Headers: keyed, Body: `{"peer":"` + idSupplier + `","dataset":"co2"}`, Status: 202}.run(t, w.management)
	list := func() []any {
		got := scenario{Name: "list", URL: "/api/v1/participants/supplier/negotiations?role=provider", Headers: keyed, Status: 200}.run(t, w.management)
		return members(t, got.Body.Bytes())["items"].([]any)
	}
	for contextID := range w.stores.commits {
		if contextID == "supplier" { // the request has come
			break
		}
	}
	id := list()[0].(map[string]any)["id"].(string)
	at := "/api/v1/participants/supplier/negotiations/" + url.PathEscape(id)
	scenario{Name: "wait", URL: at + "?wait=30s", Headers: keyed, Status: 200, Content: []string{`"waitingFor":"person"`, `"possible":["counter","agree","terminate"]`}}.run(t, w.management)
	scenario{Name: "queue", URL: "/api/v1/participants/supplier/processes/stuck?waitingFor=person&kind=negotiation", Headers: keyed, Status: 200, Content: []string{id, "A person has to decide: counter, agree, terminate."}}.run(t, w.management)
	scenario{Name: "approve", Method: http.MethodPost, URL: at + "/approve?wait=30s", Headers: keyed, Status: 200, Content: []string{`"state":"FINALIZED"`}}.run(t, w.management)
	scenario{Name: "on the other side", URL: ourBase + "/negotiations?state=FINALIZED", Headers: keyed, Status: 200, Content: []string{idSupplier}}.run(t, w.management)
}

// TestPullRoute: any method that a provider may allow, with path and query as
// they were sent, and no body that is read here.
func TestPullRoute(t *testing.T) {
	var got []string
	h := web.NewManagement(web.ManagementConfig{
		Common: web.Common{Now: fixedNow, NewID: newID, MaxBody: 4}, APIKeys: []string{apiKey}, Participants: newWorld(t).stores,
		Pull: func(w http.ResponseWriter, r *http.Request, contextID, id, path string) error {
			body, _ := io.ReadAll(r.Body)
			got = append(got, strings.Join([]string{r.Method, contextID, id, path, r.URL.RawQuery, string(body)}, "|"))
			if path == "gone" {
				return &web.Problem{Status: http.StatusConflict, Code: "no-address", Message: "no data"}
			}
			w.WriteHeader(http.StatusAccepted)
			return nil
		},
	})
	for _, tc := range []struct {
		method, below, want string
		status              int
	}{
		{"GET", "/urn:x", "GET|acme|urn:x|||body", 202},
		{"POST", "/urn:x/orders/a%2Fb?page=1&wait=x", "POST|acme|urn:x|orders/a%2Fb|page=1&wait=x|body", 202},
		{"PATCH", "/urn%3Ax/o", "PATCH|acme|urn:x|o||body", 202},
		{"DELETE", "/urn:x/gone", "DELETE|acme|urn:x|gone||body", 409},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tc.method, "/api/v1/participants/acme/pull"+tc.below, strings.NewReader("body"))
		r.Header.Set("X-Api-Key", apiKey)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tc.status || len(got) == 0 || got[len(got)-1] != tc.want {
			t.Errorf("%s %s: %d %v %s", tc.method, tc.below, w.Code, got, w.Body)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/participants/acme/pull/urn:x", nil)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusUnauthorized || len(got) != 4 {
		t.Errorf("without a key: %d", w.Code)
	}
}

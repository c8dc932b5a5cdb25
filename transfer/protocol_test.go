// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/transfer"
)

// requestBody is a request of the consumer, changed by f.
func requestBody(t testing.TB, f func(*wire.TransferRequest)) []byte {
	m := &wire.TransferRequest{
		ID: "urn:uuid:m1", ConsumerPID: "urn:uuid:c1", AgreementID: "agreement-1", Format: pull,
		CallbackAddress: "https://c.example/cons/dsp/2025-1/",
	}
	if f != nil {
		f(m)
	}
	body, err := wire.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestRefusedRequests: every request that has no chance, its status and code.
func TestRefusedRequests(t *testing.T) {
	type change struct {
		message func(*wire.TransferRequest)
		world   func(*world)
		from    string
		body    string
		status  int
		code    string
	}
	for name, tc := range map[string]change{
		"unknown agreement":       {message: func(m *wire.TransferRequest) { m.AgreementID = "other" }, status: 404, code: "not-found"},
		"another's agreement":     {from: "did:example:stranger", status: 404, code: "not-found"},
		"we are not the provider": {world: func(w *world) { w.p.agreement.Role = "consumer" }, status: 400, code: "not-provider"},
		"agreement not final":     {world: func(w *world) { w.p.agreement.Final = false }, status: 400, code: "agreement-not-final"},
		"unknown format":          {message: func(m *wire.TransferRequest) { m.Format = "Teleport" }, status: 400, code: "format-unsupported"},
		"format not of the dataset": {world: func(w *world) {
			w.p.agreement.Dataset = json.RawMessage(`{"@id":"dataset-1","distribution":[{"format":"HttpData-PUSH"},{"format":"Stream-PULL"}]}`)
		}, status: 400, code: "format-not-offered"},
		"a dataset in no format": {world: func(w *world) { w.p.agreement.Dataset = json.RawMessage(`{"@id":"dataset-1"}`) }, status: 400, code: "format-not-offered"},
		"forbidden callback":     {message: func(m *wire.TransferRequest) { m.CallbackAddress = "http://127.0.0.1/" }, status: 400, code: "callback-refused"},
		"no callback":            {body: strings.Replace(string(requestBody(t, nil)), "callbackAddress", "callback", 1), status: 400, code: "member-missing"},
		"not JSON":               {body: "{", status: 400, code: "malformed-json"},
		"no DSP context":         {body: `{"@context":["https://example.org"],"@type":"TransferRequestMessage"}`, status: 400, code: "context-missing"},
		"another message":        {body: `{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":"TransferStartMessage","consumerPid":"a","providerPid":"b"}`, status: 400, code: "type-unexpected"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, false)
			if tc.world != nil {
				tc.world(w)
			}
			in := w.c.call("", requestBody(t, tc.message))
			if tc.body != "" {
				in.Body = []byte(tc.body)
			}
			if tc.from != "" {
				in.Claims.Participant = tc.from
			}
			_, err := w.p.svc.Receive(context.Background(), in, transfer.EndpointRequest)
			if err == nil {
				t.Fatal("accepted")
			}
			checkFault(t, err, in, tc.status, tc.code)
			if list, _ := w.p.svc.List(context.Background(), "provider", transfer.Filter{}); len(list) != 0 {
				t.Errorf("%d transfers were kept", len(list))
			}
		})
	}
}

func checkFault(t testing.TB, err error, in transfer.Incoming, status int, code string) {
	t.Helper()
	reply, ok := transfer.Fault(err, in)
	if !ok || reply.Status != status {
		t.Fatalf("%v becomes %d (%v), want %d", err, reply.Status, ok, status)
	}
	decoded, err := wire.Decode(reply.Body, wire.TypeTransferError)
	if err != nil {
		t.Fatalf("%s: %v", reply.Body, err)
	}
	if m := decoded.Message.(*wire.TransferError); m.Code != code || len(m.Reason) == 0 {
		t.Errorf("code %q with %d reasons, want %q", m.Code, len(m.Reason), code)
	}
}

// TestPushNeedsAnAddress on both sides.
func TestPushNeedsAnAddress(t *testing.T) {
	w := newWorld(t, push, false)
	in := w.c.call("", requestBody(t, func(m *wire.TransferRequest) { m.Format = push }))
	_, err := w.p.svc.Receive(context.Background(), in, transfer.EndpointRequest)
	checkFault(t, err, in, 400, "data-address-missing")
	if _, err := w.c.svc.Request(context.Background(), "consumer", transfer.RequestArgs{Agreement: "agreement-1", Format: push}); err == nil {
		t.Error("a push without an address was requested")
	}
}

// TestFirstRequestTwice: the same pid names the same transfer.
func TestFirstRequestTwice(t *testing.T) {
	w := newWorld(t, pull, false)
	in := w.c.call("", requestBody(t, nil))
	first, err := w.p.svc.Receive(context.Background(), in, transfer.EndpointRequest)
	if err != nil || first.Status != 201 {
		t.Fatal(first.Status, err)
	}
	in.Body = requestBody(t, func(m *wire.TransferRequest) { m.ID = "urn:uuid:m2" })
	again, err := w.p.svc.Receive(context.Background(), in, transfer.EndpointRequest)
	if err != nil || again.Status != 201 || string(again.Body) != string(first.Body) {
		t.Errorf("the same request again: %d %s %v", again.Status, again.Body, err)
	}
	in.Body = requestBody(t, func(m *wire.TransferRequest) { m.CallbackAddress = "https://c.example/elsewhere" })
	_, err = w.p.svc.Receive(context.Background(), in, transfer.EndpointRequest)
	checkFault(t, err, in, 400, "pid-in-use")
}

// TestShow: for the counterparty alone, on both sides.
func TestShow(t *testing.T) {
	w := newWorld(t, pull, false)
	consumerPID, providerPID := w.open(pull)
	for _, s := range []struct {
		at  *side
		pid string
	}{{w.p, providerPID}, {w.c, consumerPID}} {
		in := s.at.peer.call(s.pid, nil)
		reply, err := s.at.svc.Show(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(reply.Body, &got); err != nil || got["state"] != "STARTED" || got["consumerPid"] != consumerPID || got["providerPid"] != providerPID {
			t.Errorf("%s shows %s", s.at.name, reply.Body)
		}
		in.Claims.Participant = "did:example:stranger"
		_, err = s.at.svc.Show(context.Background(), in)
		checkFault(t, err, in, 404, "not-found")
		in = s.at.peer.call("urn:uuid:none", nil)
		_, err = s.at.svc.Show(context.Background(), in)
		checkFault(t, err, in, 404, "not-found")
	}
}

// TestShowBeforeTheAnswer: the provider may ask as soon as it has our request, and
// hears what its own answer, which is on its way, lets us know.
func TestShowBeforeTheAnswer(t *testing.T) {
	for name, came := range map[string]bool{"it comes": true, "it does not": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, false)
			p, err := w.c.svc.Request(context.Background(), "consumer", transfer.RequestArgs{Agreement: "agreement-1", Format: pull})
			if err != nil {
				t.Fatal(err)
			}
			in := w.p.call(p.ID, nil)
			_, err = w.c.svc.Show(context.Background(), in)
			checkFault(t, err, in, 404, "not-found") // nobody has been sent it
			for len(w.sends) == 0 && w.claim(w.c) {
			}
			w.arrive(w.sends[0])
			var reply transfer.Reply
			w.run(func() { reply, err = w.c.svc.Show(context.Background(), in) })
			if reply.Status != 0 || len(w.waits) != 1 {
				t.Fatalf("it was not waited for: %d %s", reply.Status, reply.Body)
			}
			if !came {
				w.now = w.now.Add(time.Minute)
				w.wake()
				checkFault(t, err, in, 503, "busy")
				return
			}
			w.reply(0, false)
			w.wake()
			var got map[string]any
			if err != nil || json.Unmarshal(reply.Body, &got) != nil || reply.Status != 200 || got["state"] != "REQUESTED" ||
				got["consumerPid"] != p.ID || got["providerPid"] != w.c.get(t, p.ID).PeerPID {
				t.Errorf("it was answered %d %s: %v", reply.Status, reply.Body, err)
			}
		})
	}
}

// TestStrangerCannotMove a transfer that is another's: 404, nothing changed.
func TestStrangerCannotMove(t *testing.T) {
	w := newWorld(t, pull, false)
	consumerPID, providerPID := w.open(pull)
	body, _ := wire.Encode(&wire.TransferTermination{ConsumerPID: consumerPID, ProviderPID: providerPID})
	in := w.c.call(providerPID, body)
	in.Claims.Participant = "did:example:stranger"
	_, err := w.p.svc.Receive(context.Background(), in, transfer.EndpointTermination)
	checkFault(t, err, in, 404, "not-found")
	in = w.c.call(providerPID, body)
	_, err = w.p.svc.Receive(context.Background(), in, transfer.Endpoint("no-such"))
	checkFault(t, err, in, 404, "not-found")
	if got := w.p.get(t, providerPID).State; got != "STARTED" {
		t.Errorf("state %s", got)
	}
}

// TestBusy: a message that waits too long is not refused for good.
func TestBusy(t *testing.T) {
	checkFault(t, transfer.ErrBusy, transfer.Incoming{PID: "urn:uuid:1"}, 503, "busy")
}

// TestRandomMessages: legal or not, a message leaves both ends of a quiet
// transfer where the table has them, and every refusal is a clear 4xx.
func TestRandomMessages(t *testing.T) {
	next := map[string]map[string]string{
		"STARTED":   {"suspension": "SUSPENDED", "completion": "COMPLETED", "termination": "TERMINATED"},
		"SUSPENDED": {"start": "STARTED", "termination": "TERMINATED"},
	}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, pull, true)
		consumerPID, providerPID := w.open(pull)
		state := "STARTED"
		for range rapid.IntRange(1, 8).Draw(rt, "messages") {
			at := rapid.SampledFrom([]string{"start", "suspension", "completion", "termination"}).Draw(rt, "at")
			body := message(t, at, consumerPID, providerPID, w.id())
			in := w.c.call(providerPID, body)
			var err error
			w.run(func() { _, err = w.p.svc.Receive(context.Background(), in, transfer.Endpoint(at)) })
			want, legal := next[state][at]
			again := at == "completion" && state == "COMPLETED" // and has no effect
			if (legal || again) != (err == nil) {
				rt.Fatalf("%s in %s: %v", at, state, err)
			}
			switch {
			case again:
				want = state
			case !legal:
				checkFault(t, err, in, 400, "illegal-transition")
				continue
			}
			state = want
			w.answerAs("")
			if got := w.p.get(t, providerPID).State; got != state {
				rt.Fatalf("after %s in %s, want %s", at, got, state)
			}
		}
	})
}

func message(t testing.TB, at, consumerPID, providerPID, id string) []byte {
	var m wire.Message
	switch at {
	case "start":
		m = &wire.TransferStart{ID: id, ConsumerPID: consumerPID, ProviderPID: providerPID}
	case "suspension":
		m = &wire.TransferSuspension{ID: id, ConsumerPID: consumerPID, ProviderPID: providerPID}
	case "completion":
		m = &wire.TransferCompletion{ID: id, ConsumerPID: consumerPID, ProviderPID: providerPID}
	default:
		m = &wire.TransferTermination{ID: id, ConsumerPID: consumerPID, ProviderPID: providerPID}
	}
	body, err := wire.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestAddressForms: both forms are read, and both are written.
func TestAddressForms(t *testing.T) {
	w := newWorld(t, pull, false)
	consumerPID, providerPID := w.open(pull)
	_ = w.do(w.p, providerPID, "suspend")
	body, err := wire.Encode(&wire.TransferStart{ConsumerPID: consumerPID, ProviderPID: providerPID, DataAddress: &wire.DataAddress{
		EndpointType: "https://w3id.org/idsa/v4.1/HTTP", Endpoint: "http://example.com",
		Properties: []wire.EndpointProperty{{Name: "authorization", Value: "TOKEN"}, {Name: "authType", Value: "bearer"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.c.svc.Receive(context.Background(), w.p.call(consumerPID, body), transfer.EndpointStart); err != nil {
		t.Fatal(err)
	}
	a := w.c.get(t, consumerPID).DataAddress
	if a == nil || a.Endpoint != "http://example.com" || a.Get("authorization") != "TOKEN" || len(a.Properties) != 2 {
		t.Errorf("read %v", a)
	}
}

var _ engine.Sender = (*side)(nil)

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// The exchanges 015 to 025 were captured between two EDC connectors: one
// transfer that the consumer suspends, resumes and terminates, and one that
// the provider does. Here we take either side's place.

const (
	firstConsumer, firstProvider   = "34e8a875-93a1-49af-bcb9-90a4208b538d", "4608d3a2-d8b8-40fd-bf1d-aa48330ad6b6"
	secondConsumer, secondProvider = "66d3512b-3cb9-4387-9ba4-ad1b2d65a6b3", "f032f9e6-4c2a-4123-b298-dccfe25602c8"
	capturedAgreement              = "1b533d77-7ded-4eb0-b664-a1ca6d9238f0"
)

// captured returns the request body of an exchange and the body of its answer.
func captured(t *testing.T, number string) (request, response []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "peers", "edc", "wire", number+"-*.http"))
	if err != nil || len(files) != 1 {
		t.Fatalf("capture %s: %v %v", number, files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	head, answer, _ := bytes.Cut(raw, []byte("\nHTTP/1.1 "))
	_, request, _ = bytes.Cut(head, []byte("\n\n"))
	_, response, _ = bytes.Cut(answer, []byte("\n\n"))
	return bytes.TrimSpace(request), bytes.TrimSpace(response)
}

// peerMessage gives a captured message of the other side to ours.
func (w *world) peerMessage(s *side, number, their, our string) {
	w.t.Helper()
	body, _ := captured(w.t.(*testing.T), number)
	body = bytes.ReplaceAll(body, []byte(their), []byte(our))
	body = bytes.ReplaceAll(body, []byte("http://127.0.0.1"), []byte("https://edc.example"))
	var head struct {
		Type string `json:"@type"`
	}
	if err := json.Unmarshal(body, &head); err != nil {
		w.t.Fatal(err)
	}
	at := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(head.Type, "Transfer"), "Message"))
	var reply transfer.Reply
	var err error
	w.run(func() {
		reply, err = s.svc.Receive(context.Background(), s.peer.call(our, body), transfer.Endpoint(at))
	})
	if err != nil || reply.Status/100 != 2 {
		w.t.Fatalf("capture %s: %d %v", number, reply.Status, err)
	}
	w.answerAs("")
}

// answerAs has the peer take whatever our side sends, as EDC does: 200, and a
// body only for a request.
func (w *world) answerAs(body string) (sent []engine.Delivery) {
	for range 50 {
		if w.claim(w.p) || w.claim(w.c) {
			continue
		}
		if len(w.sends) == 0 {
			return sent
		}
		p := w.sends[0]
		sent = append(sent, p.o)
		p.answer = &engine.Answer{Status: 200, Body: []byte(body)}
		w.reply(0, false)
	}
	w.t.Fatal("our side does not come to rest")
	return nil
}

// TestCapturesAsConsumer: an EDC provider's messages.
func TestCapturesAsConsumer(t *testing.T) {
	w := newWorld(t, pull, false)
	w.c.agreement.ID = capturedAgreement
	request := func(number string) string {
		p, err := w.c.svc.Request(context.Background(), "consumer", transfer.RequestArgs{Agreement: capturedAgreement, Format: pull})
		if err != nil {
			t.Fatal(err)
		}
		_, answer := captured(t, number)
		body := strings.NewReplacer(firstConsumer, p.ID, secondConsumer, p.ID).Replace(string(answer))
		w.answerAs(body)
		return p.ID
	}
	expect := func(id, state, token string) {
		t.Helper()
		p := w.c.get(t, id)
		got := ""
		if p.DataAddress != nil {
			got = p.DataAddress.Get("authorization")
			if p.DataAddress.Endpoint == "" || p.DataAddress.Get("authType") != "bearer" || p.DataAddress.EndpointType != transfer.EndpointTypeHTTP {
				t.Errorf("data address %s", p.DataAddress)
			}
		}
		if p.State != state || (got == "") != (token == "") || !strings.HasPrefix(got, token) {
			t.Errorf("in %s with %.30q, want %s with %q", p.State, got, state, token)
		}
	}
	first := request("015")
	if pid := w.c.get(t, first).PeerPID; pid != firstProvider {
		t.Errorf("the peer's pid is %q", pid)
	}
	expect(first, "REQUESTED", "")
	w.peerMessage(w.c, "016", firstConsumer, first)
	expect(first, "STARTED", "eyJ")
	old := w.c.get(t, first).DataAddress.Get("authorization")
	for _, act := range []negotiation.Act{negotiation.Suspend, negotiation.Start} { // 017 and 018
		if err := w.c.act(first, negotiation.Decision{Act: act}); err != nil {
			t.Fatal(err)
		}
		w.answerAs("")
	}
	expect(first, "STARTED", "")
	w.peerMessage(w.c, "019", firstConsumer, first)
	expect(first, "STARTED", "eyJ")
	if w.c.get(t, first).DataAddress.Get("authorization") == old {
		t.Error("the answer's address was not taken")
	}
	second := request("020")
	for i, state := range []string{"STARTED", "SUSPENDED", "STARTED", "TERMINATED"} { // 022 to 025
		w.peerMessage(w.c, []string{"022", "023", "024", "025"}[i], secondConsumer, second)
		token := ""
		if state == "STARTED" {
			token = "eyJ"
		}
		expect(second, state, token)
	}
	if got := w.c.get(t, second).StoppedFor; got != "provider stop" {
		t.Errorf("the reason is %q", got)
	}
}

// TestCapturesAsProvider: an EDC consumer's messages, and what we send it.
func TestCapturesAsProvider(t *testing.T) {
	w := newWorld(t, pull, false)
	w.p.agreement.ID = capturedAgreement
	ours := func() transfer.Process {
		t.Helper()
		list, err := w.p.svc.List(context.Background(), "provider", transfer.Filter{})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d transfers, %v", len(list), err)
		}
		return w.p.get(t, list[0].ID)
	}
	body, _ := captured(t, "015")
	body = bytes.ReplaceAll(body, []byte("http://127.0.0.1:28293"), []byte("https://edc.example"))
	reply, err := w.p.svc.Receive(context.Background(), w.c.call("", body), transfer.EndpointRequest)
	if err != nil || reply.Status != 201 {
		t.Fatal(reply.Status, err)
	}
	sent := w.answerAs("")
	if len(sent) != 1 || sent[0].Path != "/transfers/"+firstConsumer+"/start" || sent[0].Address != "https://edc.example/protocol/2025-1" || !sent[0].Foreign {
		t.Fatalf("sent %+v", sent)
	}
	for _, name := range []string{"endpoint", "authType", "endpointType", "authorization"} {
		for _, n := range []string{name, "https://w3id.org/edc/v0.0.1/ns/" + name} {
			if !bytes.Contains(sent[0].Body, []byte(`"name":"`+n+`"`)) {
				t.Errorf("the start lacks the property %s: %s", n, sent[0].Body)
			}
		}
	}
	id := ours().ID
	for i, want := range []struct{ number, state string }{{"017", "SUSPENDED"}, {"018", "STARTED"}, {"021", "TERMINATED"}} {
		w.peerMessage(w.p, want.number, firstProvider, id)
		if got := ours(); got.State != want.state || got.Pending != "" {
			t.Errorf("after %s (%d): %s %s", want.number, i, got.State, story(got))
		}
	}
	if got := story(ours()); got != "<- Request ; -> Start acknowledged; <- Suspension ; <- Start ; -> Start acknowledged; <- Termination ; " {
		t.Errorf("the story is %q", got)
	}
}

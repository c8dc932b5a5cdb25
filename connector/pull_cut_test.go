// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// heedless is a provider's plane that sends on, whatever it is told.
type heedless struct {
	transfer.DataPlane
	url string
}

func (h heedless) Start(context.Context, transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{State: transfer.FlowStarted, DataAddress: &transfer.DataAddress{
		EndpointType: transfer.EndpointTypeHTTP, Endpoint: h.url, Properties: []transfer.Property{{Name: "authorization", Value: "token"}},
	}}, nil
}
func (h heedless) Suspend(context.Context, transfer.Flow) error   { return nil }
func (h heedless) Complete(context.Context, transfer.Flow) error  { return nil }
func (h heedless) Terminate(context.Context, transfer.Flow) error { return nil }

// isCut fails unless a body that has no end is cut once stop was called.
func isCut(t *testing.T, url, key string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := client(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadFull(resp.Body, make([]byte, 1000)); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp.StatusCode, err)
	}
	stop()
	if _, err := io.Copy(io.Discard, resp.Body); err == nil || ctx.Err() != nil || strings.Contains(err.Error(), "Timeout") {
		t.Errorf("the body ended with %v", err)
	}
}

// TestPullIsCutHere: an application's answer ends with the transfer at its own
// connector, though the provider sends on.
func TestPullIsCutHere(t *testing.T) {
	t.Parallel()
	supplier, maker := pairOn(t, func(string) string { return "memory:" },
		[]connector.Option{connector.WithDataPlane(pull, heedless{url: newEndless(t).url})}, nil)
	supplier.publish(t, catalog.Source{})
	agreement := maker.negotiate(t, proposalOf(supplier.id), "FINALIZED").AgreementID
	for _, act := range []negotiation.Act{negotiation.Suspend, negotiation.Terminate, negotiation.Complete} {
		p := maker.request(t, agreement, "STARTED")
		isCut(t, serve(t, maker.PullHandler(p.ID)), "", func() { maker.does(t, p.ID, act) })
	}
}

// TestDataPlanePullIsCutHere: so it does at a data plane that runs alone.
func TestDataPlanePullIsCutHere(t *testing.T) {
	t.Parallel()
	cfg := planeConfig("memory:", serve(t, http.NotFoundHandler()))
	cfg.Participants = []served.Participant{{Context: "maker", ID: "urn:example:maker", ControlPlane: "cp"}}
	cfg.Applications.Listen, cfg.Applications.Keys = "127.0.0.1:0", []served.Application{{Key: "key-of-the-maker"}}
	p, consumer := startPlane(t, cfg)
	post := func(path, body string) {
		t.Helper()
		if a := call(t, "POST", consumer+"/dataflows/"+path, planeShown, body); a.status != 200 {
			t.Fatal(path, a.status, a.body)
		}
	}
	source := newEndless(t).url
	for _, verb := range []string{"suspend", "terminate", "completed"} {
		post("prepare", strings.NewReplacer("urn:example:supplier", "urn:example:maker", "urn:example:maker", "urn:example:supplier").Replace(planeAsk(verb, dataset)))
		post(verb+"/started", fmt.Sprintf(`{"messageId":"m2","dataAddress":{"@type":"DataAddress","endpointType":%q,"endpoint":%q,
			"endpointProperties":[{"@type":"EndpointProperty","name":"authorization","value":"token"}]}}`, transfer.EndpointTypeHTTP, source))
		isCut(t, "http://"+p.ApplicationsAddress()+"/maker/pull/"+verb, "key-of-the-maker", func() { post(verb+"/"+verb, `{"messageId":"m3"}`) })
	}
}

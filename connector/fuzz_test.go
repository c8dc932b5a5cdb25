// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust/policy"
)

// FuzzProtocol gives any path and body to the protocol handler of a connector
// that has a catalogue, an agreement and the caller for a peer. Whatever they
// are, the answer is no 5xx, and an error has a code and a reason.
func FuzzProtocol(f *testing.F) {
	h := mounted(f)
	marshal := func(m object) string {
		text, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return string(text)
	}
	const root = "/supplier/dsp/2025-1"
	const callback = "https://maker.example/dsp/2025-1"
	f.Add(root+"/catalog/request", marshal(message("CatalogRequestMessage", "", "")))
	f.Add(root+"/catalog/request?continuationToken=x", marshal(message("CatalogRequestMessage", "", "", "filter", []object{{"offset": 1, "limit": 1}})))
	f.Add(root+"/catalog/datasets/"+url.PathEscape(dataset), "")
	f.Add(root+"/negotiations/request", marshal(message("ContractRequestMessage", "c", "", "callbackAddress", callback, "offer", offered(offerID, dataset, use()))))
	f.Add(root+"/negotiations/offers", marshal(message("ContractOfferMessage", "", "p", "callbackAddress", callback, "offer", offered("o", dataset, use(forOutput)))))
	f.Add(root+"/negotiations/x/agreement", marshal(message("ContractAgreementMessage", "c", "p", "agreement", object{"@type": "Agreement", "@id": "a", "target": dataset, "assigner": "x", "assignee": "y", "permission": use()})))
	f.Add(root+"/negotiations/x/agreement/verification", marshal(message("ContractAgreementVerificationMessage", "c", "p")))
	f.Add(root+"/negotiations/x/events", marshal(message("ContractNegotiationEventMessage", "c", "p", "eventType", "ACCEPTED")))
	f.Add(root+"/negotiations/%2e%2e/termination", marshal(message("ContractNegotiationTerminationMessage", "c", "p", "reason", []any{"x", 1})))
	f.Add(root+"/transfers/request", marshal(message("TransferRequestMessage", "c", "", "agreementId", "urn:example:agreement:imported", "format", pull, "callbackAddress", callback)))
	f.Add(root+"/transfers/x/start", marshal(message("TransferStartMessage", "c", "p", "dataAddress", object{"@type": "DataAddress", "endpointType": "x"})))
	f.Add(root+"/transfers/%00", "")
	f.Add("/supplier/.well-known/dspace-version", "")
	f.Add("/supplier/data/x/../y", "")
	f.Add("//%ff/dsp", "{}")
	f.Fuzz(func(t *testing.T, path, body string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || u.Host != "" {
			return
		}
		method := http.MethodPost
		if body == "" {
			method = http.MethodGet
		}
		req, err := http.NewRequestWithContext(t.Context(), method, "http://localhost", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.URL = u
		req.Header.Set("Authorization", string(tokenOf("maker", "supplier")))
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if rec.Code >= 500 {
			t.Fatalf("%s %q: %d %s", method, path, rec.Code, rec.Body)
		}
		var problem struct {
			Code   string `json:"code"`
			Reason []any  `json:"reason"`
		}
		isData := strings.Contains(u.Path, "/data/")
		if rec.Code >= 400 && !isData && (json.Unmarshal(rec.Body.Bytes(), &problem) != nil || problem.Code == "" || len(problem.Reason) == 0) {
			t.Fatalf("%s %q: %d without a code and a reason: %s", method, path, rec.Code, rec.Body)
		}
	})
}

// mounted is the protocol handler of a connector that does not listen.
func mounted(f *testing.F) http.Handler {
	f.Helper()
	cfg := settings("memory:")
	cfg.Protocol.Listen, cfg.Management.Listen = "-", "-"
	cfg.Participants = []connector.ParticipantConfig{{
		Context: "supplier", ID: "urn:example:supplier", PublicURL: "https://supplier.example/supplier", Profile: "preshared",
		Peers: []connector.PeerConfig{{
			ID: "urn:example:maker", URL: "https://maker.example/dsp/2025-1",
			Inbound: tokenOf("maker", "supplier"), Outbound: tokenOf("supplier", "maker"),
		}},
	}}
	c, err := connector.New(cfg, wait()...)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = c.Stop(context.Background()) })
	if err := c.Start(f.Context()); err != nil {
		f.Fatal(err)
	}
	p, err := c.Participant(f.Context(), "supplier")
	if err != nil {
		f.Fatal(err)
	}
	err = p.Publish(f.Context(), []catalog.Asset{{ID: dataset}}, []catalog.Offer{{
		ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use"), Usage: policy.Permit("use"),
	}})
	if err != nil {
		f.Fatal(err)
	}
	_, err = p.ImportAgreement(f.Context(), negotiation.Imported{
		ID: "urn:example:agreement:imported", Role: "provider", Peer: "urn:example:maker", Target: dataset, Policy: policy.Permit("use"),
	})
	if err != nil {
		f.Fatal(err)
	}
	return c.ProtocolHandler()
}

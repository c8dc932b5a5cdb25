// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/policy"
)

// catalogue asks for the catalogue and returns the answer, with the check that
// refused.
func (s *scene) catalogue(p *dcptest.Party) string {
	s.t.Helper()
	got := s.post(p, "/dsp/2025-1/catalog/request", catalogRequest)
	text := fmt.Sprint(got.status)
	if refused := s.Refusals(""); len(refused) > 0 && got.status == http.StatusUnauthorized {
		text += " " + refused[0].Check + " " + refused[0].Reason
	}
	return text
}

func givenDID(s *scene, base string) string {
	return s.catalogue(s.party(s.wild.did(strings.TrimPrefix(base, "https://"))))
}

func givenWallet(s *scene, base string) string {
	p, _, _ := s.stranger("CredentialService", base+"/dcp")
	return s.catalogue(p)
}

func givenStatus(s *scene, base string) string {
	return s.catalogue(s.memberWith("credentialStatus", object{
		"id": base + "/list#1", "type": "StatusList2021Entry", "statusPurpose": "revocation",
		"statusListIndex": "1", "statusListCredential": base + "/list",
	}))
}

func givenBitstring(s *scene, base string) string {
	return s.catalogue(s.memberWith("credentialStatus", object{
		"id": base + "/list#1", "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
		"statusListIndex": "1", "statusListCredential": base + "/list",
	}))
}

func givenSchema(s *scene, base string) string {
	return s.catalogue(s.memberWith("credentialSchema", object{"id": base + "/schema.json", "type": "JsonSchema"}))
}

// memberWith is a member whose membership has one member more.
func (s *scene) memberWith(name string, value any) *dcptest.Party {
	p, _, _ := s.member(func(d *dcptest.Draft) { d.VC()[name] = value })
	return p
}

// givenIssuer: an issuer that is not trusted is not even asked for its keys.
func givenIssuer(s *scene, base string) string {
	honest := s.authority
	defer func() { s.authority = honest }()
	s.authority = s.party(s.wild.did(strings.TrimPrefix(base, "https://")))
	p, _, _ := s.member()
	return s.catalogue(p)
}

func givenCallback(s *scene, base string) string {
	p, _, _ := s.member()
	got := s.post(p, "/dsp/2025-1/negotiations/request", text(s.t, message("ContractRequestMessage", "urn:example:1", "",
		"callbackAddress", base+"/dsp", "offer", offered(offerID, dataset, use()))))
	if got.status != http.StatusCreated {
		return fmt.Sprint(got.status, got.body)
	}
	return s.negotiationError(parse(s.t, got.body)["providerPid"].(string))
}

// givenOffer is an offer out of the blue, which a user of ours declines.
func givenOffer(s *scene, base string) string {
	p, _, _ := s.member()
	got := s.post(p, "/dsp/2025-1/negotiations/offers", text(s.t, message("ContractOfferMessage", "", "urn:example:1",
		"callbackAddress", base+"/dsp", "offer", offered(offerID, dataset, use()))))
	if got.status != http.StatusCreated {
		return fmt.Sprint(got.status, got.body)
	}
	id := parse(s.t, got.body)["consumerPid"].(string)
	if _, err := s.Act(s.t.Context(), id, negotiation.Decision{Act: negotiation.Terminate, Reason: "the test wants it"}); err != nil {
		return err.Error()
	}
	return s.negotiationError(id)
}

func (s *scene) negotiationError(id string) string {
	s.t.Helper()
	n, err := s.AwaitNegotiation(s.t.Context(), id, patience, func(n negotiation.Negotiation) bool { return n.LastError != nil })
	if err != nil {
		s.t.Fatalf("the negotiation is %s, pending %q: %v", n.State, n.Pending, err)
	}
	return n.LastError.Reason
}

// agreed has the connector hold an agreement with a party that it knows.
func (s *scene) agreed(p *dcptest.Party, role, base string) (id string) {
	s.t.Helper()
	id = "urn:example:agreement:" + s.wild.name("x")
	err := s.PutPeer(s.t.Context(), connector.PeerConfig{ID: p.DID, URL: base + "/dsp"})
	if err == nil {
		_, err = s.ImportAgreement(s.t.Context(), negotiation.Imported{ID: id, Role: role, Peer: p.DID, Target: dataset, Policy: policy.Permit("use")})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

func givenTransfer(s *scene, base string) string {
	p, _, own := s.member()
	got := s.post(p, "/dsp/2025-1/transfers/request", text(s.t, message("TransferRequestMessage", "urn:example:1", "",
		"agreementId", s.agreed(p, "provider", own), "format", pull, "callbackAddress", base+"/dsp")))
	if got.status != http.StatusCreated {
		return fmt.Sprint(got.status, got.body)
	}
	id := parse(s.t, got.body)["providerPid"].(string)
	process, err := s.AwaitTransfer(s.t.Context(), id, patience, func(p transfer.Process) bool { return p.LastError != nil })
	if err != nil {
		s.t.Fatalf("the transfer is %s, pending %q: %v", process.State, process.Pending, err)
	}
	return process.LastError.Reason
}

func givenData(s *scene, base string) string {
	p, mux, own := s.member()
	mux.HandleFunc("POST /co/dsp/transfers/request", func(w http.ResponseWriter, r *http.Request) {
		var m object
		_ = json.NewDecoder(r.Body).Decode(&m)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(object{
			"@context": contexts, "@type": "TransferProcess", "state": "REQUESTED", "consumerPid": m["consumerPid"], "providerPid": "urn:example:1",
		})
	})
	process := s.request(s.t, s.agreed(p, "consumer", own), "REQUESTED")
	got := s.post(p, at("dsp/2025-1/transfers", process.ID, "start"), text(s.t, message("TransferStartMessage", process.ID, "urn:example:1",
		"dataAddress", object{"@type": "DataAddress", "endpointType": "https://w3id.org/idsa/v4.1/HTTP", "endpoint": base + "/data"})))
	if got.status != http.StatusOK {
		return fmt.Sprint(got.status, got.body)
	}
	body, err := s.Pull(s.t.Context(), process.ID)
	if err == nil {
		_ = body.Close()
		return "pulled"
	}
	return err.Error()
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// object is a JSON object.
type object = map[string]any

// EDCNamespace is where the terms of EDC's management API stand.
const EDCNamespace = "https://w3id.org/edc/v0.0.1/ns/"

// vocabulary makes bare names those of EDC's management API.
var vocabulary = object{"@vocab": EDCNamespace, "odrl": "http://www.w3.org/ns/odrl/2/"}

// peerProtocol is EDC's name for the Dataspace Protocol 2025-1 over HTTPS.
const peerProtocol = "dataspace-protocol-http:2025-1"

// Peer is whom an EDC talks to: nothing is registered there beforehand.
type Peer struct{ ID, Address string }

func (p Peer) fields(typ string, more object) object {
	all := object{
		"@context": vocabulary, "@type": typ,
		"counterPartyAddress": p.Address, "counterPartyId": p.ID, "protocol": peerProtocol,
	}
	maps.Copy(all, more)
	return all
}

// Entity is what an EDC shows of a negotiation or a transfer.
type Entity struct {
	ID            string `json:"@id"`
	Type          string // CONSUMER, PROVIDER
	State         string
	CorrelationID string `json:"correlationId"` // the counterparty's pid
	Agreement     string `json:"contractAgreementId"`
	Asset         string `json:"assetId"`
	Error         string `json:"errorDetail"`
}

func (e Entity) String() string { return fmt.Sprintf("%s %s is %s %s", e.Type, e.ID, e.State, e.Error) }

// The collections of the management API.
const (
	Negotiations = "contractnegotiations"
	Transfers    = "transferprocesses"
)

// Get shows one.
func (e *EDC) Get(ctx context.Context, collection, id string) (Entity, error) {
	var out Entity
	return out, theirs(e.Call(ctx, http.MethodGet, "/v3/"+collection+"/"+id, nil, &out))
}

func theirs(err error) error {
	if err != nil {
		return fmt.Errorf("EDC: %w", err)
	}
	return nil
}

// All shows all there are, by id.
func (e *EDC) All(ctx context.Context, collection string) (map[string]Entity, error) {
	var found []Entity
	query := object{"@context": vocabulary, "@type": "QuerySpec", "limit": 100000}
	err := e.Call(ctx, http.MethodPost, "/v3/"+collection+"/request", query, &found)
	all := map[string]Entity{}
	for _, x := range found {
		all[x.ID] = x
	}
	return all, theirs(err)
}

// Of returns the one whose counterparty's pid is given.
func (e *EDC) Of(ctx context.Context, collection, pid string) (Entity, error) {
	var all []Entity
	query := object{"@context": vocabulary, "@type": "QuerySpec", "filterExpression": []object{Criterion("correlationId", "=", pid)}}
	err := e.Call(ctx, http.MethodPost, "/v3/"+collection+"/request", query, &all)
	if err == nil && len(all) != 1 {
		err = fmt.Errorf("%d for the pid %s", len(all), pid)
	}
	if err != nil {
		return Entity{}, theirs(err)
	}
	return all[0], nil
}

// arrived waits for a process of ours to have come to the EDC and returns its
// id there.
func (e *EDC) arrived(ctx context.Context, collection, pid string) (string, error) {
	var found Entity
	var last error
	err := poll(ctx, func() (bool, error) {
		found, last = e.Of(ctx, collection, pid)
		return last == nil, nil
	})
	if err != nil {
		return "", fmt.Errorf("%w: %w", last, err)
	}
	return found.ID, nil
}

// answered waits for a request of the EDC's to be acknowledged and returns our
// id of the process.
func (e *EDC) answered(ctx context.Context, collection, id string) (string, error) {
	var found Entity
	err := poll(ctx, func() (done bool, err error) {
		found, err = e.Get(ctx, collection, id)
		if err == nil && found.CorrelationID == "" && found.ended() {
			err = fmt.Errorf("EDC: its request was not taken: %s", found)
		}
		return found.CorrelationID != "", err
	})
	return found.CorrelationID, err
}

func (e Entity) ended() bool {
	return e.State == "TERMINATED" || e.State == "COMPLETED" || e.State == deprovisioned
}

// deprovisioned is where a transfer of an EDC's goes on to from its end, in
// its provider at once.
const deprovisioned = "DEPROVISIONED"

// Await waits until one is in one of the states. A state from which it will
// not go there ends the wait.
func (e *EDC) Await(ctx context.Context, collection, id string, states ...string) (Entity, error) {
	var found Entity
	err := poll(ctx, func() (done bool, err error) {
		found, err = e.Get(ctx, collection, id)
		done = slices.Contains(states, found.State)
		if err == nil && !done && found.ended() {
			err = errors.New("it has ended")
		}
		return done, err
	})
	if err != nil {
		err = fmt.Errorf("EDC: not %v: %s: %w", states, found, err)
	}
	return found, err
}

// Act does what stands at the end of a route: terminate, suspend, resume.
func (e *EDC) Act(ctx context.Context, collection, id, act, reason string) error {
	types := map[string]string{
		Negotiations + "terminate": "TerminateNegotiation", Transfers + "terminate": "TerminateTransfer", Transfers + "suspend": "SuspendTransfer",
	}
	in := object{"@context": vocabulary, "@type": types[collection+act], "@id": id, "reason": reason}
	if act == "resume" {
		in = nil
	}
	return theirs(e.Call(ctx, http.MethodPost, "/v3/"+collection+"/"+id+"/"+act, in, nil))
}

// Complete is what a data plane says to its control plane when all was moved:
// the management API has no such act.
func (e *EDC) Complete(ctx context.Context, transfer string) error {
	return theirs(e.control.Call(ctx, http.MethodPost, "/transferprocess/"+transfer+"/complete", nil, nil))
}

// Catalog asks a peer for its catalogue. The query is a QuerySpec, nil for
// all. Datasets are as the peer sent them, in expanded or compact form.
func (e *EDC) Catalog(ctx context.Context, p Peer, query object) ([]object, error) {
	more := object{}
	if query != nil {
		more["querySpec"] = query
	}
	var out struct {
		Compact json.RawMessage `json:"dataset"`
		Prefix  json.RawMessage `json:"dcat:dataset"`
	}
	if err := e.Call(ctx, http.MethodPost, "/v3/catalog/request", p.fields("CatalogRequest", more), &out); err != nil {
		return nil, theirs(err)
	}
	raw := out.Compact
	if raw == nil {
		raw = out.Prefix
	}
	return list(raw)
}

// list reads what may be one object or a list of them.
func list(raw json.RawMessage) ([]object, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	if raw[0] == '{' {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	var all []object
	return all, json.Unmarshal(raw, &all)
}

// Negotiate asks for a contract, as consumer, and returns the negotiation's id.
// The offer is as the catalogue had it.
func (e *EDC) Negotiate(ctx context.Context, p Peer, asset string, offer object) (string, error) {
	policy := object{"@context": "http://www.w3.org/ns/odrl.jsonld"}
	maps.Copy(policy, offer)
	policy["assigner"], policy["target"] = p.ID, asset
	return e.begin(ctx, "/v3/contractnegotiations", p.fields("ContractRequest", object{"policy": policy}))
}

// Transfer asks for the data, as consumer, under an agreement by its local id.
func (e *EDC) Transfer(ctx context.Context, p Peer, agreement, format string) (string, error) {
	return e.begin(ctx, "/v3/transferprocesses", p.fields("TransferRequest", object{"contractId": agreement, "transferType": format}))
}

// TransferTo asks for the data to be pushed to a URL, as consumer.
func (e *EDC) TransferTo(ctx context.Context, p Peer, agreement, format, url string) (string, error) {
	return e.begin(ctx, "/v3/transferprocesses", p.fields("TransferRequest", object{
		"contractId": agreement, "transferType": format, "dataDestination": object{"type": "HttpData", "baseUrl": url},
	}))
}

func (e *EDC) begin(ctx context.Context, path string, in object) (string, error) {
	var out Entity
	err := e.Call(ctx, http.MethodPost, path, in, &out)
	return out.ID, theirs(err)
}

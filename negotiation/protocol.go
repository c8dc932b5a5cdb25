// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Catalog is what a negotiation needs of the provider's own catalogue.
type Catalog interface {
	// Resolve returns an offer as this counterparty may see it;
	// catalog.ErrNotFound both for unknown and for invisible.
	Resolve(ctx context.Context, contextID, datasetID, offerID string, claims trust.Claims) (catalog.Resolved, error)
}

// Config is what a Service needs.
type Config struct {
	Core       *engine.Core
	Store      engine.Store
	Agreements AgreementStore
	Catalog    Catalog
	// Participant returns one of the participants of this connector.
	Participant func(ctx context.Context, contextID string) (trust.Participant, error)
	Peers       trust.PeerStore
	// CheckURL refuses a callback address that will never be called.
	CheckURL func(raw string) (*url.URL, error)
	// Policies judges the terms that are about to be agreed.
	Policies *policy.Judge
	Now      func() time.Time
	NewID    func() string
}

// Service is the contract negotiation protocol of every participant.
type Service struct{ Config }

// NewDomain returns what the engine needs to move negotiations. Whatever the
// decider says, the provider agrees to nothing that the policies deny.
func NewDomain(d Decider, policies *policy.Judge) engine.Domain {
	return &domain{decider: d, policies: policies}
}

// NewService returns a Service.
func NewService(c Config) *Service { return &Service{Config: c} }

// Incoming is an authenticated protocol call.
type Incoming struct {
	Context string // the participant that is called
	PID     string // of the path; empty for a first request
	Claims  trust.Claims
	Body    []byte
	// Use is a proof that the step which takes the message is to record, if it
	// is open still. Whoever answers the call settles it.
	Use *trust.Use
}

// With adds to a message what its step records of the call.
func (in Incoming) With(m engine.Inbound) engine.Inbound {
	if in.Use.Open() {
		m.Writes, m.Stored = []any{in.Use.Token}, in.Use.Recorded
	}
	return m
}

// Reply is the answer to a protocol call.
type Reply struct {
	Status int
	Body   []byte // empty for none
}

// Endpoint is the part of a path that names the message: what follows
// /negotiations/{pid}/, or /negotiations/ in a first request.
type Endpoint string

// The endpoints of DSP 2025-1, 8.2 and 8.3.
const (
	EndpointRequest      Endpoint = "request"
	EndpointOffers       Endpoint = "offers"
	EndpointAgreement    Endpoint = "agreement"
	EndpointVerification Endpoint = "agreement/verification"
	EndpointEvents       Endpoint = "events"
	EndpointTermination  Endpoint = "termination"
)

var typeAt = map[Endpoint]wire.Type{
	EndpointRequest:      wire.TypeContractRequest,
	EndpointOffers:       wire.TypeContractOffer,
	EndpointAgreement:    wire.TypeContractAgreement,
	EndpointVerification: wire.TypeContractVerification,
	EndpointEvents:       wire.TypeContractEvent,
	EndpointTermination:  wire.TypeContractTermination,
}

// Receive takes a peer's message. The reply to a first request is 201 with
// the ContractNegotiation, that to any other message 200 with it.
func (s *Service) Receive(ctx context.Context, in Incoming, at Endpoint) (Reply, error) {
	decoded, err := wire.Decode(in.Body, typeAt[at])
	if err != nil {
		return Reply{}, err
	}
	msg := in.With(engine.Inbound{
		Context: in.Context, Process: in.PID, Kind: engine.Negotiation, Peer: in.Claims.Participant,
		MessageID: decoded.ID, Hash: decoded.Hash, Body: in.Body,
	})
	msg.Message, msg.ConsumerPID, msg.ProviderPID = describe(decoded.Message)
	c := content{message: decoded.Message, claims: in.Claims, declared: decoded.Extra.Recorded()}
	if in.PID == "" {
		return s.first(ctx, msg, c)
	}
	msg.Content = c
	r, err := s.Core.Receive(ctx, msg)
	if err != nil {
		return Reply{}, err
	}
	return acknowledge(r, 200)
}

// describe names a message and its pids.
func describe(m wire.Message) (name engine.Message, consumerPID, providerPID string) {
	name = engine.Message(m.MessageType())
	switch m := m.(type) {
	case *wire.ContractRequest:
		return name, m.ConsumerPID, m.ProviderPID
	case *wire.ContractOffer:
		return name, m.ConsumerPID, m.ProviderPID
	case *wire.ContractAgreement:
		return name, m.ConsumerPID, m.ProviderPID
	case *wire.ContractVerification:
		return name, m.ConsumerPID, m.ProviderPID
	case *wire.ContractEvent:
		return name + ":" + engine.Message(m.EventType), m.ConsumerPID, m.ProviderPID
	case *wire.ContractTermination:
		return name, m.ConsumerPID, m.ProviderPID
	}
	return name, "", ""
}

// first takes a request that opens a negotiation.
func (s *Service) first(ctx context.Context, in engine.Inbound, c content) (Reply, error) {
	own, err := s.Participant(ctx, in.Context)
	if err != nil {
		return Reply{}, err
	}
	d := data{Callback: CallbackBase(own), OwnID: own.ID, Claims: c.claims, Declared: c.declared}
	r := engine.Record{Context: in.Context, ID: s.NewID(), Kind: engine.Negotiation, Peer: in.Peer, Foreign: true}
	var callback, pid string
	switch m := c.message.(type) {
	case *wire.ContractRequest:
		r.Role, callback, pid = provider, m.CallbackAddress, m.ProviderPID
		err = s.resolve(ctx, &d, in, m.Offer, c)
	case *wire.ContractOffer:
		r.Role, callback, pid = consumer, m.CallbackAddress, m.ConsumerPID
		d.Dataset = m.Offer.Target
		if d.Dataset == "" {
			err = engine.Refusef("target-missing", "the offer must name its target")
		}
	}
	switch {
	case err != nil:
		return Reply{}, err
	case callback == "" || pid != "":
		return Reply{}, engine.Refusef("callback-missing", "a first request has a callbackAddress and no pid of the other side")
	}
	if r.Address, r.Foreign, err = PeerAddress(ctx, s.Peers, s.CheckURL, in.Context, in.Peer, callback); err != nil {
		return Reply{}, err
	}
	d.write(&r)
	r.Subject, in.Content = d.Dataset, c
	out, err := s.Core.Accept(ctx, r, in)
	if err != nil {
		return Reply{}, err
	}
	return acknowledge(out, 201)
}

// resolve finds the provider's own offer of a request.
func (s *Service) resolve(ctx context.Context, d *data, in engine.Inbound, p wire.Policy, c content) error {
	if p.Target == "" {
		return engine.Refusef("target-missing", "the offer must name its target")
	}
	found, err := s.Catalog.Resolve(ctx, in.Context, p.Target, p.ID, c.claims)
	if err != nil {
		return err
	}
	published, err := Terms{OfferID: p.ID, Policy: found.Usage}.stored()
	if err != nil {
		return err
	}
	d.Dataset, d.Offer, d.Snapshot, d.Published, d.Rules = p.Target, found.Offer, found.Dataset, &published, found.Rules
	return nil
}

// Show answers a GET of a process, for its counterparty alone.
func (s *Service) Show(ctx context.Context, in Incoming) (Reply, error) {
	r, err := s.Core.Show(ctx, engine.Negotiation, in.Context, in.PID, in.Claims.Participant)
	if err != nil {
		return Reply{}, err
	}
	return acknowledge(r, 200)
}

func acknowledge(r engine.Record, status int) (Reply, error) {
	m := &wire.ContractNegotiation{State: string(r.Shown())}
	m.ConsumerPID, m.ProviderPID = PIDs(r)
	body, err := wire.Encode(m)
	return Reply{Status: status, Body: body}, err
}

// PIDs returns a record's pids by role.
func PIDs(r engine.Record) (consumerPID, providerPID string) {
	if r.Role == consumer {
		return r.ID, r.PeerPID
	}
	return r.PeerPID, r.ID
}

// CallbackBase is a participant's DSP base URL, without a trailing slash.
func CallbackBase(p trust.Participant) string {
	return strings.TrimRight(p.PublicURL, "/") + "/dsp/2025-1"
}

// PeerAddress judges the callback address that a peer named. One below the
// peer's own configured URL is ours by configuration; any other is foreign
// and must be one that may be called.
func PeerAddress(ctx context.Context, peers trust.PeerStore, check func(string) (*url.URL, error), contextID, peer, callback string) (address string, foreign bool, err error) {
	address = strings.TrimRight(callback, "/")
	known, err := peers.Peer(ctx, contextID, peer)
	if err != nil && !errors.Is(err, trust.ErrUnknownPeer) {
		return "", true, err
	}
	if err == nil && strings.TrimRight(known.URL, "/") == address {
		return address, false, nil
	}
	if _, err := check(address); err != nil {
		return "", true, engine.Refusef("callback-refused", "the callbackAddress cannot be used: %v", err)
	}
	return address, true, nil
}

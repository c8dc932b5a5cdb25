// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"net/url"
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

// With adds to a message what its step records of the call. It comes last: a use
// that is settled before is not open any more.
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

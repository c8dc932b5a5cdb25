// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// Config is what a Service needs.
type Config struct {
	Core       *engine.Core
	Store      engine.Store
	Agreements negotiation.AgreementStore
	Planes     Planes
	Policies   *PolicyPoint
	// Labels, if set, are those that the plane of a dataset of ours has to have.
	Labels func(ctx context.Context, contextID, dataset string) ([]string, error)
	// Participant returns one of the participants of this connector.
	Participant func(ctx context.Context, contextID string) (trust.Participant, error)
	Peers       trust.PeerStore
	// CheckURL refuses a callback address that will never be called.
	CheckURL func(raw string) (*url.URL, error)
	Now      func() time.Time
	NewID    func() string
}

// Service is the transfer process protocol of every participant.
type Service struct {
	Config
	denials *denials
}

// NewDomain returns what the engine needs to move transfers. Whatever the
// decider says, a provider starts nothing that the policies deny.
func NewDomain(d Decider, planes Planes, policies *PolicyPoint) engine.Domain {
	return &domain{decider: d, planes: planes, policies: policies}
}

// NewService returns a Service.
func NewService(c Config) *Service { return &Service{Config: c, denials: newDenials()} }

// Incoming is an authenticated protocol call, and Reply the answer to it.
type (
	Incoming = negotiation.Incoming
	Reply    = negotiation.Reply
)

// Endpoint is the part of a path that names the message: what follows
// /transfers/{pid}/, or /transfers/ in a request.
type Endpoint string

// The endpoints of DSP 2025-1, 10.2 and 10.3.
const (
	EndpointRequest     Endpoint = "request"
	EndpointStart       Endpoint = "start"
	EndpointSuspension  Endpoint = "suspension"
	EndpointCompletion  Endpoint = "completion"
	EndpointTermination Endpoint = "termination"
)

var typeAt = map[Endpoint]wire.Type{
	EndpointRequest:     wire.TypeTransferRequest,
	EndpointStart:       wire.TypeTransferStart,
	EndpointSuspension:  wire.TypeTransferSuspension,
	EndpointCompletion:  wire.TypeTransferCompletion,
	EndpointTermination: wire.TypeTransferTermination,
}

// ErrBusy: the message has to wait for the answer to one of ours and waited
// long enough. The peer may send it again.
var ErrBusy = errors.New("a message of ours is on its way; send it again")

// Receive takes a peer's message. The reply to a request is 201 with the
// TransferProcess, that to any other message 200 with it. Every error but
// those that Fault does not know leaves the process as it was.
func (s *Service) Receive(ctx context.Context, in Incoming, at Endpoint) (Reply, error) {
	typ, known := typeAt[at]
	if !known || (at == EndpointRequest) != (in.PID == "") {
		return Reply{}, engine.ErrNotFound
	}
	decoded, err := wire.Decode(in.Body, typ)
	if err != nil {
		return Reply{}, err
	}
	msg := engine.Inbound{
		Context: in.Context, Process: in.PID, Kind: engine.Transfer, Peer: in.Claims.Participant,
		Message: engine.Message(typ), MessageID: decoded.ID, Hash: decoded.Hash, Body: in.Body, Content: content{decoded.Message, in.Claims},
	}
	msg.ConsumerPID, msg.ProviderPID = pids(decoded.Message)
	if m, ok := decoded.Message.(*wire.TransferRequest); ok {
		return s.first(ctx, in, msg, m, decoded.Extra.Recorded())
	}
	if m, ok := decoded.Message.(*wire.TransferStart); ok && m.DataAddress != nil {
		if err := AcceptAddress(*addressFromWire(m.DataAddress), s.CheckURL); err != nil {
			return Reply{}, err
		}
	}
	if err := s.mayResume(ctx, msg, in.Claims); err != nil {
		return Reply{}, err
	}
	r, err := s.deliver(ctx, in.With(msg))
	if err != nil {
		return Reply{}, err
	}
	return acknowledge(r, 200)
}

// pids returns the pids that a message names.
func pids(m wire.Message) (consumerPID, providerPID string) {
	switch m := m.(type) {
	case *wire.TransferRequest:
		return m.ConsumerPID, ""
	case *wire.TransferStart:
		return m.ConsumerPID, m.ProviderPID
	case *wire.TransferSuspension:
		return m.ConsumerPID, m.ProviderPID
	case *wire.TransferCompletion:
		return m.ConsumerPID, m.ProviderPID
	case *wire.TransferTermination:
		return m.ConsumerPID, m.ProviderPID
	}
	return "", ""
}

// Show answers a GET of a process, for its counterparty alone.
func (s *Service) Show(ctx context.Context, in Incoming) (Reply, error) {
	r, err := s.Core.Show(ctx, engine.Transfer, in.Context, in.PID, in.Claims.Participant)
	if err != nil {
		return Reply{}, err
	}
	return acknowledge(r, 200)
}

func acknowledge(r engine.Record, status int) (Reply, error) {
	m := &wire.TransferProcess{State: string(r.Shown())}
	m.ConsumerPID, m.ProviderPID = negotiation.PIDs(r)
	body, err := wire.Encode(m)
	return Reply{Status: status, Body: body}, err
}

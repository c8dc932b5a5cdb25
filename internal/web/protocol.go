// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// CatalogProtocol answers the catalogue protocol; *catalog.Service.
type CatalogProtocol interface {
	Request(ctx context.Context, contextID string, claims trust.Claims, body []byte, token string) (catalog.Page, error)
	Dataset(ctx context.Context, contextID string, claims trust.Claims, id string) ([]byte, error)
}

// NegotiationProtocol answers contract negotiation; *negotiation.Service.
type NegotiationProtocol interface {
	Receive(ctx context.Context, in negotiation.Incoming, at negotiation.Endpoint) (negotiation.Reply, error)
	Show(ctx context.Context, in negotiation.Incoming) (negotiation.Reply, error)
}

// TransferProtocol answers the transfer process; *transfer.Service.
type TransferProtocol interface {
	Receive(ctx context.Context, in transfer.Incoming, at transfer.Endpoint) (transfer.Reply, error)
	Show(ctx context.Context, in transfer.Incoming) (transfer.Reply, error)
}

// ProtocolConfig is what the protocol handler needs.
type ProtocolConfig struct {
	Common
	Participants Participants
	Verifier     trust.Verifier
	// IssuerOnly leaves out the Dataspace Protocol and the data.
	IssuerOnly   bool
	Catalog      CatalogProtocol
	Negotiations NegotiationProtocol
	Transfers    TransferProtocol
	// Data serves /{ctx}/data/ and everything below it, with the request as it
	// came: it proves the caller by itself. Nil serves nothing.
	Data http.Handler
	// Signaling serves /{ctx}/signaling/ in the same way, to data planes. Nil
	// serves nothing.
	Signaling http.Handler
	// Describe adds to a participant's version document the kind of its
	// participant id and how callers prove who they are. Nil adds nothing.
	Describe func(p trust.Participant) (identifierType string, auth *wire.VersionAuth)
	// DID returns a participant's DID document; none for a participant without
	// one. Nil serves no documents.
	DID func(ctx context.Context, p trust.Participant) ([]byte, error)
	// Claims are the endpoints of the Decentralized Claims Protocol below a
	// participant's root. They prove their callers by themselves.
	Claims []dcp.Route
	// Refusals is told who was turned away, for the management API to show.
	Refusals *Refusals
}

// protocolPath is where the protocol lies below a participant's root. The
// version document names it.
const protocolPath = "/dsp/" + wire.Version

// NewProtocol returns the handler that counterparties call: the Dataspace
// Protocol 2025-1 over HTTPS, and the data of the built-in planes.
func NewProtocol(c ProtocolConfig) http.Handler {
	c.defaults()
	if c.Refusals == nil {
		c.Refusals = new(Refusals)
	}
	h := &protocol{ProtocolConfig: c, guesses: guesses{now: c.Now}}
	e := c.newEcho(h.fail)
	here := participantExists(c.Participants)
	if !c.IssuerOnly {
		e.GET("/:ctx/.well-known/dspace-version", h.version, here)
	}
	if c.Data != nil && !c.IssuerOnly {
		e.Any("/:ctx/data/*", handOver(c.Data), here)
	}

	if c.Signaling != nil && !c.IssuerOnly {
		e.Any(signalingPath, handOver(c.Signaling), here)
	}
	if c.DID != nil {
		e.GET("/:ctx/did.json", h.document, here)
	}
	for _, r := range c.Claims {
		e.Add(r.Method, "/:ctx"+r.Path, h.claims(r), here, c.bounded)
	}

	if c.IssuerOnly {
		return asSent(e)
	}
	h.dataspace(e, here)
	return asSent(e)
}

// dataspace mounts the Dataspace Protocol.
func (h *protocol) dataspace(e *echo.Echo, here echo.MiddlewareFunc) {
	by := func(p trust.Purpose) []echo.MiddlewareFunc {
		return []echo.MiddlewareFunc{here, h.bounded, jsonOnly, h.authenticated(p, false)}
	}
	to := func(p trust.Purpose) []echo.MiddlewareFunc { // a message: processes.answer settles the use of a proof
		return []echo.MiddlewareFunc{here, h.bounded, jsonOnly, h.authenticated(p, true)}
	}
	base := "/:ctx" + protocolPath
	e.POST(base+"/catalog/request", h.catalog, by(trust.ForCatalog)...)
	e.GET(base+"/catalog/datasets/:id", h.dataset, by(trust.ForCatalog)...)

	n := h.negotiations()
	e.GET(base+"/negotiations/:pid", n.show, by(trust.ForNegotiation)...)
	for _, at := range []negotiation.Endpoint{negotiation.EndpointRequest, negotiation.EndpointOffers} {
		e.POST(base+"/negotiations/"+string(at), n.first(string(at)), to(trust.ForNegotiation)...)
	}
	for _, at := range []negotiation.Endpoint{
		negotiation.EndpointRequest, negotiation.EndpointOffers, negotiation.EndpointAgreement,
		negotiation.EndpointVerification, negotiation.EndpointEvents, negotiation.EndpointTermination,
	} {
		e.POST(base+"/negotiations/:pid/"+string(at), n.next(string(at)), to(trust.ForNegotiation)...)
	}

	t := h.transfers()
	e.GET(base+"/transfers/:pid", t.show, by(trust.ForTransfer)...)
	e.POST(base+"/transfers/"+string(transfer.EndpointRequest), t.first(string(transfer.EndpointRequest)), to(trust.ForTransfer)...)
	for _, at := range []transfer.Endpoint{
		transfer.EndpointStart, transfer.EndpointSuspension, transfer.EndpointCompletion, transfer.EndpointTermination,
	} {
		e.POST(base+"/transfers/:pid/"+string(at), t.next(string(at)), to(trust.ForTransfer)...)
	}
}

type protocol struct {
	ProtocolConfig
	guesses guesses
}

// version serves the version document, to anybody (DSP 2025-1, section 4.3).
func (h *protocol) version(c echo.Context) error {
	v := wire.ProtocolVersion{Version: wire.Version, Path: protocolPath, Binding: wire.BindingHTTPS}
	if h.Describe != nil {
		v.IdentifierType, v.Auth = h.Describe(participantOf(c.Request().Context()))
	}
	body, err := wire.EncodeVersions(wire.VersionDocument{ProtocolVersions: []wire.ProtocolVersion{v}})
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, body)
}

// handOver hands the connection itself to a handler that proves its callers by
// itself: a data plane may answer for hours and cut the answer off.
func handOver(to http.Handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		r.SetPathValue("ctx", participantOf(r.Context()).Context)
		to.ServeHTTP(c.Response(), r)
		return nil
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// consuming builds the consumer's side of pulls.
func (c *Connector) consuming() {
	c.renewer = dataplane.NewRenewer(dataplane.RenewerConfig{
		HTTP: c.http.Foreign, Access: c.store, Proof: c.proof, Receiving: c.transfers.Receiving, Now: c.now, Timer: timer, ID: newID(),
	})
	c.proxy = &dataplane.Proxy{
		HTTP: c.http.Foreign, Renewer: c.renewer, Evidence: c.evidence, Now: c.now, NewID: newID,
		Receiving: c.transfers.Receiving, Watch: c.watchTransfer, Timer: timer,
	}
}

// errNoDID: what only a DID can prove is asked of a participant without one.
var errNoDID = errors.New("the participant has no DID to renew tokens with; its profile has to be dcp")

// proof signs with the participant's DID.
func (c *Connector) proof(ctx context.Context, contextID, audience, accessToken string) (string, error) {
	p, err := c.identity.recent.participant(ctx, contextID)
	switch {
	case err != nil:
		return "", err
	case p.Profile != profileDCP:
		return "", errNoDID
	}
	return c.identity.tokens.Mint(ctx, p, audience, accessToken)
}

// ErrNoAddress: the transfer has no address to pull from, because it is not
// started, or not one that we pull.
var ErrNoAddress = errors.New("no data address to pull from")

// errElsewhere: another data plane has the token of the transfer, and renews it.
// Of two that do, each would void what the other has.
var errElsewhere = errors.New("a data plane of its own pulls the data of this transfer")

// pulling finds the address of a pull of ours.
func (c *Connector) pulling(ctx context.Context, contextID, id string) (dataplane.Pulling, error) {
	p, err := c.transfers.Get(ctx, contextID, id)
	if err != nil {
		return dataplane.Pulling{}, err
	}
	if p.Role != "consumer" || p.DataAddress == nil || p.AwaitsStart || transfer.Push(p.Format) {
		return dataplane.Pulling{}, fmt.Errorf("%w: transfer %s is in state %s", ErrNoAddress, id, p.State)
	}
	if err := pulledHere(p); err != nil {
		return dataplane.Pulling{}, err
	}
	return dataplane.Pulling{Context: contextID, Process: id, Version: p.Version, Peer: p.Peer, Address: *p.DataAddress}, nil
}

// pulledHere says whether the connector itself may pull: errElsewhere.
func pulledHere(p transfer.Process) error {
	if p.DataAddress == nil || p.Plane == "" {
		return nil
	}
	if _, renewed := p.DataAddress.Renewal(); !renewed {
		return nil
	}
	return fmt.Errorf("%w: %.80q", errElsewhere, p.Plane)
}

// elsewhereProblem says so to whoever asked for the data.
func elsewhereProblem(err error) error {
	return &web.Problem{Status: http.StatusConflict, Code: codeElsewhere, Message: err.Error(), Hint: "ask that data plane for the data", Err: err}
}

const codeElsewhere = "pulled-elsewhere"

// fetch asks the provider's data plane, with a token that is good.
func (c *Connector) fetch(ctx context.Context, contextID, id string) (*dataplane.Data, error) {
	pulling, err := c.pulling(ctx, contextID, id)
	if err != nil {
		return nil, err
	}
	tracking := strings.TrimPrefix(newID(), "urn:uuid:")
	var data *dataplane.Data
	err = c.renewer.Each(ctx, pulling, func(a transfer.DataAddress) (err error) {
		data, err = dataplane.Fetch(ctx, c.http.Foreign, a, dataplane.Query{TrackingID: tracking})
		return err
	})
	if err != nil {
		return nil, err
	}
	data.Told(ctx, c.evidence, transfer.Movement{Context: contextID, Process: id, TrackingID: tracking}, c.now)
	return data, nil
}

// pull reads from the provider's data plane.
func (c *Connector) pull(ctx context.Context, contextID, id string) (io.ReadCloser, error) {
	data, err := c.fetch(ctx, contextID, id)
	if err != nil {
		return nil, err
	}
	return data.Body, nil
}

// servePull answers an application's request with the data of a pull.
func (c *Connector) servePull(w http.ResponseWriter, r *http.Request, contextID, id, path string) error {
	pulling, err := c.pulling(r.Context(), contextID, id)
	if err != nil {
		return explainPull(err)
	}
	return explainPull(c.proxy.Serve(w, r, pulling, path))
}

// explainPull says why no data came, as the management API does.
func explainPull(err error) error {
	said, answered := errors.AsType[*dataplane.FetchError](err)
	problem := func(status int, code, text, hint string) error {
		return &web.Problem{Status: status, Code: code, Message: text, Hint: hint, Err: err}
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNoAddress), errors.Is(err, dataplane.ErrStopped):
		return problem(http.StatusConflict, "no-address", "no data can be pulled now", "look at the transfer: it has to be a pull of ours in state STARTED")
	case errors.Is(err, errElsewhere):
		return elsewhereProblem(err)
	case errors.Is(err, dataplane.ErrSuperseded):
		return problem(http.StatusConflict, "address-superseded", "the transfer was started again meanwhile, and has a new data address", "ask again")
	case errors.Is(err, dataplane.ErrRenewal) && errors.Is(err, transfer.ErrEnded):
		return problem(http.StatusConflict, "no-address", "the transfer has ended", "ask for another transfer")
	case errors.Is(err, dataplane.ErrRenewal) && answered:
		return problem(http.StatusBadGateway, "renewal-refused", fmt.Sprintf("the provider renews the transfer's token no more: %d %.40q: %.200q", said.Status, said.Code, said.Message), "look at the transfer; suspend and resume it for a new address")
	case errors.Is(err, errNoDID):
		return problem(http.StatusConflict, "renewal-impossible", errNoDID.Error(), "suspend and resume it for another token, or ask for HttpData-PULL of a source without renew")
	case errors.Is(err, dataplane.ErrRenewal):
		return problem(http.StatusBadGateway, "renewal-failed", "the transfer's token has expired, and the provider did not renew it", "try again")
	case answered:
		return problem(http.StatusBadGateway, "provider-refused", said.Error(), "the code is the provider's; look at the transfer")
	case errors.Is(err, dataplane.ErrUpstream):
		return problem(http.StatusBadGateway, "provider-unreachable", "the provider's data plane does not answer as it should", "try again")
	case errors.Is(err, dataplane.ErrAddress):
		return problem(http.StatusBadGateway, "address-unusable", "the provider's data address may not be called from here", "egress.allow opens private networks; see docs/configuration.md")
	case errors.Is(err, dataplane.ErrPath):
		return problem(http.StatusNotFound, "path-not-found", "the path holds what is no plain name", "")
	}
	return err
}

// PullHandler serves the data of a started pull of ours to applications: any
// method and path that the provider allows, streamed both ways. It adds the
// token and keeps it from them. The path of a request, behind what
// http.StripPrefix took, is appended to the data address.
func (p *Participant) PullHandler(id string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := p.c.servePull(w, r, p.context, id, r.URL.EscapedPath())
		if err == nil {
			return
		}
		web.WriteProblem(w, err)
	})
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"net/http"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

const exampleTransfer = `{
  "agreement": "urn:uuid:0190f5a3-0000-7000-8000-000000000001",
  "format": "HttpData-PULL",
  "declare": {"purpose": ["https://musubi-ods.github.io/musubi/policy/v1/purpose/cfp-aggregation"]}
}`

type transferInput struct {
	Agreement   string                `json:"agreement"`
	Format      string                `json:"format"`
	DataAddress *transfer.DataAddress `json:"dataAddress"`
	// Declare is what we say beside what the agreement holds.
	Declare map[string][]string `json:"declare"`
	// Labels select a data plane of ours.
	Labels []string `json:"labels"`
}

// transferView leaves the data address out: a look at a transfer is logged and
// shown in places where its token must not be.
type transferView struct {
	ID          string                     `json:"id"`
	Role        string                     `json:"role"`
	State       string                     `json:"state"`
	Peer        string                     `json:"peer"`
	PeerPID     string                     `json:"peerPid,omitempty"`
	Agreement   string                     `json:"agreement"`
	Dataset     string                     `json:"dataset"`
	Format      string                     `json:"format"`
	Dataplane   string                     `json:"dataplane,omitempty"` // where it is not the built-in one
	DataFlowID  string                     `json:"dataFlowId,omitempty"`
	Open        bool                       `json:"open"`
	HasAddress  bool                       `json:"hasAddress,omitempty"`
	OwesStart   bool                       `json:"owesStart,omitempty"`
	AwaitsStart bool                       `json:"awaitsStart,omitempty"`
	StoppedFor  string                     `json:"stoppedFor,omitempty"`
	Claims      *trust.Claims              `json:"claims,omitempty"`
	Declared    map[string]json.RawMessage `json:"declared,omitempty"`
	// Verdict says by which rule our policy stopped it.
	Verdict *policy.Verdict `json:"verdict,omitempty"`
	// Data is how far the data is that this connector moves by itself.
	Data *movingView `json:"data,omitempty"`
	progress
	History []exchangeView `json:"history,omitempty"`
}

func viewTransfer(p transfer.Process) transferView {
	return transferView{
		ID: p.ID, Role: p.Role, State: p.State, Peer: p.Peer, PeerPID: p.PeerPID, Agreement: p.Agreement, Dataset: p.Dataset,
		Format: p.Format, Dataplane: p.Plane, DataFlowID: p.FlowID, Open: p.Open, HasAddress: p.DataAddress != nil, OwesStart: p.OwesStart, AwaitsStart: p.AwaitsStart,
		StoppedFor: p.StoppedFor, Claims: viewClaims(p.Claims), Declared: p.Declared, Verdict: p.Verdict, History: viewHistory(p.History),
		progress: progress{
			WaitingFor: p.WaitingFor, Pending: p.Pending, LastError: viewFault(p.LastError),
			NextTry: p.NextTry, Deadline: p.Deadline, Created: p.Created, Updated: p.Updated,
		},
	}
}

// settledTransfer reports whether there is nothing to wait for: it is at its
// end, a person has to decide, data may flow, or it is suspended. While a
// message or a call of ours is under way it is not.
func settledTransfer(p transfer.Process) bool {
	switch {
	case p.WaitingFor == "" || p.WaitingFor == "person":
		return true
	case p.State == string(transfer.Completed) || p.State == string(transfer.Terminated):
		return true
	case p.Pending != "" || p.WaitingFor == "us":
		return false
	case p.State == string(transfer.Started):
		return !p.AwaitsStart && !p.OwesStart
	}
	return p.State == string(transfer.Suspended)
}

func (c *call) seeTransfer(id string) look {
	return func(r engine.Record) (any, bool, error) {
		p, err := c.m.Transfers.Get(c.ctx, c.contextID, id)
		if err != nil {
			return nil, false, err
		}
		v := viewTransfer(p)
		v.Possible = possible(r)
		return v, settledTransfer(p), c.moving(&v)
	}
}

func requestTransfer(c *call, in transferInput) (answer, error) {
	if in.Agreement == "" {
		return answer{}, problemf(http.StatusBadRequest, "agreement-missing", "agreement is missing").hint("GET agreements lists them")
	}
	if _, err := c.wait(); err != nil {
		return answer{}, err
	}
	p, err := c.m.Transfers.Request(c.ctx, c.contextID, transfer.RequestArgs{
		Agreement: in.Agreement, Format: in.Format, DataAddress: in.DataAddress, Declare: in.Declare, Labels: in.Labels,
	})
	if err != nil {
		return answer{}, err
	}
	return transfers.settle(c, p.ID, http.StatusCreated)
}

func listTransfers(c *call) (answer, error) {
	f, limit, err := c.filter(engine.Transfer)
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Transfers.List(c.ctx, c.contextID, transfer.Filter{
		Role: string(f.Role), State: string(f.State), Peer: f.Peer, Agreement: c.QueryParam("agreement"), Open: f.Open, Before: f.Before, Limit: limit,
	})
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(found, limit, viewTransfer, func(p transfer.Process) string { return p.ID })}, nil
}

func transferAct(act negotiation.Act) func(*call, reasonInput) (answer, error) {
	return func(c *call, in reasonInput) (answer, error) {
		return transfers.act(c, func(id string) error {
			_, err := c.m.Transfers.Act(c.ctx, c.contextID, id, negotiation.Decision{Act: act, Reason: in.Reason})
			return err
		})
	}
}

func approveTransfer(c *call, _ nothing) (answer, error) {
	return transfers.act(c, func(id string) error {
		_, err := c.m.Transfers.Approve(c.ctx, c.contextID, id)
		return err
	})
}

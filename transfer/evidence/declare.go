// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
)

// Declaration is what one side says of one transfer: who moved what to whom,
// under which agreement. The peer's, of the same transfer, is compared with it
// by Match.
type Declaration struct {
	Transfer    string `json:"transfer"` // the side's own pid
	Participant string `json:"participant"`
	Role        string `json:"role"` // of the participant: consumer or provider
	Peer        string `json:"peer"`
	ProviderPID string `json:"providerPid"`
	ConsumerPID string `json:"consumerPid"`
	Agreement   string `json:"agreement"`
	Dataset     string `json:"dataset"`
	Format      string `json:"format"`
	State       string `json:"state"`
	// Sent and Received are by the participant; nil: nothing was.
	Sent     *Totals `json:"sent,omitempty"`
	Received *Totals `json:"received,omitempty"`
	// Bodies are those that have rows of their own; the totals count them too.
	// More are behind the last one where Next is not empty.
	Bodies []Body `json:"bodies,omitempty"`
	Next   string `json:"next,omitempty"`
}

// Totals are those of one direction; zero: nothing was moved.
func (d Declaration) Totals(w Direction) Totals {
	t := d.Received
	if w == Sent {
		t = d.Sent
	}
	if t == nil {
		return Totals{}
	}
	return *t
}

// Declare returns what is kept of a transfer, with at most limit bodies behind
// the one whose id is after. What was moved within the last second may be
// missing. engine.ErrNotFound; a transfer in which nothing was moved has no
// totals.
func (r *Recorder) Declare(ctx context.Context, contextID, transferID, after string, limit int) (Declaration, error) {
	p, err := r.cfg.Transfers.Get(ctx, contextID, transferID)
	if err != nil {
		return Declaration{}, err
	}
	parts, err := r.cfg.Store.EvidenceParts(ctx, contextID, []string{p.ID})
	if err != nil {
		return Declaration{}, err
	}
	d := declaration(p, parts)
	if d.Bodies, err = r.cfg.Store.EvidenceBodies(ctx, contextID, p.ID, after, limit); err != nil {
		return Declaration{}, err
	}
	if limit > 0 && len(d.Bodies) == limit {
		d.Next = d.Bodies[limit-1].ID
	}
	return d, nil
}

// List returns declarations without bodies, newest transfer first.
func (r *Recorder) List(ctx context.Context, contextID string, q Query) ([]Declaration, error) {
	ids, err := r.cfg.Store.EvidenceTransfers(ctx, contextID, q)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	parts, err := r.cfg.Store.EvidenceParts(ctx, contextID, ids)
	if err != nil {
		return nil, err
	}
	of := map[string][]Part{}
	for _, p := range parts {
		of[p.Transfer] = append(of[p.Transfer], p)
	}
	list := make([]Declaration, 0, len(ids))
	for _, id := range ids {
		p, err := r.process(ctx, contextID, id)
		if err != nil {
			return nil, err
		}
		p.ID = id
		list = append(list, declaration(p, of[id]))
	}
	return list, nil
}

func declaration(p transfer.Process, parts []Part) Declaration {
	d := Declaration{
		Transfer: p.ID, Participant: p.Participant, Role: p.Role, Peer: p.Peer, Agreement: p.Agreement, Dataset: p.Dataset,
		Format: p.Format, State: p.State,
	}
	d.ProviderPID, d.ConsumerPID = pids(p)
	d.Sent, d.Received = sum(parts)
	return d
}

// pids are the names of a transfer, of which either side made one.
func pids(p transfer.Process) (providerPID, consumerPID string) {
	if p.Role == string(engine.Provider) {
		return p.ID, p.PeerPID
	}
	return p.PeerPID, p.ID
}

// sum adds up each direction.
func sum(parts []Part) (sent, received *Totals) {
	for _, p := range parts {
		to := &received
		if p.Sent {
			to = &sent
		}
		total := p.Totals
		if *to != nil {
			total = (*to).Plus(total)
		}
		*to = &total
	}
	return sent, received
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"encoding/json"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/jcs"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Imported is an agreement that was concluded elsewhere, under the id that it
// has there.
type Imported struct {
	ID     string
	Role   string // ours: consumer or provider
	Peer   string // must be a known peer
	Target string
	// Concluded is when it was concluded there, from which its policy counts;
	// zero: now.
	Concluded time.Time
	Policy    policy.Policy
	Snapshot  json.RawMessage
	// AcceptUnenforced is needed for rules that nobody here enforces.
	AcceptUnenforced bool
}

// Import keeps an agreement that was concluded elsewhere, as when a
// participant moves from another connector. It is final at once.
func (s *Service) Import(ctx context.Context, contextID string, i Imported) (Agreement, error) {
	own, err := s.Participant(ctx, contextID)
	if err != nil {
		return Agreement{}, err
	}
	peer, err := s.Peers.Peer(ctx, contextID, i.Peer)
	if err != nil {
		return Agreement{}, err
	}
	role := engine.Role(i.Role)
	if i.ID == "" || i.Target == "" || role != consumer && role != provider {
		return Agreement{}, engine.Refusef("agreement-incomplete", "an agreement needs an id, a target and our role in it (consumer or provider)")
	}
	if i.Concluded.After(s.Now()) {
		return Agreement{}, engine.Refusef("agreement-incomplete", "an agreement cannot have been concluded later than now")
	}
	check := s.Policies.Registry.CheckUsage
	if role == consumer {
		check = s.Policies.Registry.Unenforced
	}
	if err := check(i.Policy); err != nil && !i.AcceptUnenforced {
		return Agreement{}, engine.Refusef("policy-unenforced", "%v; acceptUnenforced takes it all the same", err)
	}
	a, err := s.imported(own, peer, role, i)
	if err != nil {
		return Agreement{}, err
	}
	return a, s.Agreements.PutAgreement(ctx, a)
}

func (s *Service) imported(own trust.Participant, peer trust.Peer, role engine.Role, i Imported) (Agreement, error) {
	rules, err := i.Policy.JSON()
	if err != nil {
		return Agreement{}, err
	}
	p, err := wire.ParsePolicy(rules)
	if err != nil {
		return Agreement{}, err
	}
	p.Type, p.ID, p.Target, p.Assigner, p.Assignee = "Agreement", i.ID, i.Target, own.ID, peer.ID
	if role == consumer {
		p.Assigner, p.Assignee = peer.ID, own.ID
	}
	concludedAt := i.Concluded
	if concludedAt.IsZero() {
		concludedAt = s.Now()
	}
	p.Timestamp = concludedAt.UTC().Format("2006-01-02T15:04:05.000Z")
	r := engine.Record{Context: own.Context, Role: role, Peer: peer.ID, Address: peer.URL}
	a, err := concluded(r, data{Snapshot: i.Snapshot, AcceptUnenforced: i.AcceptUnenforced}, p, engine.Env{Now: s.Now()}, s.Policies.Registry)
	a.Imported, a.Final = true, true
	if err == nil {
		_, err = jcs.Transform(a.Document)
	}
	return a, err
}

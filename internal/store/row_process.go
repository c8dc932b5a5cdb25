// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// processRow is a row of table process.
type processRow struct {
	Context          string
	ID               string
	Kind             string
	Role             string
	Peer             string
	PeerPID          string `db:"peer_pid"`
	PeerPIDTentative bool   `db:"peer_pid_tentative"`
	OpenedByPeer     bool   `db:"opened_by_peer"`
	State            string
	Version          int64
	Final            bool
	Decide           bool
	Person           bool
	Subject          string
	Created          int64
	Updated          int64
	Doc              string
	Data             []byte
}

// processColumns are the columns of processRow, of table p.
const processColumns = `p.context, p.id, p.kind, p.role, p.peer, p.peer_pid, p.peer_pid_tentative, p.opened_by_peer,
	p.state, p.version, p.final, p.decide, p.person, p.subject, p.created, p.updated, p.doc, p.data`

// rowOf returns the row of r.
func rowOf(r engine.Record) (processRow, error) {
	doc, err := docOf(r)
	if err != nil {
		return processRow{}, err
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return processRow{}, fmt.Errorf("process %s: %w", r.ID, err)
	}
	return processRow{
		Context: r.Context, ID: r.ID, Kind: string(r.Kind), Role: string(r.Role),
		Peer: r.Peer, PeerPID: r.PeerPID, PeerPIDTentative: r.PeerPIDTentative, OpenedByPeer: r.OpenedByPeer,
		State: string(r.State), Version: r.Version, Final: r.Final, Decide: r.Decide, Person: r.Person,
		Subject: r.Subject, Created: rule.Micro(r.Created), Updated: rule.Micro(r.Updated),
		Doc: string(text), Data: r.Data,
	}, nil
}

// record is the inverse of rowOf.
func (p *processRow) record() (engine.Record, error) {
	var doc recordDoc
	if err := json.Unmarshal([]byte(p.Doc), &doc); err != nil {
		return engine.Record{}, fmt.Errorf("process %s: column doc: %w", p.ID, err)
	}
	r := engine.Record{
		Context: p.Context, ID: p.ID, Kind: engine.Kind(p.Kind), Role: engine.Role(p.Role),
		Peer: p.Peer, PeerPID: p.PeerPID, PeerPIDTentative: p.PeerPIDTentative, OpenedByPeer: p.OpenedByPeer,
		State: engine.State(p.State), Version: p.Version, Final: p.Final, Decide: p.Decide, Person: p.Person,
		Subject: p.Subject, Created: rule.Time(p.Created), Updated: rule.Time(p.Updated),
	}
	if len(p.Data) > 0 {
		r.Data = p.Data
	}
	doc.fill(&r)
	return r, nil
}

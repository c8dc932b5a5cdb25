// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

type participantRow struct {
	Context   string
	ID        string
	Name      string
	PublicURL string `db:"public_url"`
	Profile   string
	Settings  *string
}

const participantColumns = `context, id, name, public_url, profile, settings`

func (r *participantRow) participant() trust.Participant {
	p := trust.Participant{Context: r.Context, ID: r.ID, Name: r.Name, PublicURL: r.PublicURL, Profile: r.Profile}
	if r.Settings != nil {
		p.Settings = json.RawMessage(*r.Settings)
	}
	return p
}

// orNull is a column that is NULL where there is nothing.
func orNull(text []byte) *string {
	if len(text) == 0 {
		return nil
	}
	value := string(text)
	return &value
}

// Participant implements trust.ParticipantStore.
func (d *domain) Participant(ctx context.Context, contextID string) (trust.Participant, error) {
	var rows []participantRow
	err := d.read(ctx, &rows, `SELECT `+participantColumns+` FROM participant WHERE context = ?`, contextID)
	if err != nil {
		return trust.Participant{}, fmt.Errorf("reading a participant: %w", err)
	}
	row, err := first(rows, trust.ErrUnknownParticipant)
	return row.participant(), err
}

// Participants implements trust.ParticipantStore.
func (d *domain) Participants(ctx context.Context) ([]trust.Participant, error) {
	var rows []participantRow
	err := d.read(ctx, &rows, `SELECT `+participantColumns+` FROM participant ORDER BY context`)
	if err != nil {
		return nil, fmt.Errorf("reading participants: %w", err)
	}
	list := make([]trust.Participant, len(rows))
	for i := range rows {
		list[i] = rows[i].participant()
	}
	return list, nil
}

// PutParticipant implements trust.ParticipantStore.
func (d *domain) PutParticipant(ctx context.Context, p trust.Participant) error {
	if err := rule.Participant(p); err != nil {
		return err
	}
	return d.write(ctx, d.do(`INSERT INTO participant (`+participantColumns+`) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (context) DO UPDATE SET id = excluded.id, name = excluded.name,
			public_url = excluded.public_url, profile = excluded.profile, settings = excluded.settings`,
		p.Context, p.ID, p.Name, p.PublicURL, p.Profile, orNull(rule.Settings(p))))
}

type peerRow struct {
	ID                string
	URL               string
	Profile           string
	Inbound, Outbound *string
	Conformance       string
	FormatNames       string `db:"format_names"`
	WithoutRules      string `db:"without_rules"`
}

const peerColumns = `id, url, profile, inbound, outbound, conformance, format_names, without_rules`

func peerPlace(contextID, id, column string) place { return place{contextID, "peer", id, column} }

func (d *domain) peer(contextID string, row peerRow) (trust.Peer, error) {
	p := trust.Peer{
		ID: row.ID, URL: row.URL, Profile: row.Profile,
		Conformance: trust.Conformance(row.Conformance), FormatNames: row.FormatNames, WithoutRules: row.WithoutRules,
	}
	in, err := d.seal.open(row.Inbound, peerPlace(contextID, row.ID, "inbound"))
	if err != nil {
		return trust.Peer{}, err
	}
	out, err := d.seal.open(row.Outbound, peerPlace(contextID, row.ID, "outbound"))
	if err != nil {
		return trust.Peer{}, err
	}
	p.Inbound, p.Outbound = string(in), string(out)
	return p, nil
}

// Peer implements trust.PeerStore.
func (d *domain) Peer(ctx context.Context, contextID, id string) (trust.Peer, error) {
	var rows []peerRow
	err := d.read(ctx, &rows, `SELECT `+peerColumns+` FROM peer WHERE context = ? AND id = ?`, contextID, id)
	if err != nil {
		return trust.Peer{}, fmt.Errorf("reading a peer: %w", err)
	}
	row, err := first(rows, trust.ErrUnknownPeer)
	if err != nil {
		return trust.Peer{}, err
	}
	return d.peer(contextID, row)
}

// Peers implements trust.PeerStore.
func (d *domain) Peers(ctx context.Context, contextID string) ([]trust.Peer, error) {
	var rows []peerRow
	err := d.read(ctx, &rows, `SELECT `+peerColumns+` FROM peer WHERE context = ? ORDER BY id`, contextID)
	if err != nil {
		return nil, fmt.Errorf("reading peers: %w", err)
	}
	list := make([]trust.Peer, len(rows))
	for i, row := range rows {
		if list[i], err = d.peer(contextID, row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// PutPeer implements trust.PeerStore.
func (d *domain) PutPeer(ctx context.Context, contextID string, p trust.Peer) error {
	if err := rule.Peer(contextID, p); err != nil {
		return err
	}
	in, err := d.seal.close([]byte(p.Inbound), peerPlace(contextID, p.ID, "inbound"))
	if err != nil {
		return err
	}
	out, err := d.seal.close([]byte(p.Outbound), peerPlace(contextID, p.ID, "outbound"))
	if err != nil {
		return err
	}
	return d.write(ctx, d.do(`INSERT INTO peer (context, `+peerColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (context, id) DO UPDATE SET url = excluded.url, profile = excluded.profile,
			inbound = excluded.inbound, outbound = excluded.outbound,
			conformance = excluded.conformance, format_names = excluded.format_names, without_rules = excluded.without_rules`,
		contextID, p.ID, p.URL, p.Profile, in, out, string(p.Conformance), p.FormatNames, p.WithoutRules))
}

// DeletePeer implements trust.PeerStore.
func (d *domain) DeletePeer(ctx context.Context, contextID, id string) error {
	st := d.do(`DELETE FROM peer WHERE context = ? AND id = ?`, contextID, id)
	st.want, st.otherwise = 1, trust.ErrUnknownPeer
	return d.write(ctx, st)
}

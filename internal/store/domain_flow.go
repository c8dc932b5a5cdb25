// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

type flowRow struct {
	ControlPlane string `db:"control_plane"`
	ID           string
	Doc          string
}

// A flow is sealed as a whole: it holds what data addresses are opened with.
func flowPlace(controlPlane, id string) place { return place{controlPlane, "flow", id, "doc"} }

const flowColumns = `control_plane, id, doc`

func (d *domain) flows(ctx context.Context, where string, args ...any) ([]signaling.Flow, error) {
	var rows []flowRow
	if err := d.read(ctx, &rows, `SELECT `+flowColumns+` FROM flow WHERE `+where, args...); err != nil {
		return nil, fmt.Errorf("reading data flows: %w", err)
	}
	return each(rows, func(r *flowRow) (f signaling.Flow, err error) {
		text, err := d.seal.open(&r.Doc, flowPlace(r.ControlPlane, r.ID))
		if err == nil {
			err = json.Unmarshal(text, &f)
		}
		return f, err
	})
}

// Flow implements signaling.Flows.
func (d *domain) Flow(ctx context.Context, controlPlane, id string) (signaling.Flow, error) {
	list, err := d.flows(ctx, `control_plane = ? AND id = ?`, controlPlane, id)
	if err != nil {
		return signaling.Flow{}, err
	}
	return first(list, signaling.ErrNoFlow)
}

// FlowOf implements signaling.Flows.
func (d *domain) FlowOf(ctx context.Context, contextID, process string) (signaling.Flow, error) {
	list, err := d.flows(ctx, `context = ? AND process = ?`, contextID, process)
	if err != nil {
		return signaling.Flow{}, err
	}
	return first(list, signaling.ErrNoFlow)
}

// AddFlow implements signaling.Flows.
func (d *domain) AddFlow(ctx context.Context, f signaling.Flow) error {
	if f.Version != 1 {
		return fmt.Errorf("%w: version %d of a new one", signaling.ErrFlow, f.Version)
	}
	doc, err := d.flowDoc(&f)
	if err != nil {
		return err
	}
	return d.write(ctx, statement{
		query: `INSERT INTO flow (control_plane, id, context, process, version, state, due, changed, doc)
			VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		args: []any{
			f.ControlPlane, f.ID, f.Asked.Context, f.Asked.Process, string(f.State), rule.Micro(f.Due), rule.Micro(f.Changed), doc,
		},
		want: 1, otherwise: signaling.ErrFlowExists,
	})
}

// PutFlow implements signaling.Flows.
func (d *domain) PutFlow(ctx context.Context, f signaling.Flow) error {
	doc, err := d.flowDoc(&f)
	if err != nil {
		return err
	}
	return d.write(ctx, statement{
		query: `UPDATE flow SET version = ?, state = ?, due = ?, changed = ?, doc = ?
			WHERE control_plane = ? AND id = ? AND context = ? AND process = ? AND version = ?`,
		args: []any{
			f.Version, string(f.State), rule.Micro(f.Due), rule.Micro(f.Changed), doc,
			f.ControlPlane, f.ID, f.Asked.Context, f.Asked.Process, f.Version - 1,
		},
		want: 1, otherwise: signaling.ErrFlowChanged,
	})
}

// flowDoc is the flow as it is kept.
func (d *domain) flowDoc(f *signaling.Flow) (string, error) {
	if err := f.Check(); err != nil {
		return "", err
	}
	f.Due, f.Began, f.Changed = rule.Round(f.Due), rule.Round(f.Began), rule.Round(f.Changed)
	text, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	sealed, err := d.seal.close(text, flowPlace(f.ControlPlane, f.ID))
	if err != nil {
		return "", err
	}
	return *sealed, nil
}

// DueFlows implements signaling.Flows.
func (d *domain) DueFlows(ctx context.Context, now time.Time, limit int) ([]signaling.Flow, error) {
	return d.flows(ctx, `due > 0 AND due <= ? ORDER BY due LIMIT ?`, rule.Micro(now), max(limit, 0))
}

// NextFlow implements signaling.Flows.
func (d *domain) NextFlow(ctx context.Context) (time.Time, error) {
	var due []int64
	if err := d.read(ctx, &due, `SELECT due FROM flow WHERE due > 0 ORDER BY due LIMIT 1`); err != nil {
		return time.Time{}, fmt.Errorf("reading data flows: %w", err)
	}
	next, _ := first(due, nil)
	return rule.Time(next), nil
}

// DropFlows implements signaling.Flows.
func (d *domain) DropFlows(ctx context.Context, before time.Time, limit int) (int, error) {
	const ended = ` FROM flow WHERE due = 0 AND state IN ('COMPLETED', 'TERMINATED') AND changed < ? ORDER BY changed LIMIT ?`
	var gone []string
	err := d.transact(ctx, func(tx transaction) error {
		gone = nil
		return tx.query(ctx, &gone, `DELETE FROM flow WHERE (control_plane, id) IN (SELECT control_plane, id`+ended+`) RETURNING id`, rule.Micro(before), max(limit, 0))
	})
	if err != nil {
		return 0, fmt.Errorf("forgetting data flows: %w", err)
	}
	return len(gone), nil
}

// PutJudge implements signaling.Flows.
func (d *domain) PutJudge(ctx context.Context, controlPlane string) error {
	if controlPlane == "" {
		return fmt.Errorf("%w: a control plane without an id", signaling.ErrFlow)
	}
	return d.write(ctx, d.do(`INSERT INTO judge (control_plane) VALUES (?) ON CONFLICT DO NOTHING`, controlPlane))
}

// Judge implements signaling.Flows.
func (d *domain) Judge(ctx context.Context, controlPlane string) (bool, error) {
	var found []string
	if err := d.read(ctx, &found, `SELECT control_plane FROM judge WHERE control_plane = ?`, controlPlane); err != nil {
		return false, fmt.Errorf("reading whether a control plane gives verdicts: %w", err)
	}
	return len(found) > 0, nil
}

func controlPlanePlace(id string) place { return place{"", "control_plane", id, "doc"} }

// ControlPlane implements signaling.ControlPlanes.
func (d *domain) ControlPlane(ctx context.Context, id string) (c signaling.ControlRegistration, err error) {
	var docs []string
	if err := d.read(ctx, &docs, `SELECT doc FROM control_plane WHERE id = ?`, id); err != nil {
		return c, fmt.Errorf("reading a control plane: %w", err)
	}
	doc, err := first(docs, signaling.ErrNoControlPlane)
	if err != nil {
		return c, err
	}
	text, err := d.seal.open(&doc, controlPlanePlace(id))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	return c, err
}

// PutControlPlane implements signaling.ControlPlanes.
func (d *domain) PutControlPlane(ctx context.Context, c signaling.ControlRegistration) error {
	if c.ControlplaneID == "" {
		return fmt.Errorf("%w: a control plane without an id", signaling.ErrFlow)
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	doc, err := d.seal.close(text, controlPlanePlace(c.ControlplaneID))
	if err != nil {
		return err
	}
	return d.write(ctx, d.do(`INSERT INTO control_plane (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`, c.ControlplaneID, *doc))
}

// DropControlPlane implements signaling.ControlPlanes.
func (d *domain) DropControlPlane(ctx context.Context, id string) error {
	return d.write(ctx, d.do(`DELETE FROM control_plane WHERE id = ?`, id))
}

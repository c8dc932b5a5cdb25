// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"database/sql"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// workRow is a row of table outbox; Body is joined where it is claimed.
type workRow struct {
	Context    string
	Process    string
	Op         string
	Key        string
	Lane       string
	Due        int64
	Fence      int64
	Claims     int
	Owner      sql.NullString
	LeaseUntil sql.NullInt64 `db:"lease_until"`
	Ready      int64
	Body       []byte
}

// workColumns are the columns of workRow but Body, of table o.
const workColumns = `o.context, o.process, o.op, o.key, o.lane, o.due, o.fence, o.claims, o.owner, o.lease_until, o.ready`

func (w *workRow) work() engine.Work {
	return engine.Work{
		Context: w.Context, Process: w.Process, Op: engine.Op(w.Op), Key: w.Key, Lane: w.Lane, Due: rule.Time(w.Due),
		Fence: w.Fence, Claims: w.Claims, Owner: w.Owner.String, LeaseUntil: rule.Time(w.LeaseUntil.Int64), Body: w.Body,
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"github.com/musubi-ods/musubi/internal/engine"
)

// look shows a process, and says whether there is anything left to wait for.
type look func(r engine.Record) (view any, settled bool, err error)

// await shows a process as soon as it is settled, at the latest when the
// caller will not wait longer or the server stops. It looks again at every
// commit; one after which moving says that there is more to wait for is passed
// over.
func (c *call) await(id string, moving func(engine.Record) bool, see look) (view any, settled bool, err error) {
	patience, err := c.wait()
	if err != nil {
		return nil, false, err
	}
	ctx, cancel := untilStop(c.ctx)
	defer cancel()
	until := c.m.Now().Add(patience)
	for {
		r, err := c.m.Processes.For(c.contextID).Load(c.ctx, id)
		if err != nil {
			return nil, false, err
		}
		pass := patience > 0 && moving(r)
		if !pass {
			view, settled, err = see(r)
			if err != nil || settled || patience == 0 {
				return view, settled, err
			}
		}
		if !c.m.Await(ctx, c.contextID, id, r.Version, until) {
			if pass {
				view, settled, err = see(r)
			}
			return view, settled, err
		}
	}
}

// unsettled reports whether the other side, or ours by itself, has to move.
func unsettled(r engine.Record) bool {
	w := r.WaitingFor()
	return !r.Final && w != "person" && w != ""
}

// anything passes no commit over.
func anything(engine.Record) bool { return false }

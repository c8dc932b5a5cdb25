// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// A claim first reads a window of what became claimable longest ago, and the
// row that will be next. That is all there is, unless a lane has a long queue: then it goes from lane to lane
// instead, at a cost that does not depend on the length of any queue.
const (
	windowQuery = `SELECT * FROM (SELECT ` + workColumns + ` FROM outbox o WHERE o.ready <= ? ORDER BY o.ready LIMIT ?) due
		UNION ALL
		SELECT * FROM (SELECT ` + workColumns + ` FROM outbox o WHERE o.ready > ? ORDER BY o.ready LIMIT 1) later`

	// The index is entered once per lane, at its first row.
	lanesQuery = `WITH RECURSIVE lanes(lane) AS (
			SELECT min(lane) FROM outbox
			UNION ALL
			SELECT (SELECT min(o.lane) FROM outbox o WHERE o.lane > lanes.lane) FROM lanes WHERE lanes.lane IS NOT NULL
		), heads AS (
			SELECT lane, (SELECT min(o.ready) FROM outbox o WHERE o.lane = lanes.lane) AS ready
			FROM lanes WHERE lane IS NOT NULL
		) SELECT lane, ready FROM heads WHERE ready <= ? ORDER BY ready, lane LIMIT ?`
)

// window returns how many rows a claim looks at first.
func window(limit int) int { return min(max(2*limit, 64), 1024) }

// claim is one claim under way.
type claim struct {
	req    engine.ClaimRequest
	now    int64
	until  int64
	lanes  *rule.Lanes
	chosen []workRow
	later  int64 // when the first row that is not ready will be, 0 if none
	more   bool  // something claimable was left for the limit alone
}

func newClaim(req engine.ClaimRequest) *claim {
	return &claim{
		req: req, now: rule.Micro(req.Now), until: rule.Micro(req.Now.Add(req.Lease)), lanes: rule.NewLanes(req),
	}
}

// choose takes rows, in order of their readiness, as far as lanes and limit
// allow.
func (c *claim) choose(rows []workRow) {
	slices.SortStableFunc(rows, func(a, b workRow) int { return cmp.Compare(a.Ready, b.Ready) })
	for i := range rows {
		row := &rows[i]
		switch {
		case row.Ready > c.now:
			c.later = row.Ready
		case c.lanes.Room(row.Lane, 1) == 0:
		case len(c.chosen) >= c.req.Limit:
			c.more = true
		default:
			c.lanes.Take(row.Lane)
			c.chosen = append(c.chosen, *row)
		}
	}
}

// complete reports whether the window showed all that this claim can take.
func (c *claim) complete(rows []workRow) bool {
	due := len(rows)
	if c.later > 0 {
		due--
	}
	return c.more || due < window(c.req.Limit)
}

// restart forgets what was chosen.
func (c *claim) restart() {
	c.chosen, c.more, c.lanes = nil, false, rule.NewLanes(c.req)
}

// laneRow is a lane with work that is ready.
type laneRow struct {
	Lane  string
	Ready int64
}

// rooms returns what may be taken of each lane that has room.
func (c *claim) rooms(lanes []laneRow) (names []string, rooms []int64) {
	for _, l := range lanes {
		if room := c.lanes.Room(l.Lane, c.req.Limit); room > 0 {
			names, rooms = append(names, l.Lane), append(rooms, int64(room)+1)
		}
	}
	return names, rooms
}

// next says when the rest becomes claimable.
func (c *claim) next() time.Time {
	if c.more {
		return rule.Time(c.now)
	}
	return rule.Time(c.later)
}

// bodyColumn is the exact bytes of the message that a claimed row sends.
const bodyColumn = `(SELECT e.body FROM exchange e WHERE outbox.op = 'send' AND e.context = outbox.context
	AND e.process = outbox.process AND e.message_id = outbox.key AND NOT e.inbound) AS body`

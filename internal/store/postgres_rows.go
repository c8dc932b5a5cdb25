// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// rows gathers what steps write beside their processes.
type rows struct {
	puts      workLists
	removes   workLists
	exchanges exchangeLists
	outcomes  outcomeLists
	entries   entryLists
}

// add takes the rows of c, and returns the statements of those that are rare.
func (r *rows) add(c engine.Commit) (rare []statement) {
	held := held{Work: c.Held}
	for _, put := range c.Put {
		if put.Was.Key == "" {
			r.puts.put(put.Now)
		} else {
			rare = append(rare, putWork(put, held.of(put.Was)))
		}
	}
	for _, was := range c.Remove {
		r.removes.remove(was, held.of(was))
	}
	if held.left() {
		rare = append(rare, freeWork(*c.Held))
	}
	for _, x := range c.Exchanges {
		r.exchanges.add(c.Record, x)
	}
	for _, o := range c.Outcomes {
		r.outcomes.add(c.Record, o)
	}
	for _, e := range c.Journal {
		r.entries.add(e)
	}
	return rare
}

// statements returns those that write what was gathered, if anything was.
func (r *rows) statements() (list []statement) {
	for _, of := range []struct {
		query string
		n     int
		args  []any
	}{
		{groupRemove, len(r.removes.op), r.removes.removed()},
		{groupPut, len(r.puts.op), r.puts.args()},
		{groupExchange, len(r.exchanges.at), r.exchanges.args()},
		{groupOutcome, len(r.outcomes.id), r.outcomes.args()},
		{groupEntry, len(r.entries.at), r.entries.args()},
	} {
		if of.n > 0 {
			list = append(list, statement{query: of.query, args: of.args, want: int64(of.n), otherwise: errAlone})
		}
	}
	return list
}

// micros is the column of times.
func micros(list []int64, t time.Time) []int64 { return append(list, rule.Micro(t)) }

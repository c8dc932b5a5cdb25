// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// stuckView is a process that is not at its end, and why.
type stuckView struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Role    string `json:"role"`
	State   string `json:"state"`
	Peer    string `json:"peer"`
	Subject string `json:"subject"` // the dataset of a negotiation, the agreement of a transfer
	progress
	Explanation string `json:"explanation"`
}

func (c *call) viewStuck(r engine.Record) stuckView {
	v := stuckView{
		ID: r.ID, Kind: string(r.Kind), Role: string(r.Role), State: string(r.Shown()), Peer: r.Peer, Subject: r.Subject,
		progress: progress{
			WaitingFor: r.WaitingFor(), LastError: viewFault(r.LastError), NextTry: r.NextTry(), Deadline: r.Deadline(),
			Created: r.Created, Updated: r.Updated, Possible: possible(r),
		},
		Explanation: c.m.explain(r, c.m.Refusals.Of(c.contextID, r.Peer, 1)),
	}
	if r.Pending != nil {
		v.Pending = string(r.Pending.Message)
	}
	return v
}

// states are those of a protocol, in the order of its table.
func states(kind engine.Kind) []string {
	var list []string
	for _, row := range tables[kind].Rows {
		if !slices.Contains(list, string(row.To)) {
			list = append(list, string(row.To))
		}
	}
	return list
}

// listStuck looks through the open processes, newest first. A filter that the
// store does not know is applied here, to as many pages as it takes.
func listStuck(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	kind, err := c.word("kind", string(engine.Negotiation), string(engine.Transfer))
	if err != nil {
		return answer{}, err
	}
	waits, err := c.word("waitingFor", "us", "peer", "person")
	if err != nil {
		return answer{}, err
	}
	failing, err := c.flag("failing")
	if err != nil {
		return answer{}, err
	}
	out := list[stuckView]{Items: []stuckView{}}
	q := engine.Query{Kind: engine.Kind(kind), Open: true, Before: c.QueryParam("before"), Limit: maxLimit}
	for {
		page, err := c.m.Processes.For(c.contextID).List(c.ctx, q)
		if err != nil {
			return answer{}, err
		}
		for _, r := range page {
			if waits != "" && r.WaitingFor() != waits || failing && r.LastError == nil {
				continue
			}
			if len(out.Items) == limit {
				out.Next = out.Items[limit-1].ID
				return answer{body: out}, nil
			}
			out.Items = append(out.Items, c.viewStuck(r))
		}
		if len(page) < maxLimit {
			return answer{body: out}, nil
		}
		q.Before = page[len(page)-1].ID
	}
}

// entryView is one row of the journal.
type entryView struct {
	Position int64           `json:"position"`
	ID       string          `json:"id"`
	Process  string          `json:"process,omitempty"`
	Kind     string          `json:"kind,omitempty"`
	Event    string          `json:"event"`
	At       time.Time       `json:"at"`
	Detail   json.RawMessage `json:"detail,omitempty"`
	Prev     string          `json:"prev"`
	Hash     string          `json:"hash"`
}

func viewEntry(e engine.Entry) entryView {
	return entryView{e.Position, e.ID, e.Process, string(e.Kind), e.Event, e.At, rawJSON(e.Detail), e.Prev, e.Hash}
}

func listJournal(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	var after int64
	if text := c.QueryParam("after"); text != "" {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			return answer{}, badParameter("after", "a position: the number of the last row seen")
		}
	}
	found, err := c.m.Processes.For(c.contextID).Journal(c.ctx, after, limit)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(found, limit, viewEntry, func(e engine.Entry) string { return strconv.FormatInt(e.Position, 10) })}, nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// Commit implements engine.Processes: first everything is judged, then
// everything is applied.
func (ps *processes) Commit(_ context.Context, c engine.Commit) error {
	if err := rule.Check(ps.context, c); err != nil {
		return err
	}
	s := ps.store
	s.mu.Lock()
	defer s.mu.Unlock()
	pt := s.part(ps.context)
	p := pt.processes[c.Record.ID]
	for _, judge := range []func(*part, *process, engine.Commit) error{
		judgeLease, judgeRecord, judgeOutbox, judgeHistory, judgeWrites,
	} {
		if err := judge(pt, p, c); err != nil {
			return err
		}
	}
	if p == nil {
		p = &process{seen: map[string]bool{}}
		pt.processes[c.Record.ID] = p
	}
	pt.applyRecord(p, c.Record)
	p.work = rule.Outbox(p.work, c)
	p.history = rule.History(p.history, c)
	p.see(c)
	pt.applyJournal(c.Journal)
	pt.applyWrites(c.Writes)
	if len(p.work) > 0 {
		s.owed[p] = true
	} else {
		delete(s.owed, p)
	}
	return nil
}

func judgeLease(_ *part, p *process, c engine.Commit) error {
	if c.Held != nil && !p.held(*c.Held) {
		return engine.ErrFenced
	}
	return nil
}

// held reports whether the lease of w, by owner and fence, is still its.
func (p *process) held(w engine.Work) bool {
	if p == nil {
		return false
	}
	row := p.row(w.Op)
	return row != nil && row.Owner != "" && row.Owner == w.Owner && row.Fence == w.Fence
}

func judgeRecord(pt *part, p *process, c engine.Commit) error {
	if (p != nil) != (c.Expect > 0) || (p != nil && p.record.Version != c.Expect) {
		if c.Expect == 0 {
			return engine.ErrExists
		}
		return engine.ErrConflict
	}
	if p != nil && (fixed(p.record) != fixed(c.Record) || p.record.Final && !c.Record.Final) {
		return engine.ErrConflict
	}
	if id, taken := pt.byPeer[keyOf(c.Record)]; taken && c.Record.OpenedByPeer && id != c.Record.ID {
		return engine.ErrExists
	}
	return nil
}

// origin is what a process is from its first commit on.
type origin struct {
	kind    engine.Kind
	role    engine.Role
	peer    string
	opened  string // the peer's pid of its first request
	created int64
}

func fixed(r engine.Record) origin {
	o := origin{r.Kind, r.Role, r.Peer, "", rule.Micro(r.Created)}
	if r.OpenedByPeer {
		o.opened = r.PeerPID
	}
	return o
}

func keyOf(r engine.Record) peerKey { return peerKey{r.Kind, r.Peer, r.PeerPID} }

func judgeOutbox(_ *part, p *process, c engine.Commit) error {
	loaded := func(op engine.Op, was engine.Work) bool {
		var row *engine.Work
		if p != nil {
			row = p.row(op)
		}
		if row == nil {
			return was.Key == ""
		}
		return row.Key == was.Key && row.Fence == was.Fence
	}
	for _, put := range c.Put {
		if !loaded(put.Now.Op, put.Was) {
			return engine.ErrConflict
		}
	}
	for _, was := range c.Remove {
		if !loaded(was.Op, was) {
			return engine.ErrConflict
		}
	}
	return nil
}

func judgeHistory(_ *part, p *process, c engine.Commit) error {
	ours, theirs := map[string]bool{}, map[string]bool{}
	if p != nil && len(c.Exchanges)+len(c.Outcomes) > 0 {
		for _, x := range p.history {
			if !x.Inbound {
				ours[x.MessageID] = true
			}
		}
	}
	for _, x := range c.Exchanges {
		switch {
		case !x.Inbound && ours[x.MessageID]:
			return fmt.Errorf("%w: our message %q is in the history", rule.ErrInvalid, x.MessageID)
		case !x.Inbound:
			ours[x.MessageID] = true
		case x.MessageID == "":
		case theirs[x.MessageID], p != nil && p.seen[x.MessageID]:
			return engine.ErrConflict
		default:
			theirs[x.MessageID] = true
		}
	}
	for _, o := range c.Outcomes {
		if !ours[o.MessageID] {
			return fmt.Errorf("%w: no message %q of ours in the history", rule.ErrInvalid, o.MessageID)
		}
	}
	return nil
}

func (pt *part) applyRecord(p *process, r engine.Record) {
	if p.record.OpenedByPeer {
		delete(pt.byPeer, keyOf(p.record))
	}
	if r.OpenedByPeer {
		pt.byPeer[keyOf(r)] = r.ID
	}
	p.record = rule.CloneRecord(r)
}

// see remembers the ids of inbound messages.
func (p *process) see(c engine.Commit) {
	for _, x := range c.Exchanges {
		if x.Inbound && x.MessageID != "" {
			p.seen[x.MessageID] = true
		}
	}
}

func (pt *part) applyJournal(entries []engine.Entry) {
	for _, e := range entries {
		e = cloneEntry(e)
		e.Position, e.Prev = int64(len(pt.journal)+1), ""
		if len(pt.journal) > 0 {
			e.Prev = pt.journal[len(pt.journal)-1].Hash
		}
		e.Hash = engine.Chain(e.Prev, e)
		pt.journal = append(pt.journal, e)
	}
}

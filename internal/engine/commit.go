// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"time"
)

// maxConflicts bounds how often a step is judged again after a lost race.
const maxConflicts = 100

// commit stores a step and wakes who waits for it.
func (c *Core) commit(ctx context.Context, s *step, held *Work) (Record, error) {
	if err := s.d.Keep(&s.r); err != nil {
		return Record{}, err
	}
	cm, id := s.commit(held), Change{s.r.Context, s.r.ID}
	cm.Record.Memo = nil
	taken := c.take(&cm)
	if err := c.Store.For(id.Context).Commit(ctx, cm); err != nil {
		c.recent.forget(id)
		for _, w := range taken {
			c.Workers.Cancel(w.Lane)
		}
		return Record{}, err
	}
	r := cm.Record
	r.Memo, r.Work = s.r.Memo, outboxAfter(cm, s.was.Work)
	c.recent.put(r)
	c.Committed(id, free(r.Work))
	for _, w := range taken {
		c.Workers.Begin(w)
	}
	r.Work = nil
	return r, nil
}

// take claims in the commit itself the work that it adds and that is due,
// where a worker is free.
func (c *Core) take(cm *Commit) (taken []Work) {
	if c.Workers == nil {
		return nil
	}
	now := c.Now()
	for i := range cm.Put {
		w := &cm.Put[i].Now
		if cm.Put[i].Was.Key != "" || w.Due.After(now) {
			continue
		}
		owner, lease, ok := c.Workers.Reserve(w.Lane)
		if !ok {
			continue
		}
		w.Owner, w.LeaseUntil = owner, now.Add(lease)
		w.Fence++
		w.Claims = 1
		taken = append(taken, *w)
		if w.Op == OpSend {
			taken[len(taken)-1].Body = cm.body(w.Key)
		}
	}
	return taken
}

// body returns the bytes of a message of ours that the commit adds.
func (cm *Commit) body(messageID string) []byte {
	for _, x := range cm.Exchanges {
		if !x.Inbound && x.MessageID == messageID {
			return x.Body
		}
	}
	return nil
}

// free returns when the first row that nobody holds is due.
func free(work []Work) (next time.Time) {
	for _, w := range work {
		if w.Owner == "" && (next.IsZero() || w.Due.Before(next)) {
			next = w.Due
		}
	}
	return next
}

// load returns a process, if it may be as it is remembered, else as the store
// has it. sure says that it is the store's.
func (c *Core) load(ctx context.Context, id Change, remembered bool) (r Record, sure bool, err error) {
	if remembered {
		if r, ok := c.recent.get(id); ok {
			return r, false, nil
		}
	}
	r, err = c.Store.For(id.Context).Load(ctx, id.Process)
	return r, true, err
}

// Load returns a process as this core committed it last or, where it does not
// remember that, as the store has it. Another core on the store may have
// changed it since.
func (c *Core) Load(ctx context.Context, id Change) (Record, error) {
	r, _, err := c.load(ctx, id, true)
	return r, err
}

// Changed says that another core on the store has committed the process.
func (c *Core) Changed(id Change) { c.recent.forget(id) }

// Claim is the store's, for work that Perform is to do.
func (c *Core) Claim(ctx context.Context, req ClaimRequest) (work []Work, next time.Time, err error) {
	work, next, err = c.Store.Claim(ctx, req)
	for _, w := range work {
		c.recent.claimed(w)
	}
	return work, next, err
}

// Journaled is for who wrote rows of the journal in a transaction that was no
// step of a process, after it: they are given their positions and shown to
// readers as soon as those of a step, on whichever replica.
func (c *Core) Journaled(contextID string) {
	c.Committed(Change{Context: contextID}, time.Time{})
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"
	"unsafe"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// stepped is the change of a step of a process.
func stepped(c engine.Commit) change {
	key := engine.Change{Context: c.Record.Context, Process: c.Record.ID}
	record := rule.CloneRecord(c.Record)
	return func(r *recent) {
		was := r.replace(key)
		if was == nil && c.Expect > 0 {
			return // not kept; whoever needs it loads it
		}
		if was == nil {
			was = &kept{key: key, whole: true}
		}
		now := &kept{key: key, record: record, whole: was.whole}
		now.record.Work = rule.Outbox(was.record.Work, c)
		if now.whole {
			now.history = rule.History(was.history, c)
		}
		if len(now.history) > maxMessages {
			now.history, now.whole = nil, false
		}
		r.put(now)
	}
}

// leased is the change of a claim: the row as it is now.
func leased(w engine.Work) change {
	w.Body = nil
	return reworked(w, func(rows []engine.Work) []engine.Work {
		rows = slices.Clone(rows)
		for i := range rows {
			if rows[i].Op == w.Op {
				rows[i] = w
			}
		}
		return rows
	})
}

// freed is the change of a release.
func freed(w engine.Work) change {
	return reworked(w, func(rows []engine.Work) []engine.Work { return rule.Free(rows, w) })
}

// reworked changes the outbox of the process that w belongs to.
func reworked(w engine.Work, f func([]engine.Work) []engine.Work) change {
	key := engine.Change{Context: w.Context, Process: w.Process}
	return func(r *recent) {
		if was := r.replace(key); was != nil {
			now := *was
			now.record.Work = f(was.record.Work)
			r.put(&now)
		}
	}
}

// replace takes out what is kept of a process, nil if nothing is: another
// follows. Looks under way are too late.
func (r *recent) replace(key engine.Change) *kept {
	delete(r.loading, key)
	e, ok := r.kept[key]
	if !ok {
		return nil
	}
	return r.remove(e.Value.(*kept))
}

func (r *recent) remove(k *kept) *kept {
	r.order.Remove(r.kept[k.key])
	delete(r.kept, k.key)
	r.size -= k.size()
	return k
}

// put keeps k in place of what is kept of its process, and drops what was not
// used for longest to make room.
func (r *recent) put(k *kept) {
	if e, ok := r.kept[k.key]; ok { // two looked for it, one after the other
		r.remove(e.Value.(*kept))
	}
	r.kept[k.key] = r.order.PushFront(k)
	r.size += k.size()
	for r.size > maxRecent && r.order.Len() > 1 {
		r.remove(r.order.Back().Value.(*kept))
	}
}

// size estimates the bytes that k takes.
func (k *kept) size() int {
	n := int(unsafe.Sizeof(*k)) + 1024 + len(k.record.Data) // texts, entries
	n += len(k.record.Work) * int(unsafe.Sizeof(engine.Work{}))
	for _, a := range []*engine.Act{k.record.Queued, k.record.Planned} {
		if a != nil {
			n += len(a.Payload)
		}
	}
	for i := range k.history {
		n += int(unsafe.Sizeof(engine.Exchange{})) + len(k.history[i].Body) + 200
	}
	return n
}

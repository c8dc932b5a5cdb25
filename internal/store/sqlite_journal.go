// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"maps"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// tail is the end of a participant's journal.
type tail struct {
	Position int64
	Hash     string
}

// tails knows the ends of the journals, as committed and as they will be once
// the batch and the step under way are.
type tails struct{ stored, batch, step map[string]tail }

func newTails() tails {
	return tails{stored: map[string]tail{}, batch: map[string]tail{}, step: map[string]tail{}}
}

func (t *tails) undo() { clear(t.step) }

func (t *tails) keep() {
	maps.Copy(t.batch, t.step)
	clear(t.step)
}

func (t *tails) forget() {
	clear(t.batch)
	clear(t.step)
}

func (t *tails) committed() {
	maps.Copy(t.stored, t.batch)
	t.forget()
}

// of returns the end of a participant's journal as the step sees it.
func (t *tails) of(s *session, context string) (tail, error) {
	for _, m := range []map[string]tail{t.step, t.batch, t.stored} {
		if end, ok := m[context]; ok {
			return end, nil
		}
	}
	var rows []tail
	if err := s.query(&rows, `SELECT position, hash FROM journal_tail WHERE context = ?`, context); err != nil {
		return tail{}, err
	}
	if len(rows) > 0 {
		return rows[0], nil
	}
	return tail{}, nil
}

// write stores the ends that the batch moved, once for all of its steps.
func (t *tails) write(s *session) error {
	for context, end := range t.batch {
		_, err := s.execute(`INSERT INTO journal_tail (context, position, hash) VALUES (?, ?, ?)
			ON CONFLICT (context) DO UPDATE SET position = excluded.position, hash = excluded.hash`,
			context, end.Position, end.Hash)
		if err != nil {
			return err
		}
	}
	return nil
}

// journal appends entries, in the commit that causes them.
func (s *session) journal(context string, entries []engine.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	end, err := s.tails.of(s, context)
	if err != nil {
		return err
	}
	for _, e := range entries {
		e.At, e.Prev, e.Position = rule.Round(e.At), end.Hash, end.Position+1
		e.Hash = engine.Chain(e.Prev, e)
		if err := s.exec(insertEntry(e)); err != nil {
			return err
		}
		end = tail{e.Position, e.Hash}
	}
	s.tails.step[context] = end
	return nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"
)

// stamp orders rows: the newest come first, and of those the highest id.
type stamp struct {
	at time.Time
	id string
}

func newest(a, b stamp) int {
	return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.id, a.id))
}

// page returns rows behind the cursor, newest first. The cursor need not be
// among the rows that are listed.
func page[T any](rows iter.Seq[T], of func(T) stamp, cursor *stamp, limit int) (list []T) {
	sorted := slices.SortedFunc(rows, func(a, b T) int { return newest(of(a), of(b)) })
	for _, row := range sorted {
		if (cursor == nil || newest(*cursor, of(row)) < 0) && len(list) < limit {
			list = append(list, row)
		}
	}
	return list
}

// cursor finds the row that a page starts behind; the empty id is before all.
func cursor[T any](rows map[string]T, id string, of func(T) stamp, unknown error) (*stamp, error) {
	if id == "" {
		return nil, nil
	}
	row, ok := rows[id]
	if !ok {
		return nil, fmt.Errorf("cursor: %w", unknown)
	}
	s := of(row)
	return &s, nil
}

// duty is a row whose time may have come, and what moves it on.
type duty struct {
	at   time.Time
	key  [2]string // participant and id
	take func()
}

// due takes what is ready, longest ago first.
func due(duties []duty, now time.Time, limit int) {
	ready := slices.DeleteFunc(duties, func(d duty) bool { return d.at.IsZero() || d.at.After(now) })
	slices.SortFunc(ready, func(a, b duty) int {
		return cmp.Or(a.at.Compare(b.at), slices.Compare(a.key[:], b.key[:]))
	})
	for _, d := range ready[:min(len(ready), max(limit, 0))] {
		d.take()
	}
}

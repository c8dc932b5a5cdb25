// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"hash/maphash"
	"sync/atomic"
)

// generations tell whether a process may have been committed since somebody
// looked. Several processes share a number: one that has moved says that any
// of them may have been.
type generations struct {
	seed maphash.Seed
	list [4096]atomic.Uint64
}

func newGenerations() *generations { return &generations{seed: maphash.MakeSeed()} }

func (g *generations) of(c Change) *atomic.Uint64 {
	return &g.list[maphash.Comparable(g.seed, c)%uint64(len(g.list))]
}

// Generation returns a number that has moved before anybody is woken for a
// commit of the process, here or as far as others told of theirs.
func (r *Runner) Generation(c Change) uint64 { return r.hub.generations.of(c).Load() }

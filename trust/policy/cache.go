// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import "sync"

// maxCompiled bounds the policies that are kept ready. A hash names one content
// for ever, so nothing here goes stale.
const maxCompiled = 4096

type compiledCache struct {
	mu    sync.Mutex
	known map[string]*Compiled
}

// Compile returns the policy with a hash, made ready; read is asked for it
// where it is not known yet.
func (j *Judge) Compile(hash string, read func() (Policy, error)) (*Compiled, error) {
	j.cache.mu.Lock()
	c := j.cache.known[hash]
	j.cache.mu.Unlock()
	if c != nil {
		return c, nil
	}
	p, err := read()
	if err != nil {
		return nil, err
	}
	c = j.Registry.Compile(p)
	j.cache.mu.Lock()
	defer j.cache.mu.Unlock()
	if j.cache.known == nil || len(j.cache.known) >= maxCompiled {
		j.cache.known = make(map[string]*Compiled)
	}
	j.cache.known[hash] = c
	return c, nil
}

// CompileStored is Compile for a policy as agreements and messages keep it.
func (j *Judge) CompileStored(hash string, compact []byte) (*Compiled, error) {
	return j.Compile(hash, func() (Policy, error) { return Parse(compact) })
}

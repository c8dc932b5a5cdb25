// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import "sync"

// What is kept ready: so many policies, of so many bytes in canonical form,
// since those of counterparties are judged too. A hash names one content for
// ever, so nothing here goes stale.
const (
	maxCompiled      = 4096
	maxCompiledBytes = 8 << 20
)

type compiledCache struct {
	mu    sync.Mutex
	known map[string]*Compiled
	bytes int
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
	j.cache.keep(hash, c, len(p.Canonical()))
	return c, nil
}

func (c *compiledCache) keep(hash string, p *Compiled, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.known[hash]; known {
		return
	}
	if c.known == nil || len(c.known) >= maxCompiled || c.bytes+size > maxCompiledBytes {
		c.known, c.bytes = make(map[string]*Compiled), 0
	}
	c.known[hash] = p
	c.bytes += size
}

// CompileStored is Compile for a policy as agreements and messages keep it.
func (j *Judge) CompileStored(hash string, compact []byte) (*Compiled, error) {
	return j.Compile(hash, func() (Policy, error) { return Parse(compact) })
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"sync"
	"time"
)

// leanIdle keeps connections that nobody uses, each for idleTimeout at most.
type leanIdle struct {
	mu    sync.Mutex
	list  map[string][]*leanConn // by address, the newest last
	count int
	timer *time.Timer // closes what is too old; nil: there is nothing
}

// take returns the newest connection to an address, nil where there is none.
func (i *leanIdle) take(address string) *leanConn {
	i.mu.Lock()
	defer i.mu.Unlock()
	list := i.list[address]
	if len(list) == 0 {
		return nil
	}
	c := list[len(list)-1]
	list[len(list)-1] = nil
	i.list[address] = list[:len(list)-1]
	i.count--
	if time.Since(c.since) >= idleTimeout {
		_ = c.Close()
		return nil
	}
	return c // the caller finds out whether it is silent
}

// put keeps a connection, unless there are enough.
func (i *leanIdle) put(c *leanConn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.list[c.address]) >= idlePerHost || i.count >= maxIdle {
		_ = c.Close()
		return
	}
	if i.list == nil {
		i.list = map[string][]*leanConn{}
	}
	c.since = time.Now()
	i.list[c.address] = append(i.list[c.address], c)
	i.count++
	if i.timer == nil {
		i.timer = time.AfterFunc(idleTimeout, func() { i.drop(idleTimeout) })
	}
}

// drop closes connections that were not used for so long.
func (i *leanIdle) drop(age time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for address, list := range i.list {
		kept := list[:0]
		for _, c := range list {
			if time.Since(c.since) < age {
				kept = append(kept, c)
				continue
			}
			_ = c.Close()
			i.count--
		}
		clear(list[len(kept):])
		if i.list[address] = kept; len(kept) == 0 {
			delete(i.list, address)
		}
	}
	if i.timer != nil {
		i.timer.Stop()
	}
	i.timer = nil
	if i.count > 0 {
		i.timer = time.AfterFunc(idleTimeout/2, func() { i.drop(idleTimeout) })
	}
}

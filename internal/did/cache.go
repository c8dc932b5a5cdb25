// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"container/list"
	"time"
)

// entry is a document or a verdict.
type entry struct {
	did      string
	document *Document
	err      error
	asked    time.Time // when it was last fetched, or tried to be
	until    time.Time
	again    bool // to be fetched once more
	size     int  // bytes
}

// cache keeps what was used last. It is bounded by the number of entries and,
// as one document may be large, by their bytes.
type cache struct {
	max, maxBytes int
	bytes         int
	byDID         map[string]*list.Element
	order         *list.List // of *entry, used last in front
}

// bytesPerEntry is what a document with a few keys has, and its DID.
const bytesPerEntry = 4 << 10

func newCache(limit int) *cache {
	return &cache{max: limit, maxBytes: max(limit*bytesPerEntry, maxDocument+maxDID), byDID: map[string]*list.Element{}, order: list.New()}
}

func (c *cache) get(did string) *entry {
	element := c.byDID[did]
	if element == nil {
		return nil
	}
	c.order.MoveToFront(element)
	return element.Value.(*entry)
}

func (c *cache) put(e *entry) {
	c.remove(c.byDID[e.did])
	c.byDID[e.did] = c.order.PushFront(e)
	c.bytes += e.size
	for c.order.Len() > c.max || c.bytes > c.maxBytes {
		c.remove(c.order.Back())
	}
}

func (c *cache) remove(element *list.Element) {
	if element == nil {
		return
	}
	e := c.order.Remove(element).(*entry)
	delete(c.byDID, e.did)
	c.bytes -= e.size
}

// keep remembers how a flight ended. One that reached nobody leaves the cache
// as it is: the document there, if any, is believed up to its end.
func (w *Web) keep(f *flight, now time.Time, size int) {
	e := &entry{did: f.did, document: f.document, err: f.err, asked: now, size: len(f.did)}
	switch {
	case f.err == nil:
		e.until, e.size = now.Add(w.cfg.TTL), e.size+size
	case verdict(f.err):
		e.until = now.Add(min(verdictTTL, w.cfg.TTL))
	default:
		if before := w.cache.get(f.did); before != nil {
			before.again, before.asked = false, now
		}
		return
	}
	w.cache.put(e)
}

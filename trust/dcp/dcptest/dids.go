// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/musubi-ods/musubi/internal/did"
)

// DIDs is a did.Resolver over documents in memory.
type DIDs struct {
	// OnRefresh, if set, is called when a newer document is asked for, as
	// *did.Web allows; it reports whether one may be there.
	OnRefresh func(id string) bool

	clock *Clock
	mu    sync.Mutex
	docs  map[string]any // a Document, or []byte
	errs  map[string]error
	count int
}

func newDIDs(clock *Clock) *DIDs {
	return &DIDs{clock: clock, docs: map[string]any{}, errs: map[string]error{}}
}

// Put publishes a document: a Document, or its text as []byte. nil takes it
// away.
func (d *DIDs) Put(id string, document any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.errs, id)
	if document == nil {
		delete(d.docs, id)
		return
	}
	d.docs[id] = document
}

// Fail makes a DID's resolution fail, until Put.
func (d *DIDs) Fail(id string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.errs[id] = err
}

// Count returns how often a document was asked for.
func (d *DIDs) Count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count
}

// Raw returns a published document's text.
func (d *DIDs) Raw(id string) ([]byte, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch document := d.docs[id].(type) {
	case nil:
		return nil, false
	case []byte:
		return document, true
	default:
		raw, err := json.Marshal(document)
		return raw, err == nil
	}
}

// Resolve implements did.Resolver, with the syntax rules of did:web.
func (d *DIDs) Resolve(ctx context.Context, id string) (*did.Document, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", did.ErrUnreachable, ctx.Err())
	}
	d.mu.Lock()
	d.count++
	err := d.errs[id]
	d.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if _, err := did.WebURL(id, false); err != nil {
		return nil, err
	}
	raw, ok := d.Raw(id)
	if !ok {
		return nil, did.ErrNotFound
	}
	document, err := did.ParseDocument(raw, id)
	if err != nil {
		return nil, err
	}
	document.Fetched = d.clock.Now()
	return document, nil
}

// Refresh is what *did.Web has to forget a document.
func (d *DIDs) Refresh(id string) bool { return d.OnRefresh != nil && d.OnRefresh(id) }

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"iter"
	"sync"

	"github.com/musubi-ods/musubi/catalog"
)

// edits tells who keeps a verdict that something it rests on was edited in this
// process: an offer, a relation, an agreement. Other replicas find out when
// they look again, within a second.
type edits struct {
	mu   sync.Mutex
	next map[string]chan struct{} // by participant
}

// watch returns a channel that is closed at the next edit.
func (e *edits) watch(contextID string) <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.next == nil {
		e.next = map[string]chan struct{}{}
	}
	ch, ok := e.next[contextID]
	if !ok {
		ch = make(chan struct{})
		e.next[contextID] = ch
	}
	return ch
}

// edited is called after each edit. It returns err.
func (e *edits) edited(contextID string, err error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if ch, ok := e.next[contextID]; ok && err == nil {
		close(ch)
		delete(e.next, contextID)
	}
	return err
}

// editedCatalogs is a store of catalogues that tells of edits.
type editedCatalogs struct {
	catalog.Store
	edits *edits
}

func (s editedCatalogs) Publish(ctx context.Context, contextID string, b catalog.Batch) error {
	return s.edits.edited(contextID, s.Store.Publish(ctx, contextID, b))
}

func (s editedCatalogs) PublishAll(ctx context.Context, contextID string, batches iter.Seq2[catalog.Batch, error]) error {
	return s.edits.edited(contextID, s.Store.PublishAll(ctx, contextID, batches))
}

func (s editedCatalogs) Withdraw(ctx context.Context, contextID string, assetIDs, offerIDs []string) error {
	return s.edits.edited(contextID, s.Store.Withdraw(ctx, contextID, assetIDs, offerIDs))
}

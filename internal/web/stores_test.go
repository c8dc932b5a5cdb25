// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// stores keeps everything of every participant in maps, behind one lock.
type stores struct {
	*memory.Store
	commits      chan string // contexts of commits, as far as somebody reads them
	mu           sync.Mutex
	broken       error // what everything answers, if set
	participants map[string]trust.Participant
	peers        map[[2]string]trust.Peer
	agreements   map[[2]string]negotiation.Agreement
	assets       map[[2]string]catalog.Asset
	offers       map[[2]string]catalog.Offer
}

func newStores() *stores {
	return &stores{
		Store: memory.New(), commits: make(chan string, 1000), participants: map[string]trust.Participant{}, peers: map[[2]string]trust.Peer{},
		agreements: map[[2]string]negotiation.Agreement{}, assets: map[[2]string]catalog.Asset{}, offers: map[[2]string]catalog.Offer{},
	}
}

func lookUp[V any](s *stores, m map[[2]string]V, contextID, id string, missing error) (V, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := m[[2]string{contextID, id}]
	switch {
	case s.broken != nil:
		return v, s.broken
	case !ok:
		return v, missing
	}
	return v, nil
}

// sorted returns what one participant has, in order of id.
func sorted[V any](s *stores, m map[[2]string]V, contextID string) []V {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []V
	for _, k := range slices.SortedFunc(maps.Keys(m), func(a, b [2]string) int { return cmp.Compare(a[1], b[1]) }) {
		if k[0] == contextID {
			out = append(out, m[k])
		}
	}
	return out
}

func (s *stores) Participant(_ context.Context, contextID string) (trust.Participant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.participants[contextID]
	switch {
	case s.broken != nil:
		return p, s.broken
	case !ok:
		return p, trust.ErrUnknownParticipant
	}
	return p, nil
}

func (s *stores) Participants(context.Context) ([]trust.Participant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.participants), func(a, b trust.Participant) int { return cmp.Compare(a.Context, b.Context) }), nil
}

func (s *stores) PutParticipant(_ context.Context, p trust.Participant) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.participants[p.Context] = p
	return nil
}

func (s *stores) Peer(_ context.Context, contextID, id string) (trust.Peer, error) {
	return lookUp(s, s.peers, contextID, id, trust.ErrUnknownPeer)
}

func (s *stores) Peers(_ context.Context, contextID string) ([]trust.Peer, error) {
	return sorted(s, s.peers, contextID), s.broken
}

func (s *stores) PutPeer(_ context.Context, contextID string, p trust.Peer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers[[2]string{contextID, p.ID}] = p
	return nil
}

func (s *stores) DeletePeer(ctx context.Context, contextID, id string) error {
	if _, err := s.Peer(ctx, contextID, id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, [2]string{contextID, id})
	return nil
}

func (s *stores) Agreement(_ context.Context, contextID, id string) (negotiation.Agreement, error) {
	return lookUp(s, s.agreements, contextID, id, negotiation.ErrNoAgreement)
}

func (s *stores) Agreements(_ context.Context, contextID string, _ negotiation.AgreementQuery) ([]negotiation.Agreement, error) {
	return sorted(s, s.agreements, contextID), nil
}

func (s *stores) PutAgreement(ctx context.Context, a negotiation.Agreement) error {
	if _, err := s.Agreement(ctx, a.Context, a.ID); err == nil {
		return negotiation.ErrAgreementExists
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agreements[[2]string{a.Context, a.ID}] = a
	return nil
}

func (s *stores) EndAgreement(ctx context.Context, contextID, id string, e negotiation.End) error {
	a, err := s.Agreement(ctx, contextID, id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !a.Ended.IsZero() {
		return negotiation.ErrAgreementEnded
	}
	a.Ended, a.EndedBy, a.EndReason = e.At, e.By, e.Reason
	s.agreements[[2]string{contextID, id}] = a
	return nil
}

// For keeps the agreements that steps write, which the process store does not
// know.
func (s *stores) For(contextID string) engine.Processes {
	return &processes{s.Store.For(contextID), s}
}

type processes struct {
	engine.Processes
	s *stores
}

func (p *processes) Commit(ctx context.Context, c engine.Commit) error {
	writes := c.Writes
	c.Writes = nil
	p.s.mu.Lock() // who sees the step and asks for its rows waits for them
	defer p.s.mu.Unlock()
	if err := p.Processes.Commit(ctx, c); err != nil {
		return err
	}
	select {
	case p.s.commits <- c.Record.Context:
	default:
	}
	for _, w := range writes {
		switch w := w.(type) {
		case negotiation.SaveAgreement:
			p.s.agreements[[2]string{w.Agreement.Context, w.Agreement.ID}] = w.Agreement
		case negotiation.FinalizeAgreement:
			a := p.s.agreements[[2]string{w.Context, w.ID}]
			a.Final = true
			p.s.agreements[[2]string{w.Context, w.ID}] = a
		}
	}
	return nil
}

func (s *stores) PublishAll(ctx context.Context, contextID string, batches iter.Seq2[catalog.Batch, error]) error {
	all, err := catalog.Gather(batches)
	if err != nil {
		return err
	}
	return s.Publish(ctx, contextID, all)
}

func (s *stores) Publish(ctx context.Context, contextID string, b catalog.Batch) error {
	for _, o := range b.Offers {
		for _, id := range o.Assets.IDs {
			_, err := s.Asset(ctx, contextID, id)
			if err != nil && !slices.ContainsFunc(b.Assets, func(a catalog.Asset) bool { return a.ID == id }) {
				return &catalog.UnknownAssetError{Offer: o.ID, Asset: id}
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range b.Assets {
		a.Source.Headers = maps.Clone(a.Source.Headers)
		s.assets[[2]string{contextID, a.ID}] = a
	}
	for _, o := range b.Offers {
		s.offers[[2]string{contextID, o.ID}] = o
	}
	return nil
}

func (s *stores) Withdraw(ctx context.Context, contextID string, assets, offers []string) error {
	for _, id := range assets {
		if _, err := s.Asset(ctx, contextID, id); err != nil {
			return err
		}
	}
	for _, id := range offers {
		if _, err := s.Offer(ctx, contextID, id); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range assets {
		delete(s.assets, [2]string{contextID, id})
	}
	for _, id := range offers {
		delete(s.offers, [2]string{contextID, id})
	}
	return nil
}

func (s *stores) Asset(_ context.Context, contextID, id string) (catalog.Asset, error) {
	a, err := lookUp(s, s.assets, contextID, id, catalog.ErrNotFound)
	a.Source.Headers = maps.Clone(a.Source.Headers)
	return a, err
}

func (s *stores) Assets(_ context.Context, contextID, after string, limit int) ([]catalog.Asset, error) {
	return beyond(sorted(s, s.assets, contextID), func(a catalog.Asset) string { return a.ID }, after, limit), nil
}

func (s *stores) Offer(_ context.Context, contextID, id string) (catalog.Offer, error) {
	return lookUp(s, s.offers, contextID, id, catalog.ErrNotFound)
}

func (s *stores) Offers(_ context.Context, contextID, after string, limit int) ([]catalog.Offer, error) {
	return beyond(sorted(s, s.offers, contextID), func(o catalog.Offer) string { return o.ID }, after, limit), nil
}

func beyond[V any](all []V, id func(V) string, after string, limit int) []V {
	all = slices.DeleteFunc(all, func(v V) bool { return id(v) <= after })
	return all[:min(limit, len(all))]
}

func (s *stores) AccessHashes(_ context.Context, contextID string) ([]string, error) {
	var hashes []string
	for _, o := range sorted(s, s.offers, contextID) {
		hashes = append(hashes, o.Access.Hash())
	}
	slices.Sort(hashes)
	return slices.Compact(hashes), s.broken
}

func (s *stores) Policies(_ context.Context, contextID string, hashes []string) (map[string]policy.Policy, error) {
	out := map[string]policy.Policy{}
	for _, o := range sorted(s, s.offers, contextID) {
		for _, p := range []policy.Policy{o.Access, o.Usage} {
			if slices.Contains(hashes, p.Hash()) {
				out[p.Hash()] = p
			}
		}
	}
	return out, nil
}

func (s *stores) Datasets(ctx context.Context, contextID string, q catalog.DatasetQuery) (rows []catalog.Row, more bool, err error) {
	for _, a := range sorted(s, s.assets, contextID) {
		row, err := s.Dataset(ctx, contextID, a.ID, q.Access)
		if err == nil && q.Filter.Matches(a) && (q.Cursor == nil || a.ID > q.Cursor.ID) {
			rows = append(rows, row)
		}
	}
	rows = rows[min(q.Offset, len(rows)):]
	return rows[:min(q.Limit, len(rows))], len(rows) > q.Limit, nil
}

func (s *stores) Dataset(ctx context.Context, contextID, id string, access []string) (catalog.Row, error) {
	a, err := s.Asset(ctx, contextID, id)
	if err != nil {
		return catalog.Row{}, err
	}
	row := catalog.Row{Asset: a}
	row.Asset.Source, row.Asset.Labels = catalog.Source{}, nil
	for _, o := range sorted(s, s.offers, contextID) {
		if o.Assets.Matches(a) && slices.Contains(access, o.Access.Hash()) {
			row.Offers = append(row.Offers, catalog.RowOffer{ID: o.ID, Assets: o.Assets, Usage: o.Usage.Hash()})
		}
	}
	if len(row.Offers) == 0 {
		return catalog.Row{}, catalog.ErrNotFound
	}
	return row, nil
}

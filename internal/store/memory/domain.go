// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust"
)

// domain is what a participant keeps beside its processes. Secrets are in the
// clear: nothing of it reaches a disk.
type domain struct {
	participant *trust.Participant
	peers       map[string]trust.Peer
	keys        []trust.SealedKey // oldest first
	agreements  map[string]negotiation.Agreement
	assets      map[string]catalog.Asset
	offers      map[string]offer
	policies    map[string][]byte // canonical, by hash
	holdings    map[string]sink.Holding
	jobs        map[jobKey]transfer.Job
	meters      map[string]*meter // by agreement
	relations   map[relationKey]trust.Relation
	moved       map[partKey]moved
	told        map[toldKey]time.Time
	bodies      map[string]evidence.Body   // that have rows of their own, by id
	access      map[string]transfer.Access // by process
	secrets     map[string]secret          // by name
	planes      map[string][]byte          // registered data planes, by id
	identity
}

// look calls f with what a participant keeps, under the mutex. A participant
// that nobody wrote to keeps nothing, and is not remembered.
func (s *Store) look(context string, f func(*domain)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pt := s.parts[context]
	if pt == nil {
		pt = &part{}
	}
	f(&pt.domain)
}

// change calls f with what a participant keeps and may change, if check passes.
func (s *Store) change(context string, check error, f func(*domain) error) error {
	if check != nil {
		return check
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(&s.part(context).domain)
}

// set puts into a map that may be nil.
func set[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}

// Participant implements trust.ParticipantStore.
func (s *Store) Participant(_ context.Context, contextID string) (p trust.Participant, err error) {
	err = trust.ErrUnknownParticipant
	s.look(contextID, func(d *domain) {
		if d.participant != nil {
			p, err = cloneParticipant(*d.participant), nil
		}
	})
	return p, err
}

// Participants implements trust.ParticipantStore.
func (s *Store) Participants(context.Context) (list []trust.Participant, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		if p := s.parts[name].participant; p != nil {
			list = append(list, cloneParticipant(*p))
		}
	}
	return list, nil
}

// PutParticipant implements trust.ParticipantStore.
func (s *Store) PutParticipant(_ context.Context, p trust.Participant) error {
	p = cloneParticipant(p)
	return s.change(p.Context, rule.Participant(p), func(d *domain) error {
		d.participant = &p
		return nil
	})
}

func cloneParticipant(p trust.Participant) trust.Participant {
	p.Settings = slices.Clone(rule.Settings(p))
	return p
}

// Peer implements trust.PeerStore.
func (s *Store) Peer(_ context.Context, contextID, id string) (p trust.Peer, err error) {
	err = trust.ErrUnknownPeer
	s.look(contextID, func(d *domain) {
		if known, ok := d.peers[id]; ok {
			p, err = known, nil
		}
	})
	return p, err
}

// Peers implements trust.PeerStore.
func (s *Store) Peers(_ context.Context, contextID string) (list []trust.Peer, err error) {
	s.look(contextID, func(d *domain) {
		for _, id := range slices.Sorted(maps.Keys(d.peers)) {
			list = append(list, d.peers[id])
		}
	})
	return list, nil
}

// PutPeer implements trust.PeerStore.
func (s *Store) PutPeer(_ context.Context, contextID string, p trust.Peer) error {
	return s.change(contextID, rule.Peer(contextID, p), func(d *domain) error {
		set(&d.peers, p.ID, p)
		return nil
	})
}

// DeletePeer implements trust.PeerStore.
func (s *Store) DeletePeer(_ context.Context, contextID, id string) (err error) {
	s.look(contextID, func(d *domain) {
		if _, ok := d.peers[id]; !ok {
			err = trust.ErrUnknownPeer
		}
		delete(d.peers, id)
	})
	return err
}

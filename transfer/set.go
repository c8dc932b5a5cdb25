// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"cmp"
	"hash/fnv"
	"slices"
	"sync"
)

// Set is a Fleet: planes that are built in, one for each format and role, and
// any number of others, by name. It may be used by several goroutines.
type Set struct {
	mu      sync.RWMutex
	builtin map[[2]string]DataPlane
	members map[memberKey]Member
}

type memberKey struct{ context, name string }

// Member is a data plane of a Set that has a name.
type Member struct {
	Name    string
	Context string   // of the participant; empty: of all
	Formats []string // DPS: profiles
	Roles   []string // consumer, provider; none: both
	Labels  []string
	Plane   DataPlane
	// Ready, if set, reports whether it may be given a new flow. It is called
	// often.
	Ready func() bool
	// Retired: it keeps the flows that it has and is given no other.
	Retired bool
}

// NewSet returns a Set without any plane.
func NewSet() *Set {
	return &Set{builtin: map[[2]string]DataPlane{}, members: map[memberKey]Member{}}
}

// Builtin serves a format in a role by p.
func (s *Set) Builtin(format, role string, p DataPlane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.builtin[[2]string{format, role}] = p
}

// Put adds a member, or replaces the one of its context and name.
func (s *Set) Put(m Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members[memberKey{m.Context, m.Name}] = m
}

// Remove takes a member out; flows that it has find no plane any more.
func (s *Set) Remove(contextID, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.members, memberKey{contextID, name})
}

// Members are those of a participant, in order of their names: its own ones, and
// those of all whose name none of these has.
func (s *Set) Members(contextID string) []Member {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []Member
	for key, m := range s.members {
		_, own := s.members[memberKey{contextID, key.name}]
		if key.context == contextID || key.context == "" && !own {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// Plane implements Planes: the built-in plane, else the first of the others.
func (s *Set) Plane(contextID, format, role string) (DataPlane, bool) {
	s.mu.RLock()
	p, ok := s.builtin[[2]string{format, role}]
	s.mu.RUnlock()
	if ok {
		return p, true
	}
	for _, m := range s.Members(contextID) {
		if m.serves(Flow{Format: format, Role: role}) {
			return m.Plane, true
		}
	}
	return nil, false
}

// Choose implements Fleet. A member that has all labels of the flow comes before
// the built-in plane, which has none, and one that is ready before one that is
// not. Among equals the process decides, so that they share the work.
func (s *Set) Choose(f Flow) (string, bool) {
	var ready, all []Member
	for _, m := range s.Members(f.Context) {
		if !m.serves(f) {
			continue
		}
		all = append(all, m)
		if m.Ready == nil || m.Ready() {
			ready = append(ready, m)
		}
	}
	if len(ready) == 0 {
		ready = all // its calls are repeated until it is there again
	}
	if len(ready) > 0 {
		h := fnv.New32a()
		_, _ = h.Write([]byte(f.Process)) // never fails
		return ready[h.Sum32()%uint32(len(ready))].Name, true
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.builtin[[2]string{f.Format, f.Role}]
	return "", ok && len(f.Labels) == 0
}

func (m Member) serves(f Flow) bool {
	for _, l := range f.Labels {
		if !slices.Contains(m.Labels, l) {
			return false
		}
	}
	return !m.Retired && slices.Contains(m.Formats, f.Format) && (len(m.Roles) == 0 || slices.Contains(m.Roles, f.Role))
}

// Named implements Fleet. A participant's own plane comes before one of all.
func (s *Set) Named(contextID, name string) (DataPlane, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	m, ok := s.members[memberKey{contextID, name}]
	if !ok {
		m, ok = s.members[memberKey{"", name}]
	}
	return m.Plane, ok
}

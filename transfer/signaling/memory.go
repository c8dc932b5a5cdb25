// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Memory is Flows, ControlPlanes and Untold that are gone with the process. The
// zero value is empty.
type Memory struct {
	mu      sync.Mutex
	flows   map[[2]string]*kept // by control plane and id
	process map[[2]string]*kept // by participant's context and process
	planes  map[string][]byte   // control planes, by id
	moved   map[partKey][]byte
	judges  map[string]bool // control planes that give verdicts
}

// kept is a flow as text, so that nobody shares memory with what is kept.
type kept struct {
	Flow
	text []byte
}

var (
	_ Flows         = (*Memory)(nil)
	_ ControlPlanes = (*Memory)(nil)
)

// Flow implements Flows.
func (m *Memory) Flow(_ context.Context, controlPlane, id string) (Flow, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.flows[[2]string{controlPlane, id}].read()
}

// FlowOf implements Flows.
func (m *Memory) FlowOf(_ context.Context, contextID, process string) (Flow, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.process[[2]string{contextID, process}].read()
}

func (k *kept) read() (f Flow, err error) {
	if k == nil {
		return f, ErrNoFlow
	}
	err = json.Unmarshal(k.text, &f)
	return f, err
}

// AddFlow implements Flows.
func (m *Memory) AddFlow(_ context.Context, f Flow) error {
	k, err := keep(f)
	switch {
	case err != nil:
		return err
	case f.Version != 1:
		return ErrFlow
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	byID, byProcess := [2]string{f.ControlPlane, f.ID}, [2]string{f.Asked.Context, f.Asked.Process}
	if m.flows[byID] != nil || m.process[byProcess] != nil {
		return ErrFlowExists
	}
	if m.flows == nil {
		m.flows, m.process = map[[2]string]*kept{}, map[[2]string]*kept{}
	}
	m.flows[byID], m.process[byProcess] = k, k
	return nil
}

// PutFlow implements Flows.
func (m *Memory) PutFlow(_ context.Context, f Flow) error {
	k, err := keep(f)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.flows[[2]string{f.ControlPlane, f.ID}]
	if was == nil || was.Version != f.Version-1 || was.Asked.Context != f.Asked.Context || was.Asked.Process != f.Asked.Process {
		return ErrFlowChanged
	}
	*was = *k
	return nil
}

func keep(f Flow) (*kept, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	for _, at := range []*time.Time{&f.Due, &f.Began, &f.Changed} {
		*at = at.UTC().Truncate(time.Microsecond)
	}
	text, err := json.Marshal(f)
	return &kept{Flow: f, text: text}, err
}

// DueFlows implements Flows.
func (m *Memory) DueFlows(_ context.Context, now time.Time, limit int) ([]Flow, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var due []*kept
	for _, k := range m.flows {
		if !k.Due.IsZero() && !k.Due.After(now) {
			due = append(due, k)
		}
	}
	slices.SortFunc(due, func(a, b *kept) int { return a.Due.Compare(b.Due) })
	list := make([]Flow, min(len(due), max(limit, 0)))
	for i := range list {
		var err error
		if list[i], err = due[i].read(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// NextFlow implements Flows.
func (m *Memory) NextFlow(context.Context) (next time.Time, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.flows {
		if !k.Due.IsZero() && (next.IsZero() || k.Due.Before(next)) {
			next = k.Due
		}
	}
	return next, nil
}

// DropFlows implements Flows.
func (m *Memory) DropFlows(_ context.Context, before time.Time, limit int) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, k := range m.flows {
		if n < limit && k.droppable(before) {
			delete(m.flows, id)
			delete(m.process, [2]string{k.Asked.Context, k.Asked.Process})
			n++
		}
	}
	return n, nil
}

// PutJudge implements Flows.
func (m *Memory) PutJudge(_ context.Context, controlPlane string) error {
	if controlPlane == "" {
		return fmt.Errorf("%w: a control plane without an id", ErrFlow)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.judges == nil {
		m.judges = map[string]bool{}
	}
	m.judges[controlPlane] = true
	return nil
}

// Judge implements Flows.
func (m *Memory) Judge(_ context.Context, controlPlane string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.judges[controlPlane], nil
}

// ControlPlane implements ControlPlanes.
func (m *Memory) ControlPlane(_ context.Context, id string) (c ControlRegistration, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, ok := m.planes[id]
	if !ok {
		return c, ErrNoControlPlane
	}
	err = json.Unmarshal(text, &c)
	return c, err
}

// PutControlPlane implements ControlPlanes.
func (m *Memory) PutControlPlane(_ context.Context, c ControlRegistration) error {
	if c.ControlplaneID == "" {
		return fmt.Errorf("%w: a control plane without an id", ErrFlow)
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.planes == nil {
		m.planes = map[string][]byte{}
	}
	m.planes[c.ControlplaneID] = text
	return nil
}

// DropControlPlane implements ControlPlanes.
func (m *Memory) DropControlPlane(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.planes, id)
	return nil
}

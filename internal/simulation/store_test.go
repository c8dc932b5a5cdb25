// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"

	"github.com/musubi-ods/musubi/internal/engine"
)

// guarded is a side's store as one incarnation of its process sees it: each
// write has a point before and a point after it where the process may stop or
// another activity go on, and after the end of the incarnation nothing works.
type guarded struct {
	engine.Store // what is written here stays
	side         *side
	life         int
}

func (g *guarded) alive() bool { return g.side.up && g.side.life == g.life }

// For implements engine.Store.
func (g *guarded) For(context string) engine.Processes {
	return &guardedProcesses{g.Store.For(context), g}
}

// Release implements engine.Store.
func (g *guarded) Release(ctx context.Context, w engine.Work) error {
	g.side.world.pause()
	if !g.alive() {
		return errCrashed
	}
	return g.Store.Release(ctx, w)
}

type guardedProcesses struct {
	engine.Processes
	g *guarded
}

// Load implements engine.Processes.
func (p *guardedProcesses) Load(ctx context.Context, id string) (engine.Record, error) {
	if !p.g.alive() {
		return engine.Record{}, errCrashed
	}
	return p.Processes.Load(ctx, id)
}

// LoadFor implements engine.Processes.
func (p *guardedProcesses) LoadFor(ctx context.Context, id, messageID string) (engine.Record, bool, error) {
	if !p.g.alive() {
		return engine.Record{}, false, errCrashed
	}
	return p.Processes.LoadFor(ctx, id, messageID)
}

// ByPeer implements engine.Processes.
func (p *guardedProcesses) ByPeer(ctx context.Context, kind engine.Kind, peer, peerPID string) (engine.Record, error) {
	if !p.g.alive() {
		return engine.Record{}, errCrashed
	}
	return p.Processes.ByPeer(ctx, kind, peer, peerPID)
}

// History implements engine.Processes.
func (p *guardedProcesses) History(ctx context.Context, id string) ([]engine.Exchange, error) {
	if !p.g.alive() {
		return nil, errCrashed
	}
	return p.Processes.History(ctx, id)
}

// Commit implements engine.Processes.
func (p *guardedProcesses) Commit(ctx context.Context, c engine.Commit) error {
	s := p.g.side
	s.world.pause()
	if !p.g.alive() {
		return errCrashed
	}
	before, err := p.Processes.Load(ctx, c.Record.ID)
	if err != nil && !errors.Is(err, engine.ErrNotFound) {
		return err
	}
	if err := s.keep(ctx, p.Processes, c); err != nil {
		s.world.sayf("%s: commit refused: %v", s.name, err)
		return err
	}
	s.committed(before, c) //nolint:contextcheck // there is one context, background
	s.world.pause()
	if !p.g.alive() {
		return errCrashed
	}
	return nil
}

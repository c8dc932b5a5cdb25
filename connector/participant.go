// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// Participant is one company of this connector, and what it can do. It is a
// handle: cheap, without a state of its own, for any number of goroutines.
type Participant struct {
	c       *Connector
	context string
}

// Context returns the participant's slug.
func (p *Participant) Context() string { return p.context }

// Info returns the participant as it is stored.
func (p *Participant) Info(ctx context.Context) (trust.Participant, error) {
	return p.c.store.Participant(ctx, p.context)
}

// PutPeer adds or replaces a counterparty.
func (p *Participant) PutPeer(ctx context.Context, peer PeerConfig) error {
	own, err := p.Info(ctx)
	if err != nil {
		return err
	}
	if err := peer.validate(own.Profile); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if peer.WithoutRules == "refuse" {
		peer.WithoutRules = "" // by its name
	}
	return p.c.identity.peers.PutPeer(ctx, p.context, trust.Peer{
		ID: peer.ID, URL: trimBase(peer.URL), Inbound: string(peer.Inbound), Outbound: string(peer.Outbound),
		Conformance: peer.Conformance, FormatNames: peer.FormatNames, WithoutRules: peer.WithoutRules,
	})
}

// Publish writes assets and offers, all or none.
func (p *Participant) Publish(ctx context.Context, assets []catalog.Asset, offers []catalog.Offer) error {
	_, err := p.c.catalog.Publish(ctx, p.context, assets, offers)
	return err
}

// PublishAll is Publish for any number, all or none of them: batches need not
// fit in memory together, and may be gone through several times. See
// docs/catalogue.md for what it costs.
func (p *Participant) PublishAll(ctx context.Context, batches iter.Seq2[catalog.Batch, error]) (catalog.Counts, error) {
	return p.c.catalog.PublishAll(ctx, p.context, batches)
}

// Withdraw removes assets and offers, all or none. Agreements stay as they are.
func (p *Participant) Withdraw(ctx context.Context, assets, offers []string) error {
	return p.c.catalog.Withdraw(ctx, p.context, assets, offers)
}

// Catalog asks a peer for its catalogue.
func (p *Participant) Catalog(ctx context.Context, peer string) (catalog.PeerCatalog, error) {
	return p.c.client.Catalog(ctx, p.context, peer, nil)
}

// Dataset asks a peer for one dataset.
func (p *Participant) Dataset(ctx context.Context, peer, id string) (catalog.Dataset, error) {
	return p.c.client.Dataset(ctx, p.context, peer, id)
}

// Negotiate opens a negotiation as consumer.
func (p *Participant) Negotiate(ctx context.Context, proposal negotiation.Proposal) (negotiation.Negotiation, error) {
	return p.c.negotiations.Open(ctx, p.context, proposal)
}

// Propose opens a negotiation as provider.
func (p *Participant) Propose(ctx context.Context, proposal negotiation.Proposal) (negotiation.Negotiation, error) {
	return p.c.negotiations.Propose(ctx, p.context, proposal)
}

// Negotiation returns one with its history.
func (p *Participant) Negotiation(ctx context.Context, id string) (negotiation.Negotiation, error) {
	return p.c.negotiations.Get(ctx, p.context, id)
}

// Negotiations lists, newest first.
func (p *Participant) Negotiations(ctx context.Context, f negotiation.Filter) ([]negotiation.Negotiation, error) {
	return p.c.negotiations.List(ctx, p.context, f)
}

// Act does in a negotiation what a user decided.
func (p *Participant) Act(ctx context.Context, id string, d negotiation.Decision) (negotiation.Negotiation, error) {
	return p.c.negotiations.Act(ctx, p.context, id, d)
}

// Approve goes along with what the peer said.
func (p *Participant) Approve(ctx context.Context, id string) (negotiation.Negotiation, error) {
	return p.c.negotiations.Approve(ctx, p.context, id)
}

// Agreement returns one by its id.
func (p *Participant) Agreement(ctx context.Context, id string) (negotiation.Agreement, error) {
	return p.c.store.Agreement(ctx, p.context, id)
}

// Agreements lists those that q selects, newest first, at most a page of them.
func (p *Participant) Agreements(ctx context.Context, q negotiation.AgreementQuery) ([]negotiation.Agreement, error) {
	q.Limit = negotiation.Page(q.Limit)
	return p.c.store.Agreements(ctx, p.context, q)
}

// EndAgreement ends one on our side, and every transfer under it: the peer is
// given the reason with their terminations.
func (p *Participant) EndAgreement(ctx context.Context, id, reason string) (negotiation.Agreement, error) {
	return p.c.endAgreement(ctx, p.context, id, reason)
}

// ImportAgreement keeps an agreement that was concluded elsewhere.
func (p *Participant) ImportAgreement(ctx context.Context, i negotiation.Imported) (negotiation.Agreement, error) {
	return p.c.negotiations.Import(ctx, p.context, i)
}

// Request asks for a transfer under an agreement.
func (p *Participant) Request(ctx context.Context, a transfer.RequestArgs) (transfer.Process, error) {
	return p.c.transfers.Request(ctx, p.context, a)
}

// Transfer returns one with its history.
func (p *Participant) Transfer(ctx context.Context, id string) (transfer.Process, error) {
	return p.c.transfers.Get(ctx, p.context, id)
}

// Transfers lists, newest first.
func (p *Participant) Transfers(ctx context.Context, f transfer.Filter) ([]transfer.Process, error) {
	return p.c.transfers.List(ctx, p.context, f)
}

// ActTransfer does in a transfer what a user decided.
func (p *Participant) ActTransfer(ctx context.Context, id string, d negotiation.Decision) (transfer.Process, error) {
	return p.c.transfers.Act(ctx, p.context, id, d)
}

// ErrTimeout: what was awaited did not happen in time. The process goes on.
var ErrTimeout = errors.New("not yet")

// AwaitNegotiation waits until done says so, at most for the time given, and
// returns the negotiation as it is then. done is not given its history.
func (p *Participant) AwaitNegotiation(ctx context.Context, id string, limit time.Duration, done func(negotiation.Negotiation) bool) (negotiation.Negotiation, error) {
	var n negotiation.Negotiation
	err := p.await(ctx, id, limit, func(r engine.Record) (bool, error) {
		var err error
		n, err = negotiation.Of(r)
		return err == nil && done(n), err
	})
	if err == nil {
		n.History, err = p.c.negotiations.History(ctx, p.context, id)
	}
	return n, err
}

// AwaitTransfer is AwaitNegotiation for a transfer, which done is given with its
// history.
func (p *Participant) AwaitTransfer(ctx context.Context, id string, limit time.Duration, done func(transfer.Process) bool) (transfer.Process, error) {
	var t transfer.Process
	err := p.await(ctx, id, limit, func(engine.Record) (bool, error) {
		var err error
		t, err = p.Transfer(ctx, id)
		return err == nil && done(t), err
	})
	return t, err
}

// await looks again at every commit of the process.
func (p *Participant) await(ctx context.Context, id string, limit time.Duration, look func(engine.Record) (bool, error)) error {
	until, at, seen := p.c.now().Add(limit), engine.Change{Context: p.context, Process: id}, int64(0)
	for {
		r, err := p.c.runner.Load(ctx, at)
		if err == nil && r.Version <= seen { // it was changed elsewhere
			r, err = p.c.store.For(p.context).Load(ctx, id)
		}
		if err != nil {
			return err
		}
		seen = r.Version
		if ok, err := look(r); ok || err != nil {
			return err
		}
		if !p.c.runner.Await(ctx, at, r.Version, until) {
			if err := ctx.Err(); err != nil {
				return err
			}
			return fmt.Errorf("%w: %s", ErrTimeout, id)
		}
	}
}

// Pull reads the data of a started pull transfer from the provider's data
// plane. Close the reader.
func (p *Participant) Pull(ctx context.Context, id string) (io.ReadCloser, error) {
	return p.c.pull(ctx, p.context, id)
}

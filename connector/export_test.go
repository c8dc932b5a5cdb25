// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// WithEgress changes the way out.
func WithEgress(change func(*safehttp.Config)) Option { return func(o *options) { o.egress = change } }

// Chores does now what wallet and issuer have to do.
func (c *Connector) Chores(ctx context.Context) error {
	_, wallet := c.identity.holder.Work(ctx)
	_, issuer := c.identity.issuer.Work(ctx)
	return errors.Join(wallet, issuer)
}

// Announce registers with all control planes now, and takes what they answer.
func (p *DataPlane) Announce(ctx context.Context) (err error) {
	for _, c := range p.registrations() {
		_, failed := c.do(ctx)
		err = errors.Join(err, failed)
	}
	return err
}

// Offered looks up what an issuer has offered.
func (w Wallet) Offered(ctx context.Context, issuer string) error {
	offers, err := w.c.identity.holder.Offers(ctx, w.context)
	for _, o := range offers {
		if o.Issuer == issuer {
			_, err = w.c.identity.holder.Objects(ctx, o)
		}
	}
	return err
}

// Relate writes a relation into our records, Unrelate removes it.
func (p *Participant) Relate(ctx context.Context, r trust.Relation) error {
	return p.c.store.PutRelation(ctx, p.context, r)
}

// Unrelate: see Relate.
func (p *Participant) Unrelate(ctx context.Context, party, kind string) error {
	return p.c.store.DeleteRelation(ctx, p.context, party, kind)
}

// Identify changes the settings of the profile dcp.
func (p *Participant) Identify(ctx context.Context, s dcp.Settings) error {
	_, err := p.c.setIdentity(ctx, p.context, s)
	return err
}

// Used returns what is counted of an agreement.
func (p *Participant) Used(ctx context.Context, agreement string) (transfer.Usage, error) {
	return p.c.store.Usage(ctx, p.context, agreement)
}

// Token is an Authorization value of a participant for a peer.
func (p *Participant) Token(ctx context.Context, peer string) (string, error) {
	return p.c.profile.Token(ctx, trust.Audience{Context: p.context, Peer: peer, Purpose: trust.ForNegotiation})
}

// Durability is what a commit of the store has survived, as the store itself
// tells.
func (c *Connector) Durability(ctx context.Context) (string, error) {
	s, ok := c.store.(interface {
		Durability(ctx context.Context) (string, error)
	})
	if !ok {
		return "none", nil
	}
	return s.Durability(ctx)
}

// Tokens counts how often the tokens of a transfer were written; 0: nothing is
// kept of them.
func (p *Participant) Tokens(ctx context.Context, id string) (int64, error) {
	a, err := p.c.store.Access(ctx, p.context, id)
	return a.Version, err
}

// Journal returns what happened, in order.
func (p *Participant) Journal(ctx context.Context) ([]engine.Entry, error) {
	return p.c.store.For(p.context).Journal(ctx, 0, 0)
}

// AddDataplane is a data plane of the configuration that is known only later.
func (c *Connector) AddDataplane(d RemotePlaneConfig) error { return c.planes.Configure(d.plane()) }

// Knows reports whether a data plane has registered.
func (c *Connector) Knows(contextID, plane string) bool {
	return slices.ContainsFunc(c.planes.List(contextID), func(k signaling.Known) bool { return k.ID == plane })
}

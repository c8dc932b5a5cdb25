// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"log/slog"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Option changes what New builds.
type Option func(*options)

type options struct {
	log         *slog.Logger
	now         func() time.Time
	negotiation negotiation.Decider
	transfer    transfer.Decider
	planes      map[string]transfer.DataPlane
	keys        trust.KeyStore
	issuerOnly  bool
	terms       *policy.Registry
	egress      func(*safehttp.Config) // changes the way out; nil but in tests
}

func defaults() options {
	return options{
		log: slog.New(slog.DiscardHandler), now: now,
		negotiation: negotiation.Rules{},
		planes:      map[string]transfer.DataPlane{},
		terms:       policy.NewRegistry(),
	}
}

// WithLogger logs to l; without it nothing is logged.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.log = l } }

// WithClock reads the time of day from now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithNegotiationDecider answers in negotiations; default negotiation.Rules.
func WithNegotiationDecider(d negotiation.Decider) Option {
	return func(o *options) { o.negotiation = d }
}

// WithTransferDecider answers in transfers; default transfer.Rules.
func WithTransferDecider(d transfer.Decider) Option {
	return func(o *options) { o.transfer = d }
}

// WithDataPlane serves a transfer format by p; the built-in plane serves
// HttpData-PULL.
func WithDataPlane(format string, p transfer.DataPlane) Option {
	return func(o *options) { o.planes[format] = p }
}

// WithKeyStore signs with keys that are kept elsewhere, as in a key management
// service; by default they are in the store, encrypted.
func WithKeyStore(k trust.KeyStore) Option { return func(o *options) { o.keys = k } }

// WithPolicyTerms replaces the operands and actions that policies may name;
// begin with policy.NewRegistry and add your own.
func WithPolicyTerms(r *policy.Registry) Option { return func(o *options) { o.terms = r } }

// IssuerOnly serves identities, issuers and their status lists, and no
// catalogue, negotiation or transfer.
func IssuerOnly() Option { return func(o *options) { o.issuerOnly = true } }

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
	"github.com/musubi-ods/musubi/trust/dcp/verifier"
)

// Trust is a store with what the roles of the claims protocol keep.
type Trust interface {
	dcp.ReplayStore
	verifier.Bindings
	trustlist.Store
	holder.Store
	issuer.Store
}

// RunTrust proves the contracts of the stores of trust/dcp. The stores that
// open returns, also by Another and Restart, must be a Trust.
func RunTrust(t *testing.T, open func(testing.TB) Opened) {
	play(t, open, []chapter{
		{"Tokens", tokens},
		{"Bindings", bindings},
		{"TrustLists", trustLists},
		{"HolderRequests", holderRequests},
		{"Wallet", wallets},
		{"CredentialOffers", credentialOffers},
		{"IssuerRequests", issuerRequests},
		{"IssuerQueues", issuerQueues},
		{"Issued", issuedCredentials},
		{"Contexts", trustContexts},
		{"Survival", trustSurvivals},
	})
}

func (b *box) t() Trust { return trustOf(b, b.Store) }

func trustOf(b *box, s engine.Store) Trust {
	b.Helper()
	t, ok := s.(Trust)
	if !ok {
		b.Fatalf("%T keeps no identity", s)
	}
	return t
}

// is fails the test unless err is want.
func (b *box) is(what string, err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Fatalf("%s: got error %v, want %v", what, err, want)
	}
}

// notKept fails the test unless err says that something cannot be kept.
func (b *box) notKept(what string, err error) {
	b.Helper()
	b.is(what, err, rule.ErrInvalid)
}

// replicas calls f n times at the same time, on two processes if there can be.
func (b *box) replicas(n int, f func(i int, s Trust) error) {
	b.Helper()
	b.together(n, func(i int, s engine.Store) error { return f(i, trustOf(b, s)) })
}

// fine is a time that a store must round.
func fine(seconds int) time.Time { return at(seconds).Add(789).In(time.FixedZone("", 3600)) }

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust"
)

// Domain is a store with its domain part.
type Domain interface {
	engine.Store
	catalog.Store
	negotiation.AgreementStore
	trust.ParticipantStore
	trust.PeerStore
	trust.KeyRows
	sink.Store
	transfer.JobStore
}

// RunDomain proves the contracts of the domain packages. The stores that open
// returns, also by Another and Restart, must be a Domain.
func RunDomain(t *testing.T, open func(testing.TB) Opened) {
	play(t, open, []chapter{
		{"Participants", participants},
		{"Peers", peers},
		{"Keys", signingKeys},
		{"Agreements", agreements},
		{"AgreementsInSteps", agreementSteps},
		{"AgreementEnds", agreementEnds},
		{"AgreementQueries", agreementQueries},
		{"Publish", publishing},
		{"PublishAll", publishingAll},
		{"Withdraw", withdrawing},
		{"Assets", assets},
		{"Policies", policies},
		{"Datasets", datasets},
		{"Filters", filters},
		{"Contexts", contexts},
		{"Holdings", holdings},
		{"Deletions", deletions},
		{"Jobs", jobs},
		{"JobLanes", jobLanes},
		{"Survival", survivals},
	})
}

func (b *box) d() Domain { return domainOf(b, b.Store) }

func domainOf(b *box, s engine.Store) Domain {
	b.Helper()
	d, ok := s.(Domain)
	if !ok {
		b.Fatalf("%T has no domain part", s)
	}
	return d
}

// must fails the test unless err is nil.
func (b *box) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

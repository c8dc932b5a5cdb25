// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/policy"
)

// AllParticipants also lists the participants.
type AllParticipants interface {
	Participants
	// Participants returns all, in order of their contexts.
	Participants(ctx context.Context) ([]trust.Participant, error)
}

// CatalogService is a participant's own catalogue; *catalog.Service.
type CatalogService interface {
	Publish(ctx context.Context, contextID string, assets []catalog.Asset, offers []catalog.Offer) (catalog.Batch, error)
	PublishAll(ctx context.Context, contextID string, batches iter.Seq2[catalog.Batch, error]) (catalog.Counts, error)
	Withdraw(ctx context.Context, contextID string, assetIDs, offerIDs []string) error
	Asset(ctx context.Context, contextID, id string) (catalog.Asset, error)
	Assets(ctx context.Context, contextID, after string, limit int) ([]catalog.Asset, error)
	Offer(ctx context.Context, contextID, id string) (catalog.Offer, error)
	Offers(ctx context.Context, contextID, after string, limit int) ([]catalog.Offer, error)
	// Dataset is what a counterparty is shown of one asset.
	Dataset(ctx context.Context, contextID string, claims trust.Claims, id string) ([]byte, error)
}

// CatalogClient asks peers for their catalogues; *catalog.Client.
type CatalogClient interface {
	Catalog(ctx context.Context, contextID, peerID string, filter json.RawMessage) (catalog.PeerCatalog, error)
	Dataset(ctx context.Context, contextID, peerID, id string) (catalog.Dataset, error)
}

// NegotiationService is our side of negotiations; *negotiation.Service.
type NegotiationService interface {
	Open(ctx context.Context, contextID string, p negotiation.Proposal) (negotiation.Negotiation, error)
	Propose(ctx context.Context, contextID string, p negotiation.Proposal) (negotiation.Negotiation, error)
	Act(ctx context.Context, contextID, id string, d negotiation.Decision) (negotiation.Negotiation, error)
	Approve(ctx context.Context, contextID, id string) (negotiation.Negotiation, error)
	Get(ctx context.Context, contextID, id string) (negotiation.Negotiation, error)
	List(ctx context.Context, contextID string, f negotiation.Filter) ([]negotiation.Negotiation, error)
	Import(ctx context.Context, contextID string, i negotiation.Imported) (negotiation.Agreement, error)
}

// Agreements reads agreements; a negotiation.AgreementStore.
type Agreements interface {
	Agreement(ctx context.Context, contextID, id string) (negotiation.Agreement, error)
	Agreements(ctx context.Context, contextID string, q negotiation.AgreementQuery) ([]negotiation.Agreement, error)
}

// TransferService is our side of transfers; *transfer.Service.
type TransferService interface {
	Request(ctx context.Context, contextID string, args transfer.RequestArgs) (transfer.Process, error)
	Act(ctx context.Context, contextID, id string, d negotiation.Decision) (transfer.Process, error)
	Approve(ctx context.Context, contextID, id string) (transfer.Process, error)
	Get(ctx context.Context, contextID, id string) (transfer.Process, error)
	List(ctx context.Context, contextID string, f transfer.Filter) ([]transfer.Process, error)
}

// Processes reads the processes of one participant; an engine.Store.
type Processes interface {
	For(contextID string) engine.Processes
}

// NewParticipant is a participant to be added.
type NewParticipant struct {
	Context   string `json:"context"`
	ID        string `json:"id"`
	Name      string `json:"name,omitempty"`
	PublicURL string `json:"publicUrl,omitempty"`
	Profile   string `json:"profile,omitempty"`
	// Identity are the settings of the profile dcp.
	Identity *dcp.Settings `json:"identity,omitempty"`
}

// ManagementConfig is what the management handler needs.
type ManagementConfig struct {
	Common
	// APIKeys are those that open it. Without any it opens to nobody.
	APIKeys      []string
	Participants AllParticipants
	// AddParticipant adds one; what is wrong with it is a *Problem (BadInput).
	AddParticipant func(ctx context.Context, p NewParticipant) (trust.Participant, error)
	// SetIdentity changes a participant's settings of the profile dcp; what is
	// wrong with them is a *Problem (BadInput).
	SetIdentity  func(ctx context.Context, contextID string, s dcp.Settings) (trust.Participant, error)
	Peers        trust.PeerStore
	Catalog      CatalogService
	Client       CatalogClient
	Negotiations NegotiationService
	Agreements   Agreements
	Transfers    TransferService
	Holdings     HoldingService
	Evidence     EvidenceService
	Processes    Processes
	// Await blocks until the process is at another version than the one given
	// (true), until the time is over, or until ctx ends (false).
	Await     func(ctx context.Context, contextID, id string, version int64, until time.Time) bool
	Wallet    Wallet
	Issuer    Issuer
	TrustList TrustList
	Authority Authority
	Bindings  Bindings
	Relations Relations
	// Dataplanes, if there are any, are shown.
	Dataplanes Dataplanes
	Secrets    trust.SecretStore
	// Pull answers with the data of a pull, at a path (escaped, without a slash
	// in front) below its address. An error says that nothing was written.
	Pull func(w http.ResponseWriter, r *http.Request, contextID, id, path string) error
	// EndAgreement ends an agreement and what runs under it.
	EndAgreement func(ctx context.Context, contextID, id, reason string) (negotiation.Agreement, error)
	// Policies knows the terms of policies; Usage tells what was used of an
	// agreement.
	Policies *policy.Judge
	Usage    func(ctx context.Context, contextID, agreement string) (policy.Usage, error)
	// Refusals are the callers that were turned away; nil: none are shown.
	Refusals *Refusals
	// Explain answers a Question, with what is written as JSON; a
	// policy.ErrMalformed is about the question itself.
	Explain func(ctx context.Context, contextID string, q Question) (any, error)
	// Ready reports whether the store can be written to; nil: always.
	Ready func(ctx context.Context) error
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// Errors of the store.
var (
	ErrNotFound = errors.New("no such credential or request")
	// ErrClosed: the request is not open for this message.
	ErrClosed = errors.New("the request is closed")
)

// The states of a credential in the wallet.
const (
	Held      = "HELD"
	Suspended = "SUSPENDED"
	Revoked   = "REVOKED"
	Expired   = "EXPIRED"
)

// Stored is a credential in the wallet. All but Raw is an index of what Raw
// says, and what we found out about it.
type Stored struct {
	ID         string // ours, a UUID of version 7
	Credential string // the credential's own id
	Issuer     string
	Types      []string
	Profile    string // vc.Profile
	Raw        string // the token, byte for byte
	ValidFrom  time.Time
	ValidUntil time.Time // zero: no end
	Status     []trust.StatusEntry
	Request    string // HolderPID of the request it came by
	Received   time.Time
	State      string // Held, Suspended, Revoked, Expired
	Checked    time.Time
	NextCheck  time.Time // of status and expiry
	RenewAt    time.Time // zero: not again
}

// The states of a request.
const (
	Requested = "REQUESTED" // to be sent, or sent
	Received  = "RECEIVED"  // the issuer has it
	Issued    = "ISSUED"    // credentials came; the issuer may deliver again
	Rejected  = "REJECTED"
	Failed    = "FAILED" // the issuer refused it, or the deadline is over
)

// Request is our request for credentials to an issuer.
type Request struct {
	HolderPID   string // ours, a UUID of version 7; names it to the issuer
	Issuer      string // DID
	Credentials []string
	IssuerPID   string // last segment of the status URL
	StatusURL   string
	State       string
	Reason      string
	Created     time.Time
	Updated     time.Time
	// NextTry is when it is sent or looked after again; zero: never.
	NextTry  time.Time
	Tries    int
	Deadline time.Time
	Version  int64  // compare-and-set; 0 for a new one
	Renews   string // ID of the stored credential that it renews, if any
}

// Store keeps wallets.
type Store interface {
	// SaveRequest inserts a request (Version 0) or replaces the version that
	// r.Version names, and counts the version up. ErrClosed where another
	// writer was faster.
	SaveRequest(ctx context.Context, contextID string, r Request) (Request, error)
	// Request returns one. ErrNotFound. Requests lists, newest first.
	Request(ctx context.Context, contextID, holderPID string) (Request, error)
	Requests(ctx context.Context, contextID, before string, limit int) ([]Request, error)
	// ClaimRequests returns requests of any participant whose NextTry has come,
	// oldest first, and moves their NextTry on by the lease, so that no other
	// replica works on them meanwhile.
	ClaimRequests(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Owned[Request], error)

	// Deliver stores credentials and the request that they came by, in one
	// transaction; a stored credential with the same credential id, issuer and
	// profile is replaced and keeps its ID.
	Deliver(ctx context.Context, contextID string, r Request, list []Stored) (Request, error)
	// Credential returns one by our ID. ErrNotFound.
	Credential(ctx context.Context, contextID, id string) (Stored, error)
	// Credentials lists all of a wallet, newest first.
	Credentials(ctx context.Context, contextID string) ([]Stored, error)
	// ClaimCredentials is ClaimRequests for NextCheck.
	ClaimCredentials(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Owned[Stored], error)
	// MarkCredential writes State, Checked, NextCheck and RenewAt. ErrNotFound.
	MarkCredential(ctx context.Context, contextID string, s Stored) error
	// DeleteCredential removes one. ErrNotFound.
	DeleteCredential(ctx context.Context, contextID, id string) error

	// PutCredentialOffer keeps an offer that an issuer made; the same issuer's with the
	// same id is replaced, and only the newest 100 are kept.
	PutCredentialOffer(ctx context.Context, contextID string, o Offer) error
	// CredentialOffers lists, newest first.
	CredentialOffers(ctx context.Context, contextID string) ([]Offer, error)
}

// Owned is a row with the participant whose it is.
type Owned[T any] struct {
	Context string
	Row     T
}

// Offer is what an issuer has offered.
type Offer struct {
	ID       string
	Issuer   string
	Document []byte // the credential objects, as JSON
	Received time.Time
}

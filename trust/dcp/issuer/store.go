// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Errors of the store.
var (
	ErrNotFound = errors.New("no such request or credential")
	// ErrChanged: another writer was faster.
	ErrChanged = errors.New("the request was changed meanwhile")
)

// The states of a request. RECEIVED, ISSUED and REJECTED are DCP's; what is
// approved and not yet delivered is RECEIVED to the holder.
const (
	Received = "RECEIVED"
	Approved = "APPROVED"      // to be issued
	Issued   = "ISSUED"        // issued; Delivered says whether the holder has it
	Rejected = "REJECTED"      // likewise
	Lost     = "UNDELIVERABLE" // issued, and never taken by the holder
)

// Request is a holder's request for credentials.
type Request struct {
	ID          string // IssuerPID, a UUID of version 7
	Holder      string // DID
	HolderPID   string
	Credentials []string // ids of credential objects
	// Token is what the holder wants to see in our delivery.
	Token string
	State string
	// Claims are the subjects of the credentials by type, as a person or a
	// rule approved them; Evidence says by what.
	Claims   map[string]json.RawMessage
	Evidence json.RawMessage
	Reason   string // of a rejection
	Decided  string // who: "rule", or the name a person gave
	Created  time.Time
	Updated  time.Time
	// Delivered is when the holder took the message.
	Delivered time.Time
	NextTry   time.Time // of issuing or delivering; zero: nothing is owed
	Tries     int
	Deadline  time.Time
	LastError string
	Version   int64 // compare-and-set; 0 for a new one
}

// The states of an issued credential.
const (
	Active    = "ACTIVE"
	Suspended = "SUSPENDED"
	Revoked   = "REVOKED"
)

// Credential is one that was issued.
type Credential struct {
	ID         string // the credential's own id
	Request    string
	Holder     string
	Type       string
	Profile    string
	Raw        string
	Issued     time.Time
	ValidUntil time.Time
	List       int // status list, 1 and up
	Index      int // in it
	State      string
	Reason     string
	Changed    time.Time
}

// Store keeps what an issuer has been asked and has issued.
type Store interface {
	// SaveIssuerRequest inserts a request (Version 0) or replaces the version that
	// r.Version names, with credentials issued by it, in one transaction.
	// ErrChanged where another writer was faster, a place in a list is taken, or
	// another request asks for the same (Request.Asked).
	SaveIssuerRequest(ctx context.Context, contextID string, r Request, issued []Credential) (Request, error)
	// IssuerRequest returns one. ErrNotFound. IssuerRequests lists, newest
	// first; an empty state means all.
	IssuerRequest(ctx context.Context, contextID, id string) (Request, error)
	IssuerRequests(ctx context.Context, contextID, state, before string, limit int) ([]Request, error)
	// ClaimIssuerRequests returns requests of any participant whose NextTry
	// has come, oldest first, and moves it on by the lease.
	ClaimIssuerRequests(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Owned, error)

	// IssuedCredential returns one by its id. ErrNotFound.
	IssuedCredential(ctx context.Context, contextID, id string) (Credential, error)
	// IssuedCredentials lists, newest first; an empty holder means all.
	IssuedCredentials(ctx context.Context, contextID, holder, before string, limit int) ([]Credential, error)
	// CredentialsOfRequest returns what a request led to.
	CredentialsOfRequest(ctx context.Context, contextID, request string) ([]Credential, error)
	// SetCredentialState changes State, Reason and Changed. A revoked one
	// stays so: ErrChanged. ErrNotFound.
	SetCredentialState(ctx context.Context, contextID, id, state, reason string, at time.Time) error
	// ListUse returns the number of the newest status list and how many of its
	// places are taken; 0, 0 if there is none.
	ListUse(ctx context.Context, contextID string) (list, taken int, err error)
	// Marked returns the indexes in a list whose credentials are in a state.
	Marked(ctx context.Context, contextID string, list int, state string) ([]int, error)
}

// Owned is a request with the participant whose it is.
type Owned struct {
	Context string
	Request Request
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
)

// ErrAccessChanged: somebody else wrote what a flow's tokens are meanwhile.
// Read it again.
var ErrAccessChanged = errors.New("the tokens of the flow were changed meanwhile")

// Access is what a data plane remembers of the tokens of one flow: a provider
// by which refresh token a new one may be asked for, a consumer which tokens
// are the newest.
type Access struct {
	Context, Process string
	Version          int64  // how often it was written; 0: nothing is kept
	Doc              []byte // the plane's own, a secret: encrypted at rest
}

// AccessStore keeps it, for all replicas together.
type AccessStore interface {
	// Access returns what is kept of a flow: Version 0 where that is nothing.
	Access(ctx context.Context, contextID, process string) (Access, error)
	// PutAccess writes a if the version that is kept is a's (0: none is), and
	// returns the new version. ErrAccessChanged.
	PutAccess(ctx context.Context, a Access) (version int64, err error)
	// DropAccess forgets a flow. It is no error if nothing is kept of it.
	DropAccess(ctx context.Context, contextID, process string) error
}

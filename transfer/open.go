// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"

	"github.com/musubi-ods/musubi/internal/engine"
)

// StartMessage is the message by which a transfer starts.
const StartMessage = start

// MayRun reports whether data may be flowing from us, or is about to: we are
// the provider of a transfer that is not over, and it has started or our start
// of it is on its way. A suspension or end of ours that is on its way changes
// nothing: until the peer has it, the transfer is watched.
func MayRun(r engine.Record) bool {
	return r.Kind == engine.Transfer && r.Role == provider && !r.Final &&
		(r.State == Started || r.Pending != nil && r.Pending.Message == StartMessage)
}

// OpenStore finds the transfers for which MayRun holds.
type OpenStore interface {
	// OpenTransfers returns those behind after, of all participants, in order
	// of context and process, at most limit (0: all). The zero Change is before
	// all of them. What it costs does not depend on how many are over.
	OpenTransfers(ctx context.Context, after engine.Change, limit int) ([]engine.Change, error)
}

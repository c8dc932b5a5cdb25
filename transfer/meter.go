// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
)

// ErrExhausted: the agreement allows no further transfer.
var ErrExhausted = errors.New("the agreement is used up")

// Usage is what was used of an agreement.
type Usage struct {
	Started int64 // transfers that began
	Bytes   int64 // that were sent, or are about to be
}

// Meters count the use of agreements that limit it. What a caller claims is
// counted before it is used, for all replicas and callers together, so that no
// limit is exceeded even for a moment; a caller that goes away in between has
// counted too much, never too little. A limit is the caller's, from the policy;
// below zero there is none. Whether there is such an agreement is not asked.
type Meters interface {
	// ClaimStart counts the process as a transfer that begins, once, and
	// returns how many began with it. If it was counted before, that is no
	// error, whatever the limit. If with it they would be more than limit,
	// nothing is written and the error is ErrExhausted, with how many began
	// without it.
	ClaimStart(ctx context.Context, contextID, agreement, process string, limit int64) (started int64, err error)
	// ReleaseStart undoes the claim of a process that never began. It is no
	// error if there is no such claim.
	ReleaseStart(ctx context.Context, contextID, agreement, process string) error
	// TakeBytes counts want bytes that the process is to send, or as many as are
	// left below limit, and returns how many: 0 if nothing is left.
	TakeBytes(ctx context.Context, contextID, agreement, process string, want, limit int64) (granted int64, err error)
	// ReturnBytes gives back bytes that the process took and did not send. To
	// return more than are counted is an error, and then nothing is written.
	ReturnBytes(ctx context.Context, contextID, agreement, process string, n int64) error
	// Usage returns what is counted: zero for an agreement never used.
	Usage(ctx context.Context, contextID, agreement string) (Usage, error)
}

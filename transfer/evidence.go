// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"time"
)

// Movement is one body that a data plane moved, or tried to: the base of the
// evidence that either side keeps and that can be matched. A push that took
// several requests is one, whole, and those that did not end it are others.
type Movement struct {
	Context, Process string
	// TrackingID is the consumer's name of the request (ODP: X-TrackingID),
	// the same on both sides. The provider makes one where there is none.
	TrackingID string
	Sent       bool   // by us; else received
	Method     string // of HTTP
	Path       string // below the endpoint, without the query
	Status     int    // of the answer
	Offset     int64  // of the first byte, where it was a part
	Bytes      int64  // of data, as far as they went
	SHA256     string // hex, of those bytes; empty where the body did not come to its end
	Whole      bool   // the body came to its end
	// Alone has it kept as a row of its own, which large bodies always have: a
	// push, or a download.
	Alone bool
	Began time.Time
	Ended time.Time
}

// Evidence keeps what was moved. Moved returns at once where it can; what it
// was given is durable at most a second later, or an error has been logged.
type Evidence interface {
	Moved(ctx context.Context, m Movement)
}

// ToldEvidence is Evidence that keeps what others say that they have moved.
type ToldEvidence interface {
	Evidence
	// MovedAsTold keeps movements of a transfer that came in one message, unless
	// one of this id was kept before, by whichever process. They are durable when
	// the error is nil. Else they may be kept or not, and whoever calls again
	// learns.
	MovedAsTold(ctx context.Context, contextID, process, id string, list []Movement) error
}

// SureEvidence is Evidence that can say when it has kept a movement for good.
type SureEvidence interface {
	Evidence
	// MovedOnce keeps a body that came to its end and is Alone, unless it has
	// been kept before: one of the same transfer and direction with this
	// TrackingID and SHA256. It is durable when the error is nil. Else it may be
	// kept or not, and whoever calls again learns.
	MovedOnce(ctx context.Context, m Movement) error
}

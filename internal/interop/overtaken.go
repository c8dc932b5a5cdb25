// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"time"
)

// errOvertaken: an EDC on a busy machine sends its verification twice, and the
// acknowledgement of the second one brings it back from FINALIZED, which it has
// acknowledged to us, to VERIFIED, for good. Nothing that we send changes that.
var errOvertaken = errors.New("EDC went back from FINALIZED to VERIFIED")

// settles is how long an EDC may take to show what it has acknowledged.
const settles = 20 * time.Second

// finalized waits until the EDC shows FINALIZED as well as our side does.
func (e *EDC) finalized(ctx context.Context, id string) (Entity, error) {
	short, cancel := context.WithTimeout(ctx, settles)
	defer cancel()
	found, err := e.Await(short, Negotiations, id, "FINALIZED")
	if err != nil && ctx.Err() == nil && found.State == "VERIFIED" {
		err = errors.Join(errOvertaken, err)
	}
	return found, err
}

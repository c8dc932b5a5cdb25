// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/musubi-ods/musubi/trust"
)

// TestUseSettlesOnce: who settles a use after another did, as the answer to a
// call does, comes to what that came to. A store that does not know whether it
// recorded a proof may have, and would find it used by somebody.
func TestUseSettlesOnce(t *testing.T) {
	doubt := fmt.Errorf("%w: the connection was lost", trust.ErrUnavailable)
	for name, first := range map[string]error{"recorded": nil, "in doubt": doubt, "used before": trust.Refuse("V38", "the token was used before")} {
		t.Run(name, func(t *testing.T) {
			records := 0
			use := &trust.Use{Alone: func(context.Context) error {
				if records++; records > 1 {
					return trust.Refuse("V38", "the token was used before")
				}
				return first
			}}
			for range 2 {
				if err := use.Settle(t.Context()); !errors.Is(err, first) || use.Open() != (first != nil) {
					t.Errorf("error %v, open: %v", err, use.Open())
				}
			}
			if records != 1 {
				t.Errorf("it was recorded %d times", records)
			}
		})
	}
	var none *trust.Use
	if err := errors.Join(none.Settle(t.Context()), new(trust.Use).Settle(t.Context())); err != nil || none.Open() {
		t.Errorf("nothing is to be recorded: %v", err)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// TestRequestProvesOnlyForItsConsumer: a request moves the negotiation of an
// agreement that waits for an answer, if it is the consumer's own and its proof
// was not used before. The negotiation of these is not there: who gets to it
// finds nothing.
func TestRequestProvesOnlyForItsConsumer(t *testing.T) {
	used := trust.Refuse("V38", "the token was used before")
	for name, tc := range map[string]struct {
		from   string
		role   string
		proof  error // of its use
		want   error
		alone  int
		opened bool
	}{
		"its own":                  {want: engine.ErrNotFound, alone: 1},
		"with a used proof":        {proof: used, want: used, alone: 1, opened: true},
		"of a stranger":            {from: "did:example:stranger", want: negotiation.ErrNoAgreement, opened: true},
		"where we are no provider": {role: "consumer", want: engine.ErrRefused, opened: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, false)
			w.p.agreement.Final, w.p.agreement.Negotiation = false, "urn:uuid:n1"
			if tc.role != "" {
				w.p.agreement.Role = tc.role
			}
			in, alone := w.c.call("", requestBody(t, nil)), 0
			if tc.from != "" {
				in.Claims.Participant = tc.from
			}
			in.Use = &trust.Use{Alone: func(context.Context) error { alone++; return tc.proof }}
			_, err := w.p.svc.Receive(t.Context(), in, transfer.EndpointRequest)
			if !errors.Is(err, tc.want) || alone != tc.alone || in.Use.Open() != tc.opened {
				t.Errorf("error %v, proof recorded alone %d times, open %v", err, alone, in.Use.Open())
			}
		})
	}
}

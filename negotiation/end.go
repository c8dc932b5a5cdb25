// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/musubi-ods/musubi/internal/engine"
)

// maxEndReason bounds why an agreement was ended, in bytes.
const maxEndReason = 1000

// End ends an agreement on our side, whichever role we have in it: no transfer
// may begin or go on under it. The protocol has no message for it; the peer
// learns it from the termination of what runs (transfer.Service.EndAll), and
// from the refusal of what it asks for later. ErrNoAgreement,
// ErrAgreementEnded.
func (s *Service) End(ctx context.Context, contextID, id, reason string) (Agreement, error) {
	if len(reason) > maxEndReason {
		return Agreement{}, engine.Refusef("reason-too-long", "a reason has at most %d bytes", maxEndReason)
	}
	a, err := s.Agreements.Agreement(ctx, contextID, id)
	if err != nil {
		return Agreement{}, err
	}
	detail, err := json.Marshal(map[string]string{"agreement": id, "by": EndedByUs, "reason": reason, "peer": a.Peer})
	if err != nil {
		return Agreement{}, err
	}
	now := s.Now()
	err = s.Agreements.EndAgreement(ctx, contextID, id, End{At: now, By: EndedByUs, Reason: reason, Journal: engine.Entry{
		Context: contextID, ID: s.NewID(), Process: cmp.Or(a.Negotiation, Nobody), Kind: engine.Negotiation,
		Event: "negotiation.agreement-ended", At: now, Detail: detail,
	}})
	if err != nil {
		return Agreement{}, err
	}
	s.Core.Journaled(contextID)
	return s.Agreements.Agreement(ctx, contextID, id)
}

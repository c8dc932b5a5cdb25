// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"fmt"
	"strings"
)

// inForce is the operand that EDC has a function for, and our connector, too.
const inForce = EDCNamespace + "inForceDate"

// until is a policy of a time that has begun: to is a moment, or counted from
// the agreement.
func until(to string) object {
	constraint := func(operator, right string) object {
		return object{"leftOperand": inForce, "operator": operator, "rightOperand": right}
	}
	return object{"permission": []object{{"action": "use", "constraint": []object{constraint("gteq", longAgo), constraint("lteq", to)}}}}
}

const (
	longAgo = "2024-01-01T00:00:00Z"
	over    = "2025-01-01T00:00:00Z"
)

// policyCases: constraints that both sides evaluate, as they hold.
func (w *World) policyCases() []Case {
	return []Case{
		{"provider: constraints that hold: same agreement, all bytes", func(ctx context.Context) error {
			const asset = "ours-window"
			if err := w.publishOurs(ctx, asset, until("contractAgreement+30d")); err != nil {
				return err
			}
			t, err := w.transferOurs(ctx, asset)
			if err != nil {
				return err
			}
			return w.theyGet(ctx, t.edc, asset)
		}},
		{"consumer: constraints that hold: same agreement, all bytes", func(ctx context.Context) error {
			const asset = "theirs-window"
			if err := w.publishTheirs(ctx, asset, until("contractAgreement+30d")); err != nil {
				return err
			}
			t, err := w.transferTheirs(ctx, asset, agreeing)
			if err != nil {
				return err
			}
			return w.weGet(ctx, t.us, asset)
		}},
	}
}

// overCases: the same constraints as they do not hold, and as they cease to.
func (w *World) overCases() []Case {
	return []Case{
		{"provider: constraints that do not hold: we refuse the negotiation", func(ctx context.Context) error {
			const asset = "ours-over"
			if err := w.publishOurs(ctx, asset, until(over)); err != nil {
				return err
			}
			n, err := w.negotiateOurs(ctx, asset)
			if err != nil {
				return err
			}
			v, _, err := w.both(ctx, negotiations, n, "TERMINATED")
			if err == nil && !strings.Contains(v.TerminatedFor, "inForceDate") {
				err = fmt.Errorf("the reason does not name the term: %s", v)
			}
			return err
		}},
		{"consumer: constraints that do not hold: EDC refuses the transfer", func(ctx context.Context) error {
			const asset = "theirs-over"
			if err := w.publishTheirs(ctx, asset, until(over)); err != nil {
				return err
			}
			n, err := w.negotiateTheirs(ctx, asset, agreeing)
			if err != nil {
				return err
			}
			v, _, err := w.both(ctx, negotiations, n, "FINALIZED")
			if err != nil {
				return err
			}
			return w.refusedTransfer(ctx, v.AgreementID)
		}},
		{"provider: constraints that cease to hold: we cut the running transfer", func(ctx context.Context) error {
			const asset = "ours-short"
			if err := w.publishOurs(ctx, asset, until("contractAgreement+3s")); err != nil {
				return err
			}
			t, err := w.transferOurs(ctx, asset)
			if err != nil {
				return err
			}
			a, err := w.EDC.Address(ctx, t.edc)
			if err != nil {
				return err
			}
			if _, _, err := w.both(ctx, transfers, t, "TERMINATED"); err != nil {
				return err
			}
			return refuses(ctx, a, asset)
		}},
	}
}

// agreeing is what a user of ours says who is to keep a term that a consumer's
// connector cannot keep for them.
var agreeing = object{"acceptUnenforced": true}

// refusedTransfer asks for a transfer that the EDC refuses, and checks that our
// side ended and that the EDC has none.
func (w *World) refusedTransfer(ctx context.Context, agreement string) error {
	before, err := w.EDC.All(ctx, Transfers)
	if err != nil {
		return err
	}
	var v View
	if err := w.Post(ctx, "/transfers", object{"agreement": agreement, "format": pull}, &v); err != nil {
		return err
	}
	if v, err = w.Await(ctx, transfers, v.ID, "TERMINATED"); err != nil {
		return err
	}
	after, err := w.EDC.All(ctx, Transfers)
	switch {
	case err != nil:
		return err
	case len(after) != len(before):
		return fmt.Errorf("EDC has %d transfers, %d before", len(after), len(before))
	case v.LastError == nil && v.StoppedFor == "":
		return fmt.Errorf("our side does not say why: %s", v)
	}
	return nil
}

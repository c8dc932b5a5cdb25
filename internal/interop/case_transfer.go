// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import "context"

func (w *World) transferCases() []Case {
	return []Case{
		{"provider: negotiation, transfer, first byte", func(ctx context.Context) error {
			const asset = "ours-first"
			if err := w.publishOurs(ctx, asset, use); err != nil {
				return err
			}
			t, err := w.transferOurs(ctx, asset)
			if err != nil {
				return err
			}
			return w.theyGet(ctx, t.edc, asset)
		}},
		{"consumer: negotiation, transfer, first byte", func(ctx context.Context) error {
			const asset = "theirs-first"
			if err := w.publishTheirs(ctx, asset, use); err != nil {
				return err
			}
			t, err := w.transferTheirs(ctx, asset)
			if err != nil {
				return err
			}
			return w.weGet(ctx, t.us, asset)
		}},
	}
}

// transferOurs concludes a contract about an asset of ours and starts a
// transfer under it.
func (w *World) transferOurs(ctx context.Context, asset string) (pair, error) {
	n, err := w.negotiateOurs(ctx, asset)
	if err != nil {
		return pair{}, err
	}
	_, e, err := w.both(ctx, negotiations, n, "FINALIZED")
	if err != nil {
		return pair{}, err
	}
	id, err := w.EDC.Transfer(ctx, w.Peer, e.Agreement, pull)
	if err != nil {
		return pair{}, err
	}
	us, err := w.EDC.answered(ctx, Transfers, id)
	if err != nil {
		return pair{}, err
	}
	t := pair{us: us, edc: id}
	_, _, err = w.both(ctx, transfers, t, "STARTED")
	return t, err
}

// transferTheirs is the same for an asset of the EDC.
func (w *World) transferTheirs(ctx context.Context, asset string) (pair, error) {
	n, err := w.negotiateTheirs(ctx, asset)
	if err != nil {
		return pair{}, err
	}
	v, _, err := w.both(ctx, negotiations, n, "FINALIZED")
	if err != nil {
		return pair{}, err
	}
	if err := w.Post(ctx, "/transfers", object{"agreement": v.AgreementID, "format": pull}, &v); err != nil {
		return pair{}, err
	}
	edc, err := w.EDC.arrived(ctx, Transfers, v.ID)
	if err != nil {
		return pair{}, err
	}
	t := pair{us: v.ID, edc: edc}
	_, _, err = w.both(ctx, transfers, t, "STARTED")
	return t, err
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

func (w *World) pushCases() []Case {
	return []Case{
		{"consumer: EDC's data plane pushes to our address, all bytes, COMPLETED by it", w.theyPush},
		{"provider: ours pushes to EDC's data destination, all bytes, COMPLETED by us", w.wePush},
	}
}

// theyPush has the EDC push to an address that we name, in the form that its
// data plane reads: what it pushed it completes by itself.
func (w *World) theyPush(ctx context.Context) error {
	const asset, inbox = "theirs-push", "inbox-theirs-push"
	if err := w.publishTheirs(ctx, asset, use); err != nil {
		return err
	}
	n, err := w.negotiateTheirs(ctx, asset)
	if err != nil {
		return err
	}
	v, _, err := w.both(ctx, negotiations, n, "FINALIZED")
	if err != nil {
		return err
	}
	var t View
	err = w.Post(ctx, "/transfers", object{"agreement": v.AgreementID, "format": push, "dataAddress": object{
		"endpointType": "HttpData", "properties": []object{{"name": EDCNamespace + "baseUrl", "value": w.Source.URL(inbox)}},
	}}, &t)
	if err != nil {
		return err
	}
	edc, err := w.EDC.arrived(ctx, Transfers, t.ID)
	if err != nil {
		return err
	}
	if err := w.arrives(ctx, inbox, asset); err != nil {
		e, failed := w.EDC.Get(ctx, Transfers, edc)
		return errors.Join(fmt.Errorf("%w; EDC: %s", err, e), failed)
	}
	_, _, err = w.both(ctx, transfers, pair{us: t.ID, edc: edc}, "COMPLETED")
	return err
}

// wePush has the EDC ask for a push to the destination that it names.
func (w *World) wePush(ctx context.Context) error {
	const asset, inbox = "ours-push", "inbox-ours-push"
	if err := w.publishOurs(ctx, asset, use); err != nil {
		return err
	}
	n, err := w.negotiateOurs(ctx, asset)
	if err != nil {
		return err
	}
	_, e, err := w.both(ctx, negotiations, n, "FINALIZED")
	if err != nil {
		return err
	}
	id, err := w.EDC.TransferTo(ctx, w.Peer, e.Agreement, push, w.Source.URL(inbox))
	if err != nil {
		return err
	}
	us, err := w.taken(ctx, transfers, Transfers, id)
	if err != nil {
		return err
	}
	if err := w.arrives(ctx, inbox, asset); err != nil {
		v, failed := w.Await(ctx, transfers, us, "STARTED")
		return errors.Join(fmt.Errorf("%w; ours: %s", err, v), failed)
	}
	_, _, err = w.both(ctx, transfers, pair{us: us, edc: id}, "COMPLETED")
	return err
}

// arrives waits for an asset's data to be pushed to an inbox.
func (w *World) arrives(ctx context.Context, inbox, asset string) error {
	err := poll(ctx, func() (bool, error) { return w.Source.Pushed(inbox) != nil, nil })
	if got := w.Source.Pushed(inbox); err == nil && !bytes.Equal(got, DataOf(asset)) {
		err = fmt.Errorf("%d bytes of %s were pushed, not its %d: %.100s", len(got), asset, len(DataOf(asset)), got)
	}
	return err
}

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

// arrives waits for an asset's data to be pushed to an inbox.
func (w *World) arrives(ctx context.Context, inbox, asset string) error {
	err := poll(ctx, func() (bool, error) { return w.Source.Pushed(inbox) != nil, nil })
	if got := w.Source.Pushed(inbox); err == nil && !bytes.Equal(got, DataOf(asset)) {
		err = fmt.Errorf("%d bytes of %s were pushed, not its %d: %.100s", len(got), asset, len(DataOf(asset)), got)
	}
	return err
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
)

// first takes the request that opens a transfer.
func (s *Service) first(ctx context.Context, in Incoming, msg engine.Inbound, m *wire.TransferRequest, declared map[string]json.RawMessage) (Reply, error) {
	r := engine.Record{
		Context: in.Context, ID: s.NewID(), Kind: engine.Transfer, Role: provider,
		Peer: in.Claims.Participant, Subject: m.AgreementID,
	}
	d := data{Format: m.Format, Address: addressFromWire(m.DataAddress), Claims: in.Claims, Declared: declared}
	_, err := s.Store.For(in.Context).ByPeer(ctx, engine.Transfer, r.Peer, m.ConsumerPID)
	switch {
	case errors.Is(err, engine.ErrNotFound):
		err = s.check(ctx, in, &r, &d, m)
	case err == nil: // the engine compares it with what was accepted
	}
	if err != nil {
		return Reply{}, err
	}
	if err := d.write(&r); err != nil {
		return Reply{}, err
	}
	r, err = s.Core.Accept(ctx, r, in.With(msg))
	if err != nil {
		return Reply{}, err
	}
	return acknowledge(r, 201)
}

// check refuses a request that has no chance, and fills in what it names. An
// agreement with somebody else is as unknown as one that does not exist.
func (s *Service) check(ctx context.Context, in Incoming, r *engine.Record, d *data, m *wire.TransferRequest) error {
	own, err := s.Participant(ctx, r.Context)
	if err != nil {
		return err
	}
	a, err := s.agreement(ctx, in, m.AgreementID)
	switch {
	case err != nil:
		return err
	case a.Peer != r.Peer:
		return negotiation.ErrNoAgreement
	case a.Role != string(provider):
		return engine.Refusef("not-provider", "under this agreement we are not the provider")
	case !a.Final:
		return engine.Refusef("agreement-not-final", "the agreement is not finalized")
	case !a.InForce():
		return engine.Refusef("agreement-ended", "the agreement was ended")
	}
	if s.Labels != nil {
		if d.Labels, err = s.Labels(ctx, r.Context, a.Target); err != nil {
			return err
		}
	}
	var ok bool
	if d.Plane, ok = choose(s.Planes, d.flowOf(*r, engine.Call{})); !ok {
		return engine.Refusef("format-unsupported", "the format %.80q is not supported%s", m.Format, instead(a.Dataset))
	}
	if !offered(a.Dataset, m.Format) {
		return engine.Refusef("format-not-offered", "the dataset of the agreement cannot be had in the format %.80q%s", m.Format, instead(a.Dataset))
	}
	if Push(m.Format) && d.Address == nil {
		return engine.Refusef("data-address-missing", "a push needs a dataAddress")
	}
	d.Dataset, d.OwnID, d.Callback = a.Target, own.ID, negotiation.CallbackBase(own)
	r.Address, r.Foreign, err = negotiation.PeerAddress(ctx, s.Peers, s.CheckURL, r.Context, r.Peer, m.CallbackAddress)
	return err
}

// offered reports whether a distribution of the dataset, as it was agreed on,
// has this format. An agreement that was concluded elsewhere has no dataset.
func offered(dataset json.RawMessage, format string) bool {
	return len(dataset) == 0 || slices.Contains(formatsOf(dataset), format)
}

// formatsOf are those of a dataset, as the consumer was shown it.
func formatsOf(dataset json.RawMessage) (formats []string) {
	var d struct {
		Distribution []struct {
			Format string `json:"format"`
		} `json:"distribution"`
	}
	if json.Unmarshal(dataset, &d) != nil {
		return nil
	}
	for _, form := range d.Distribution {
		formats = append(formats, form.Format)
	}
	return formats
}

// maxNamed bounds how many formats a refusal names.
const maxNamed = 6

// instead names what a consumer may ask for that asked for something else.
func instead(dataset json.RawMessage) string {
	formats := formatsOf(dataset)
	if len(formats) == 0 {
		return ""
	}
	return fmt.Sprintf("; the dataset is offered in %.80q", formats[:min(len(formats), maxNamed)])
}

// agreement finds the agreement of a request. A consumer that asks for the data
// before we have its answer to our finalization proves that it has that: the use
// of its own proof is settled before that counts.
func (s *Service) agreement(ctx context.Context, in Incoming, id string) (negotiation.Agreement, error) {
	a, err := s.Agreements.Agreement(ctx, in.Context, id)
	if err != nil || a.Final || a.Negotiation == "" || a.Peer != in.Claims.Participant || a.Role != string(provider) {
		return a, err
	}
	if err := in.Use.Settle(ctx); err != nil {
		return a, err
	}
	if err := s.Core.Proved(ctx, in.Context, a.Negotiation, negotiation.Finalized); err != nil {
		return a, err
	}
	return s.Agreements.Agreement(ctx, in.Context, id)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust"
)

// Format is how data is transferred here.
const Format = "HttpData-PULL"

// States that processes are awaited in.
const (
	Finalized  = "FINALIZED"
	Started    = "STARTED"
	Completed  = "COMPLETED"
	Terminated = "TERMINATED"
)

// Wish is what a company wants of another.
type Wish struct {
	Peer, Dataset string
	Declare       map[string][]string // what it says of itself and its reasons, by operand
	Wait          time.Duration       // for each step
}

// Conclude finds a dataset in a peer's catalogue and negotiates for the first
// offer of it. It returns the agreement's id.
func (m *Member) Conclude(ctx context.Context, w Wish) (string, error) {
	found, err := m.Participant.Catalog(ctx, w.Peer)
	if err != nil {
		return "", err
	}
	dataset, err := pick(found.Datasets, w.Dataset)
	if err != nil {
		return "", err
	}
	return m.Negotiate(ctx, w, dataset)
}

func pick(datasets []catalog.Dataset, id string) (catalog.Dataset, error) {
	for _, d := range datasets {
		if d.ID == id && len(d.Offers) > 0 {
			return d, nil
		}
	}
	return catalog.Dataset{}, fmt.Errorf("its catalogue has no offer for %s", id)
}

// Negotiate asks for the first offer of a dataset, from wherever it is known.
func (m *Member) Negotiate(ctx context.Context, w Wish, dataset catalog.Dataset) (string, error) {
	offer := dataset.Offers[0]
	n, err := m.Participant.Negotiate(ctx, negotiation.Proposal{
		Peer: w.Peer, Dataset: dataset.ID, Snapshot: dataset.Document,
		Terms:   negotiation.Terms{OfferID: offer.ID, Policy: offer.Policy},
		Declare: w.Declare,
		// Not to pass an answer on, sell it or take it apart is a promise: no
		// connector can enforce it. The agreement records that it was made.
		AcceptUnenforced: true,
	})
	if err != nil {
		return "", err
	}
	n, err = m.Participant.AwaitNegotiation(ctx, n.ID, w.Wait, func(n negotiation.Negotiation) bool {
		return n.State == Finalized || n.State == Terminated
	})
	switch {
	case err != nil && n.LastError != nil:
		return "", fmt.Errorf("%w: %s", err, n.LastError.Reason)
	case err != nil:
		return "", err
	case n.State != Finalized:
		return "", fmt.Errorf("the negotiation was terminated: %s", n.TerminatedFor)
	}
	return n.AgreementID, nil
}

// Open begins a transfer under an agreement, and returns its id once there is
// an address to pull from.
func (m *Member) Open(ctx context.Context, agreement string, wait time.Duration) (string, error) {
	p, err := m.Participant.Request(ctx, transfer.RequestArgs{Agreement: agreement, Format: Format})
	if err != nil {
		return "", err
	}
	return p.ID, m.Reaches(ctx, p.ID, Started, wait)
}

// Pull transfers the data of an agreement, at most limit bytes of it, and
// returns the id of the transfer too.
func (m *Member) Pull(ctx context.Context, agreement string, limit int64, wait time.Duration) (document []byte, id string, err error) {
	if id, err = m.Open(ctx, agreement, wait); err != nil {
		return nil, "", err
	}
	body, err := m.Participant.Pull(ctx, id)
	if err != nil {
		return nil, "", err
	}
	document, err = io.ReadAll(io.LimitReader(body, limit))
	if err = errors.Join(err, body.Close()); err != nil {
		return nil, "", err
	}
	_, err = m.Participant.ActTransfer(ctx, id, negotiation.Decision{Act: negotiation.Complete})
	return document, id, err
}

// Download is Pull by a connector that keeps the data itself, as long as the
// agreement lends it. It returns what is kept, and the id of the transfer.
func (m *Member) Download(ctx context.Context, agreement string, wait time.Duration) (h sink.Holding, id string, err error) {
	if id, err = m.Open(ctx, agreement, wait); err != nil {
		return h, "", err
	}
	if h, err = m.Participant.Download(ctx, id); err != nil {
		return h, "", err
	}
	_, err = m.Participant.ActTransfer(ctx, id, negotiation.Decision{Act: negotiation.Complete})
	return h, id, err
}

// Kept reads what was downloaded, at most limit bytes of it.
func (m *Member) Kept(ctx context.Context, h sink.Holding, limit int64) ([]byte, error) {
	r, err := m.Participant.OpenHolding(ctx, h.ID)
	if err != nil {
		return nil, err
	}
	document, err := io.ReadAll(io.LimitReader(r, limit))
	return document, errors.Join(err, r.Close())
}

// Reaches waits until a transfer is in a state, which for Completed means that
// the supplier has acknowledged the end. It fails when that cannot happen any more.
func (m *Member) Reaches(ctx context.Context, id, state string, wait time.Duration) error {
	p, err := m.Participant.AwaitTransfer(ctx, id, wait, func(p transfer.Process) bool {
		return p.State == state || p.State == Completed || p.State == Terminated
	})
	switch {
	case err != nil && p.LastError != nil:
		return fmt.Errorf("%w: %s", err, p.LastError.Reason)
	case err != nil:
		return err
	case p.State != state:
		return fmt.Errorf("transfer %s is %s: %s", id, p.State, p.StoppedFor)
	}
	return nil
}

// Proved returns the corporate number of whom an agreement is with, as its
// credentials said when the agreement was made.
func (m *Member) Proved(ctx context.Context, agreement string) (trust.Identifier, error) {
	a, err := m.Participant.Agreement(ctx, agreement)
	if err != nil {
		return trust.Identifier{}, err
	}
	number, ok := a.Claims.Primary()
	if !ok {
		return trust.Identifier{}, fmt.Errorf("agreement %s is with nobody whose corporate number is known", agreement)
	}
	return number, nil
}

// Denial says why the member's own policy denied the last request of a customer.
// Nobody else is told as much.
func (m *Member) Denial(ctx context.Context, customer string) (string, error) {
	last, err := m.Participant.Negotiations(ctx, negotiation.Filter{Role: "provider", Peer: customer, Limit: 1})
	if err != nil || len(last) == 0 {
		return "", errors.Join(fmt.Errorf("%s has no record of it", m.Slug), err)
	}
	n, err := m.Participant.AwaitNegotiation(ctx, last[0].ID, Settling, func(n negotiation.Negotiation) bool { return n.State == Terminated })
	if err != nil || n.Verdict == nil {
		return "", errors.Join(fmt.Errorf("%s has not refused it", m.Slug), err)
	}
	return n.Verdict.Reason, nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Errors of Running. Each says no to the next byte.
var (
	// ErrNoTransfer: there is no such transfer in which we are the provider.
	ErrNoTransfer = errors.New("no such transfer")
	// ErrNotStarted: it has not started yet.
	ErrNotStarted = errors.New("the transfer has not started")
	// ErrSuspended: it is suspended, or is about to be.
	ErrSuspended = errors.New("the transfer is suspended")
	// ErrEnded: it is completed or terminated, or is about to be.
	ErrEnded = errors.New("the transfer has ended")
	// ErrAgreementEnded: its agreement is not in force.
	ErrAgreementEnded = errors.New("the agreement is not in force")
	// ErrDenied: a policy does not permit it at this moment. The error is a
	// *DeniedError.
	ErrDenied = errors.New("the policy does not permit it")
)

// DeniedError is ErrDenied with the verdict.
type DeniedError struct{ Verdict policy.Verdict }

// Error says what may be told to the peer.
func (e *DeniedError) Error() string { return ErrDenied.Error() + ": " + e.Verdict.Safe }

// Is makes it an ErrDenied.
func (e *DeniedError) Is(target error) bool { return target == ErrDenied }

// Running is what a data plane needs to know of a provider's transfer.
type Running struct {
	Context, Process   string
	Participant, Peer  string // participant ids: ours, the consumer's
	Agreement, Dataset string
	// Grant is the MessageID of the Start or Resume whose address is the
	// valid one, empty while there is none. Tokens of any other are void.
	Grant string
	// Metered is set where the bytes have to be counted (Meters.TakeBytes), up
	// to ByteLimit over all transfers under the agreement.
	Metered   bool
	ByteLimit int64
}

// Running tells a data plane, from the store, whether a provider's transfer
// may send data now, which only a nil error means. ErrNotStarted, ErrSuspended,
// ErrEnded, ErrAgreementEnded and ErrDenied come with the transfer, ErrNoTransfer and
// errors of the store come without.
func (s *Service) Running(ctx context.Context, contextID, id string) (Running, error) {
	r, err := s.load(ctx, contextID, id)
	if errors.Is(err, engine.ErrNotFound) || err == nil && r.Role != provider {
		return Running{}, ErrNoTransfer
	}
	if err != nil {
		return Running{}, err
	}
	d, err := read(r)
	if err != nil {
		return Running{}, err
	}
	run := Running{
		Context: r.Context, Process: r.ID, Participant: d.OwnID, Peer: r.Peer,
		Agreement: r.Subject, Dataset: d.Dataset, Grant: d.Grant,
	}
	if err := d.mayFlow(r); err != nil {
		return run, err
	}
	a, err := s.Agreements.Agreement(ctx, contextID, r.Subject)
	switch {
	case errors.Is(err, negotiation.ErrNoAgreement):
		return run, ErrAgreementEnded
	case err != nil:
		return Running{}, err
	case !a.InForce() || a.Peer != r.Peer || a.Role != string(provider):
		s.denials.report(engine.Change{Context: r.Context, Process: r.ID}, 0)
		return run, ErrAgreementEnded
	}
	return s.judged(ctx, run, a, d)
}

// judged adds what the policies say at this moment.
func (s *Service) judged(ctx context.Context, run Running, a negotiation.Agreement, d data) (Running, error) {
	j, err := s.Policies.judge(ctx, a, d, policy.WhileRunning, nil)
	if err != nil {
		return Running{}, err
	}
	if v := j.verdict(); !v.Permit {
		s.denials.report(engine.Change{Context: run.Context, Process: run.Process}, 0)
		return run, &DeniedError{Verdict: v}
	}
	run.Metered, run.ByteLimit = j.bytes()
	return run, nil
}

func (d data) mayFlow(r engine.Record) error {
	ending := r.Pending != nil && (r.Pending.Message == completion || r.Pending.Message == termination)
	switch {
	case d.open(r):
		return nil
	case r.Final || ending || d.Flow == flowEnded:
		return ErrEnded
	case d.Flow == "":
		return ErrNotStarted
	}
	return ErrSuspended
}

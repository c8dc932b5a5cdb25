// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// Offer tells a holder's wallet that it may ask for credentials (DCP 1.0,
// section 6.6). ErrUnknownObject; ErrHolder where the wallet refused or there is
// none, or wraps trust.ErrUnavailable.
func (s *Service) Offer(ctx context.Context, contextID, holder string, ids []string) error {
	own, settings, err := s.own(ctx, contextID)
	if err != nil {
		return err
	}
	list, err := find(*settings.Issues, ids)
	if err != nil {
		return err
	}
	o := dcp.Offer{Issuer: own.ID}
	for _, one := range list {
		o.Credentials = append(o.Credentials, s.describe(one))
	}
	err = s.post(ctx, own, holder, "", "/offers", o)
	if err == nil || errors.Is(err, ErrHolder) {
		return err
	}
	if _, verdict := errors.AsType[*did.Error](err); verdict {
		return fmt.Errorf("%w: %w", ErrHolder, err) // there is no such wallet
	}
	return &outOfReachError{err}
}

// outOfReachError is a trust.ErrUnavailable with its cause.
type outOfReachError struct{ cause error }

func (e *outOfReachError) Error() string {
	return "the holder's wallet is out of reach: " + e.cause.Error()
}
func (e *outOfReachError) Unwrap() error        { return e.cause }
func (e *outOfReachError) Is(target error) bool { return target == trust.ErrUnavailable }

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"errors"
	"net/http"

	"github.com/musubi-ods/musubi/trust/dcp"
)

// requestStatus serves GET /issuer/requests/:id, to the holder alone: to all
// others there is nothing there.
func (s *Service) requestStatus(ctx context.Context, caller dcp.Caller, c dcp.Call) (dcp.Answer, error) {
	nothing := dcp.Faultf(http.StatusNotFound, "no_request", "there is no such request")
	if c.Param == "" || len(c.Param) > 100 {
		return dcp.Answer{}, nothing
	}
	r, err := s.cfg.Store.IssuerRequest(ctx, c.Own.Context, c.Param)
	switch {
	case errors.Is(err, ErrNotFound):
		return dcp.Answer{}, nothing
	case err != nil:
		return dcp.Answer{}, err
	case r.Holder != caller.DID || r.prepared():
		return dcp.Answer{}, nothing
	}
	return answer(http.StatusOK, dcp.RequestStatus{IssuerPID: r.ID, HolderPID: r.HolderPID, Status: r.shown()})
}

// shown is the state in DCP's words (section 6.8). What the holder does not
// have yet is on its way.
func (r Request) shown() string {
	switch {
	case r.State == Rejected:
		return dcp.Rejected
	case r.State == Lost, r.State == Issued && !r.Delivered.IsZero():
		return dcp.Issued
	}
	return dcp.Received
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
)

// upload sends the body by the way that the receiver knows.
func (p *Push) upload(ctx context.Context, j transfer.Job, out *outgoing) (*http.Response, error) {
	header := http.Header{}
	header.Set(TrackingHeader, pushName(j))
	header.Set(headerKey, `"`+j.ID+`"`)
	kind := out.from.header.Get("Content-Type")
	if kind == "" {
		kind = "application/octet-stream"
	}
	header.Set("Content-Type", kind)
	if !ours(*j.Address) {
		if out.from.sum != "" {
			header.Set(contentDigest, digestField(out.from.sum))
			header.Set(reprDigest, digestField(out.from.sum))
		}
		return p.call(ctx, j, method(*j.Address), out, header, out.from.total)
	}
	header.Set(headerOffset, strconv.FormatInt(out.from.start, 10))
	header.Set(headerComplete, "?1")
	if out.from.total >= 0 {
		header.Set(headerLength, strconv.FormatInt(out.from.total, 10))
	}
	out.trailer = http.Header{contentDigest: nil, reprDigest: nil}
	return p.call(ctx, j, http.MethodPatch, out, header, -1)
}

// call sends a request to the receiver. An answer that is no success is an
// error.
func (p *Push) call(ctx context.Context, j transfer.Job, verb string, body io.Reader, header http.Header, length int64) (*http.Response, error) {
	u, err := p.cfg.Foreign.CheckURL(j.Address.Endpoint)
	if err != nil {
		return nil, &transfer.JobFault{Code: "data-address-refused", Reason: "the address to push to cannot be used here"}
	}
	req, err := http.NewRequestWithContext(ctx, verb, u.String(), body)
	if err != nil {
		return nil, err
	}
	maps.Copy(req.Header, header)
	if value := authorization(*j.Address); value != "" {
		req.Header.Set("Authorization", value)
	}
	if out, ok := body.(*outgoing); ok {
		req.ContentLength, req.Trailer = length, out.trailer
		if length == 0 {
			req.Body = http.NoBody
			_, _ = io.Copy(io.Discard, out) // it is empty, and its hash is that of nothing
		}
	}
	resp, err := p.cfg.Foreign.Stream(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		defer resp.Body.Close()
		return nil, &Later{retryAfter(resp.Header), fault(resp)}
	}
	return resp, nil
}

// maxDenied is how often a receiver may refuse, though the transfer runs.
const maxDenied = 8

// verdict tells what another try may mend from what it may not.
func (p *Push) verdict(h *Haul, err error) error {
	j := h.Job()
	answered, ok := errors.AsType[*FetchError](err)
	switch {
	case errors.Is(err, safehttp.ErrRedirect):
		return &transfer.JobFault{Code: "push-redirected", Reason: "the receiver answers with a redirect, which is not followed"}
	case errors.Is(err, safehttp.ErrForbiddenAddress):
		return &transfer.JobFault{Code: "data-address-refused", Reason: "the address to push to cannot be used here"}
	case errors.Is(err, transfer.ErrExhausted):
		p.cfg.Transfers.Exhausted(j.Context, j.Process, 1)
		return ErrHeld
	case errors.Is(err, ErrNoSource), errors.Is(err, ErrPath):
		return p.giveUp(j, 3, codeSourceMissing, err)
	case !ok:
		return err
	case answered.Status == http.StatusRequestEntityTooLarge:
		return &transfer.JobFault{Code: "push-refused", Reason: answered.Error()}
	case answered.Status == http.StatusTooManyRequests || answered.Status/100 == 5 || answered.Status == http.StatusConflict && answered.Code == codeOffset:
		return err
	case !refusedBefore(j):
		return err
	}
	return p.giveUp(j, maxDenied, "push-refused", err)
}

// giveUp ends a job after some tries.
func (*Push) giveUp(j transfer.Job, tries int, code string, err error) error {
	if j.Tries < tries {
		return err
	}
	return &transfer.JobFault{Code: code, Reason: err.Error()}
}

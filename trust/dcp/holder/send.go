// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

const (
	firstRetry = time.Second
	mostRetry  = 10 * time.Minute
	// slowRetry is the wait after an issuer did not believe who we are, or is
	// none: people have to do something about that.
	slowRetry = time.Hour
	firstLook = 10 * time.Second
	mostLook  = time.Hour
)

// send asks the issuer (DCP 1.0, section 6.4) and returns the request as it is
// then. It is the same request each time: an issuer that has it already says
// so.
func (s *Service) send(ctx context.Context, own trust.Participant, r Request) Request {
	base, err := s.base(ctx, r.Issuer)
	if err != nil {
		return s.retry(r, err.Error(), firstRetry)
	}
	body, err := dcp.Marshal(dcp.CredentialRequest{HolderPID: r.HolderPID, Credentials: r.Credentials})
	if err != nil {
		return failed(r, err.Error())
	}
	got, err := s.call(ctx, own, r, http.MethodPost, base+"/credentials", body)
	if err != nil {
		return s.retry(r, err.Error(), firstRetry)
	}
	switch {
	case got.status >= 200 && got.status < 300:
		r.StatusURL, r.IssuerPID = statusURL(base, got.location)
		return s.accepted(r)
	case got.status == http.StatusConflict: // it came the last time, and we did not learn it
		return s.accepted(r)
	case got.status == http.StatusUnauthorized:
		return s.retry(r, answered(got), slowRetry)
	case passing(got.status):
		return s.retry(r, answered(got), firstRetry)
	}
	return failed(r, answered(got))
}

// accepted notes that the issuer has the request. Its decision may take days.
func (s *Service) accepted(r Request) Request {
	now := s.cfg.Now()
	r.State, r.Tries, r.Reason = Received, 0, ""
	r.Deadline, r.NextTry = now.Add(waitFor), now.Add(firstLook)
	return r
}

// look asks what became of a request (section 6.8), in case that the delivery
// was lost or a rejection was not sent.
func (s *Service) look(ctx context.Context, own trust.Participant, r Request) Request {
	if r.StatusURL == "" {
		r.NextTry = r.Deadline // all that can be done is to wait
		return r
	}
	got, err := s.call(ctx, own, r, http.MethodGet, r.StatusURL, nil)
	switch {
	case err != nil:
		return s.later(r, err.Error())
	case got.status != http.StatusOK:
		return s.later(r, answered(got))
	}
	status, err := dcp.ReadRequestStatus(got.body)
	if err != nil {
		return s.later(r, err.Error())
	}
	if status.HolderPID != "" && status.HolderPID != r.HolderPID {
		return s.later(r, "the issuer answered with the status of another request")
	}
	switch status.Status {
	case dcp.Rejected:
		r.State, r.Reason, r.NextTry = Rejected, "the issuer rejected it", time.Time{}
		return r
	case dcp.Issued:
		return s.later(r, "the issuer says that it has issued, but nothing has arrived: does it reach "+own.PublicURL+"/dcp?")
	}
	return s.later(r, "")
}

// later looks again, after a wait that grows.
func (s *Service) later(r Request, reason string) Request {
	r.Tries++
	r.Reason = clip(reason, 500)
	r.NextTry = s.due(r, backoff(firstLook, r.Tries, mostLook))
	return r
}

// retry sends again, after a wait that grows.
func (s *Service) retry(r Request, reason string, first time.Duration) Request {
	r.Tries++
	r.Reason = clip(reason, 500)
	r.NextTry = s.due(r, backoff(first, r.Tries, max(first, mostRetry)))
	return r
}

// due is a time from now, the deadline at the latest.
func (s *Service) due(r Request, wait time.Duration) time.Time {
	at := s.cfg.Now().Add(wait)
	if at.After(r.Deadline) {
		return r.Deadline
	}
	return at
}

func failed(r Request, reason string) Request {
	r.State, r.Reason, r.NextTry = Failed, clip(reason, 500), time.Time{}
	return r
}

// expired gives up.
func expired(r Request) Request {
	reason := "the issuer did not decide in time"
	if r.State == Requested {
		reason = "the issuer was not reached in time"
	}
	if r.Reason != "" {
		reason += "; at last: " + r.Reason
	}
	return failed(r, reason)
}

func answered(got reply) string { return fmt.Sprintf("the issuer answered %d", got.status) }

// passing tells the answers that may be others a while later.
func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}

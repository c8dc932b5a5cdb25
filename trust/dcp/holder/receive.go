// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"
	"unicode"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// attempts is how often a write is tried that another writer was faster with:
// a worker that notes what the issuer answered, or a second delivery.
const attempts = 3

// receive serves credentials (DCP 1.0, section 6.5): an issuer delivers what we
// asked of it, all or nothing.
func (s *Service) receive(ctx context.Context, caller dcp.Caller, c dcp.Call) (dcp.Answer, error) {
	m, err := dcp.ReadCredentialMessage(c.Body)
	if err != nil {
		return dcp.Answer{}, unreadable(err)
	}
	if !plain(m.IssuerPID) {
		return dcp.Answer{}, dcp.Faultf(http.StatusBadRequest, "invalid_message", "issuerPid is too long or no text")
	}
	if !plain(m.HolderPID) {
		return dcp.Answer{}, unknownRequest()
	}
	var list []Stored
	if m.Status == dcp.Issued {
		if list, err = s.readDelivery(ctx, c.Own, caller.DID, m); err != nil {
			return dcp.Answer{}, err
		}
	}
	if err := s.room(ctx, c.Own, caller.DID, list); err != nil {
		return dcp.Answer{}, err
	}
	for range attempts {
		err = s.settle(ctx, c.Own, caller.DID, m, list)
		if !errors.Is(err, ErrClosed) {
			break
		}
	}
	if errors.Is(err, ErrClosed) {
		err = fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	if err != nil {
		return dcp.Answer{}, err
	}
	s.rouse()
	s.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "credential message", slog.String("participant", c.Own.Context),
		slog.String("issuer", caller.DID), slog.String("request", m.HolderPID), slog.String("status", m.Status),
		slog.Int("credentials", len(list)))
	return done()
}

// maxOfIssuer bounds the credentials of one issuer in a wallet: one that was
// asked once may deliver without end.
const maxOfIssuer = 500

// room answers 507 where an issuer's share is used up, so that the issuer keeps
// what it has to deliver.
func (s *Service) room(ctx context.Context, own trust.Participant, issuer string, more []Stored) error {
	if len(more) == 0 {
		return nil
	}
	list, err := s.cfg.Store.Credentials(ctx, own.Context)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(c Stored) bool {
		return c.Issuer != issuer || slices.ContainsFunc(more, c.replacedBy)
	})
	if len(list)+len(more) > maxOfIssuer {
		return dcp.Faultf(http.StatusInsufficientStorage, "wallet_full", "the wallet holds %d credentials of yours", len(list))
	}
	return nil
}

// replacedBy reports whether other takes the place of c: it is delivered again.
func (c Stored) replacedBy(other Stored) bool {
	return c.Credential != "" && c.Credential == other.Credential && c.Issuer == other.Issuer && c.Profile == other.Profile
}

// settle writes what a message says of its request.
func (s *Service) settle(ctx context.Context, own trust.Participant, issuer string, m dcp.CredentialMessage, list []Stored) error {
	r, err := s.cfg.Store.Request(ctx, own.Context, m.HolderPID)
	if errors.Is(err, ErrNotFound) || err == nil && r.Issuer != issuer {
		return unknownRequest() // whether another issuer was asked is nobody's business
	}
	if err != nil {
		return err
	}
	if !r.takes(m.Status) {
		return dcp.Faultf(http.StatusConflict, "request_closed", "the request is %s", r.State)
	}
	r.IssuerPID = m.IssuerPID
	r.Updated, r.NextTry, r.Tries, r.Reason = s.cfg.Now(), time.Time{}, 0, ""
	if m.Status == dcp.Rejected {
		r.State, r.Reason = Rejected, clip(m.Reason, 500)
		_, err = s.cfg.Store.SaveRequest(ctx, own.Context, r)
		return err
	}
	r.State = Issued
	if _, err = s.cfg.Store.Deliver(ctx, own.Context, r, list); err != nil {
		return err
	}
	return s.replace(ctx, own, r, list)
}

func unknownRequest() error {
	return dcp.Faultf(http.StatusNotFound, "unknown_request", "you have no request with this holderPid")
}

// takes reports whether a request is open for a message. Credentials may come
// again under a request that was granted: issuers renew them like that.
func (r Request) takes(status string) bool {
	if r.State == Issued {
		return status == dcp.Issued
	}
	return r.State == Requested || r.State == Received
}

// replace removes the credential that a request was to renew. If that fails,
// the issuer is told so and delivers once more.
func (s *Service) replace(ctx context.Context, own trust.Participant, r Request, list []Stored) error {
	if r.Renews == "" {
		return nil
	}
	old, err := s.cfg.Store.Credential(ctx, own.Context, r.Renews)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(c Stored) bool { return c.succeeds(old) }) {
		return nil // it is good until its end
	}
	if err := s.cfg.Store.DeleteCredential(ctx, own.Context, old.ID); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// succeeds reports whether c is a later issue of old, and not the same row.
func (c Stored) succeeds(old Stored) bool {
	same := c.Credential == old.Credential && c.Issuer == old.Issuer && c.Profile == old.Profile
	c.Request = old.Request
	return !same && c.series() == old.series()
}

// clip shortens a text from outside and takes control characters out of it.
func clip(text string, size int) string {
	kept := []rune{}
	for _, r := range text {
		if len(kept) == size {
			break
		}
		if unicode.IsControl(r) || r == '\uFFFD' {
			r = ' '
		}
		kept = append(kept, r)
	}
	return string(kept)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

const (
	// scan is how many of the newest open requests are looked through, per
	// state: a request that is repeated is repeated soon.
	scan = 200
	// maxOpen is how many requests one holder may have open.
	maxOpen = 50
	// maxPID bounds what a holder calls its request, in bytes.
	maxPID = 512
	// maxToken bounds the access token that a holder gives us, in bytes.
	maxToken = 16 << 10
)

// receive serves POST /issuer/credentials: 201 and where the request's status
// is. An identical request that is still open is answered with the same place.
func (s *Service) receive(ctx context.Context, caller dcp.Caller, c dcp.Call) (dcp.Answer, error) {
	m, err := dcp.ReadCredentialRequest(c.Body)
	if err != nil {
		return dcp.Answer{}, bad("bad_request", err)
	}
	if !goodPID(m.HolderPID) || len(caller.AccessToken) > maxToken || !plain(caller.AccessToken) {
		return dcp.Answer{}, dcp.Faultf(http.StatusBadRequest, "bad_request", "holderPid or token is too long or no plain text")
	}
	settings, err := dcp.ReadSettings(c.Own)
	if err != nil {
		return dcp.Answer{}, err
	}
	asked, err := find(*settings.Issues, m.Credentials)
	if err != nil {
		return dcp.Answer{}, bad("unknown_credential", err)
	}
	r, err := s.open(ctx, c.Own, settings, caller, m.HolderPID, asked)
	if err != nil {
		return dcp.Answer{}, err
	}
	return dcp.Answer{Status: http.StatusCreated, Location: base(c.Own) + Path + "/requests/" + r.ID}, nil
}

// open finds the request that is repeated or was prepared for the holder, or
// makes a new one.
func (s *Service) open(ctx context.Context, own trust.Participant, settings dcp.Settings, caller dcp.Caller, pid string, asked []object) (Request, error) {
	pending, err := s.openOf(ctx, own.Context, caller.DID)
	if err != nil {
		return Request{}, err
	}
	ids := idsOf(asked)
	for _, r := range pending {
		if r.HolderPID == pid && sameIDs(r.Credentials, ids) {
			return s.repeat(ctx, own.Context, r, caller.AccessToken)
		}
	}
	if len(pending) >= maxOpen {
		return Request{}, dcp.Faultf(http.StatusTooManyRequests, "too_many_requests", "too many requests of this holder are open")
	}
	now := s.cfg.Now()
	r := Request{ID: s.newUUID(), Holder: caller.DID, State: Received, Created: now}
	prepared := slices.IndexFunc(pending, func(r Request) bool { return r.prepared() && sameIDs(r.Credentials, ids) })
	if prepared >= 0 {
		r = pending[prepared]
		r.NextTry = now
	}
	r.HolderPID, r.Credentials, r.Token, r.Updated = pid, ids, caller.AccessToken, now
	if r.State == Received {
		r = s.byRule(own, settings, r, asked)
	}
	saved, err := s.cfg.Store.SaveIssuerRequest(ctx, own.Context, r, nil)
	if errors.Is(err, ErrChanged) {
		return Request{}, dcp.Faultf(http.StatusServiceUnavailable, "try_again", "the request was changed meanwhile")
	}
	if err == nil && saved.State == Approved {
		s.signal()
	}
	return saved, err
}

// openOf returns the newest requests of a holder that are not answered yet.
func (s *Service) openOf(ctx context.Context, contextID, holder string) ([]Request, error) {
	var open []Request
	for _, state := range []string{Received, Approved} {
		list, err := s.cfg.Store.IssuerRequests(ctx, contextID, state, "", scan)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if r.Holder == holder {
				open = append(open, r)
			}
		}
	}
	return open, nil
}

// repeat keeps the newer access token, which is good for longer, and makes
// what is due be done at once.
func (s *Service) repeat(ctx context.Context, contextID string, r Request, token string) (Request, error) {
	r.Token, r.Updated = token, s.cfg.Now()
	if r.State == Approved {
		r.NextTry = r.Updated
	}
	saved, err := s.cfg.Store.SaveIssuerRequest(ctx, contextID, r, nil)
	switch {
	case errors.Is(err, ErrChanged):
		return r, nil // it is being worked on; the older token has to do
	case err == nil && saved.State == Approved:
		s.signal()
	}
	return saved, err
}

// byRule approves a request where the settings say so. Claims that are no good
// leave it to a person.
func (s *Service) byRule(own trust.Participant, settings dcp.Settings, r Request, asked []object) Request {
	rule := ruleFor(settings.Issues.AutoApprove, r.Holder)
	if rule == nil {
		return r
	}
	now := s.cfg.Now()
	claims, err := s.subjects(own, settings, r.Holder, types(asked), rule.Claims, false)
	if err != nil {
		r.LastError = printable("not approved by the rule: " + err.Error())
		s.log(own.Context, "a request for credentials waits for a person, for the rule's claims are not good", err)
		return r
	}
	r.State, r.Claims, r.Decided, r.NextTry, r.Updated = Approved, claims, "rule", now, now
	return r
}

// ruleFor returns the rule for a holder; one that names it comes before "*".
func ruleFor(rules []dcp.Approval, holder string) *dcp.Approval {
	for _, name := range []string{holder, "*"} {
		for i := range rules {
			if rules[i].Holder == name {
				return &rules[i]
			}
		}
	}
	return nil
}

// goodPID tells what can be kept as the id that a holder gives.
func goodPID(pid string) bool { return len(pid) <= maxPID && plain(pid) }

// plain reports whether a text is one that can be kept and shown.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

func idsOf(list []object) []string {
	ids := make([]string, len(list))
	for i, o := range list {
		ids[i] = o.id()
	}
	return ids
}

func sameIDs(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func bad(code string, err error) *dcp.Fault {
	f := dcp.Faultf(http.StatusBadRequest, code, "%s", err)
	f.Err = nil // it is all in the reason
	return f
}

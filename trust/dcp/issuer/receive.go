// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

const (
	// scan is how many of the newest open requests are looked through, per
	// state. So many may wait for a decision: anybody can make requests, under
	// any number of DIDs.
	scan = 1000
	// maxOpen is how many requests one holder may have open.
	maxOpen = 50
	// maxOpenTries is how often a request is judged again after a lost race.
	maxOpenTries = 3
	// maxByRule is how many credentials a holder gets by a rule in a day: each
	// takes a place in a status list for good.
	maxByRule = 200
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

// Asked returns a hash of who asks for what under which id, by which a request
// that is repeated is known. open tells whether the holder waits for an answer:
// of such requests a store keeps one with each hash.
func (r Request) Asked() (key [sha256.Size]byte, open bool) {
	switch r.State {
	case Received, Approved, Issued:
		open = r.Delivered.IsZero() && r.HolderPID != noPID
	}
	if !open {
		return key, false
	}
	h := sha256.New()
	for _, text := range append([]string{r.Holder, r.HolderPID}, slices.Sorted(slices.Values(r.Credentials))...) {
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text)))) // never fails
		_, _ = h.Write([]byte(text))
	}
	return [sha256.Size]byte(h.Sum(nil)), true
}

// open is openOnce, and again where somebody else was faster: the same request
// at another replica, perhaps.
func (s *Service) open(ctx context.Context, own trust.Participant, settings dcp.Settings, caller dcp.Caller, pid string, asked []object) (r Request, err error) {
	defer s.opening.Lock(own.Context, caller.DID)()
	for range maxOpenTries {
		if r, err = s.openOnce(ctx, own, settings, caller, pid, asked); !errors.Is(err, ErrChanged) {
			return r, err
		}
	}
	return Request{}, dcp.Faultf(http.StatusServiceUnavailable, "try_again", "the request was changed meanwhile")
}

// openOnce finds the request that is repeated or was prepared for the holder,
// or makes a new one.
func (s *Service) openOnce(ctx context.Context, own trust.Participant, settings dcp.Settings, caller dcp.Caller, pid string, asked []object) (Request, error) {
	pending, full, err := s.openOf(ctx, own.Context, caller.DID)
	if err != nil {
		return Request{}, err
	}
	ids := idsOf(asked)
	for _, r := range pending {
		if r.HolderPID == pid && sameIDs(r.Credentials, ids) {
			return s.repeat(ctx, own.Context, r, caller.AccessToken)
		}
	}
	if n := len(slices.DeleteFunc(slices.Clone(pending), Request.decided)); n >= maxOpen {
		return Request{}, dcp.Faultf(http.StatusTooManyRequests, "too_many_requests", "too many requests of this holder are open")
	}
	now := s.cfg.Now()
	if full {
		return Request{}, dcp.Faultf(http.StatusServiceUnavailable, "busy", "too many requests wait for a decision")
	}
	r := Request{ID: s.newUUID(), Holder: caller.DID, State: Received, Created: now}
	prepared := slices.IndexFunc(pending, func(r Request) bool { return r.prepared() && sameIDs(r.Credentials, ids) })
	if prepared >= 0 {
		r = pending[prepared]
		r.NextTry = now
	}
	r.HolderPID, r.Credentials, r.Token, r.Updated = pid, ids, caller.AccessToken, now
	if r.State == Received {
		if r, err = s.byRule(ctx, own, settings, r, asked); err != nil {
			return Request{}, err
		}
	}
	saved, err := s.cfg.Store.SaveIssuerRequest(ctx, own.Context, r, nil)
	if err == nil && saved.State == Approved {
		s.signal()
	}
	return saved, err
}

// openOf returns the newest requests of a holder that it has no answer to yet.
// What is issued and not delivered is among them: a holder that did not learn
// that we have its request sends it again, and is to get the same credentials.
// full is that no more requests can wait for a decision.
func (s *Service) openOf(ctx context.Context, contextID, holder string) (open []Request, full bool, err error) {
	for _, state := range []string{Received, Approved, Issued} {
		list, err := s.cfg.Store.IssuerRequests(ctx, contextID, state, "", scan)
		if err != nil {
			return nil, false, err
		}
		full = full || state == Received && len(list) == scan
		for _, r := range list {
			if r.Holder == holder && r.Delivered.IsZero() {
				open = append(open, r)
			}
		}
	}
	return open, full, nil
}

// decided reports whether nobody waits for a decision or for issuance.
func (r Request) decided() bool { return r.State != Received && r.State != Approved }

// repeat keeps the newer access token, which is good for longer, and makes
// what is due be done at once.
func (s *Service) repeat(ctx context.Context, contextID string, r Request, token string) (Request, error) {
	r.Token, r.Updated = token, s.cfg.Now()
	if r.State != Received {
		r.NextTry = r.Updated
	}
	saved, err := s.cfg.Store.SaveIssuerRequest(ctx, contextID, r, nil)
	switch {
	case errors.Is(err, ErrChanged):
		return r, nil // it is being worked on; the older token has to do
	case err == nil && saved.State != Received:
		s.signal()
	}
	return saved, err
}

// byRule approves a request where the settings say so. Claims that are no good
// leave it to a person, and so does a holder that asks again and again.
func (s *Service) byRule(ctx context.Context, own trust.Participant, settings dcp.Settings, r Request, asked []object) (Request, error) {
	rule := ruleFor(settings.Issues.AutoApprove, r.Holder)
	if rule == nil {
		return r, nil
	}
	now := s.cfg.Now()
	latest, err := s.cfg.Store.IssuedCredentials(ctx, own.Context, r.Holder, "", maxByRule)
	if err != nil {
		return r, err
	}
	if len(latest) == maxByRule && now.Sub(latest[maxByRule-1].Issued) < 24*time.Hour {
		r.LastError = fmt.Sprintf("not approved by the rule: %d credentials were issued to this holder within a day", maxByRule)
		return r, nil
	}
	claims, err := s.subjects(own, settings, r.Holder, types(asked), rule.Claims, false)
	if err != nil {
		r.LastError = printable("not approved by the rule: " + err.Error())
		s.log(own.Context, "a request for credentials waits for a person, for the rule's claims are not good", err)
		return r, nil
	}
	r.State, r.Claims, r.Decided, r.NextTry, r.Updated = Approved, claims, "rule", now, now
	return r, nil
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

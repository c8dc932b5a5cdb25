// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"errors"
	"testing"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// TokenCase is a call with a token that is about to be spoilt.
type TokenCase struct {
	World  *World
	Caller *Party
	Own    *Party
	Draft  *Draft
	// Document is the caller's; it is published once the fault is in.
	Document Document
	// Values, if set, replace the Authorization header. They are made of the
	// good value.
	Values func(bearer string) []string
}

// TokenFault is one fault of a self-issued token, and what a token with the
// fault mended looks like.
type TokenFault struct {
	Check string // "V01"
	Name  string
	// Break puts the fault in.
	Break func(c *TokenCase)
	// Mend makes a twin that is accepted and differs in the fault alone; nil:
	// the token without it.
	Mend func(c *TokenCase)
	// AccessToken says that this is a fault only where an access token is
	// demanded.
	AccessToken bool
	// Again says that the call is sent once before, and accepted.
	Again bool
}

// Endpoint is what RunTokenFaults calls.
type Endpoint struct {
	Caller, Own *Party
	Serve       dcp.Handler
	// Call returns a call; nil: an empty one. Own and Authorization are set by
	// RunTokenFaults.
	Call func() dcp.Call
	// Token, if set, makes a good token one that this endpoint is content
	// with, as by an access token that Own granted.
	Token func(d *Draft)
	// AccessToken says that the endpoint demands one.
	AccessToken bool
}

// RunTokenFaults sends each fault of TokenFaults to an endpoint and demands a
// refusal of that number, and its mended twin, which must not be refused.
func RunTokenFaults(t *testing.T, w *World, e Endpoint) {
	t.Helper()
	for _, fault := range TokenFaults() {
		if fault.AccessToken && !e.AccessToken {
			continue
		}
		t.Run(fault.Check+" "+fault.Name, func(t *testing.T) {
			t.Run("refused", func(t *testing.T) { e.refuse(t, w, fault) })
			t.Run("accepted", func(t *testing.T) { e.accept(t, w, fault) })
		})
	}
}

// RunTokenCheck runs the faults of one check: all of them below "refused", their
// mended twins below "accepted".
func RunTokenCheck(t *testing.T, w *World, e Endpoint, check string) {
	t.Helper()
	found := 0
	for _, group := range []struct {
		name string
		run  func(*testing.T, *World, TokenFault)
	}{{"refused", e.refuse}, {"accepted", e.accept}} {
		t.Run(group.name, func(t *testing.T) {
			for _, fault := range TokenFaults() {
				if fault.Check == check {
					found++
					t.Run(fault.Name, func(t *testing.T) { group.run(t, w, fault) })
				}
			}
		})
	}
	if found == 0 {
		t.Fatalf("no fault of %s", check)
	}
}

// refuse demands that the fault is refused by its number.
func (e Endpoint) refuse(t *testing.T, w *World, fault TokenFault) {
	t.Helper()
	values := e.prepare(t, w, fault.Break)
	if fault.Again {
		if err := e.send(t, values); refused(err) != nil {
			t.Fatalf("the first time: %v", err)
		}
	}
	err := e.send(t, values)
	refusal := refused(err)
	if refusal == nil || refusal.Check != fault.Check {
		t.Errorf("error %v; want a refusal by %s", err, fault.Check)
	}
}

// accept demands that the mended twin is not refused.
func (e Endpoint) accept(t *testing.T, w *World, fault TokenFault) {
	t.Helper()
	mend := fault.Mend
	if mend == nil {
		mend = func(*TokenCase) {}
	}
	if refusal := refused(e.send(t, e.prepare(t, w, mend))); refusal != nil {
		t.Errorf("refused: %v", refusal)
	}
}

// prepare publishes the caller's document and returns the Authorization values.
func (e Endpoint) prepare(t *testing.T, w *World, change func(*TokenCase)) []string {
	t.Helper()
	c := &TokenCase{World: w, Caller: e.Caller, Own: e.Own, Draft: e.Caller.Draft(e.Own.DID)}
	before, _ := w.DIDs.Raw(e.Caller.DID)
	t.Cleanup(func() { w.DIDs.Put(e.Caller.DID, before) })
	c.Document = e.Caller.Document("CredentialService", e.Caller.URL()+"/dcp")
	if e.Token != nil {
		e.Token(c.Draft)
	}
	w.DIDs.Put(e.Caller.DID, c.Document)
	change(c)
	values := []string{c.Draft.Bearer(t)}
	if c.Values != nil {
		values = c.Values(values[0])
	}
	return values
}

func (e Endpoint) send(t *testing.T, values []string) error {
	t.Helper()
	var call dcp.Call
	if e.Call != nil {
		call = e.Call()
	}
	call.Own, call.Authorization = e.Own.Participant(), values
	_, err := e.Serve(t.Context(), call)
	return err
}

// refused returns the refusal that an error is, if it is one.
func refused(err error) *trust.Refusal {
	refusal, _ := errors.AsType[*trust.Refusal](err)
	return refusal
}

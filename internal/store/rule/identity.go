// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// maxShort is the greatest length in bytes of a text that is a word of ours or
// of a specification, and stands in an index beside ids.
const maxShort = 128

// MaxOffers is how many offers of credentials a wallet keeps.
const MaxOffers = 100

// Settings returns a participant's settings as they are kept; none is nil.
func Settings(p trust.Participant) []byte { return bytes.TrimSpace(p.Settings) }

// object checks that a text is a JSON object.
func object(name string, text []byte) error {
	if text = bytes.TrimSpace(text); !json.Valid(text) || text[0] != '{' {
		return fmt.Errorf("%s is not a JSON object", name)
	}
	return documents(name, text)
}

// documents checks name, text pairs of JSON; none is fine.
func documents(name string, text []byte) error {
	if len(text) > 0 && !json.Valid(text) {
		return fmt.Errorf("%s is not JSON", name)
	}
	return plain(name, string(text))
}

func conformance(c trust.Conformance) error {
	switch c {
	case "", trust.Strict, trust.Lenient:
		return nil
	}
	return fmt.Errorf("conformance %q", c)
}

// oneOf checks a state.
func oneOf(state string, states ...string) error {
	if slices.Contains(states, state) {
		return nil
	}
	return fmt.Errorf("state %q", state)
}

// words checks name, value pairs of short words.
func words(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if len(pairs[i+1]) > maxShort {
			return fmt.Errorf("%s of %d bytes", pairs[i], len(pairs[i+1]))
		}
	}
	return plain(pairs...)
}

// list checks texts that are kept together.
func list(name string, values []string) error {
	for _, v := range values {
		if err := plain(name, v); err != nil {
			return err
		}
	}
	return nil
}

// count checks numbers that are not below least.
func count(least int64, numbers ...int64) error {
	for _, n := range numbers {
		if n < least {
			return fmt.Errorf("the number %d is below %d", n, least)
		}
	}
	return nil
}

// due checks a time at which something is to be done.
func due(times ...time.Time) error {
	for _, t := range times {
		if Micro(t) < 0 {
			return errors.New("a time before 1970")
		}
	}
	return nil
}

// Token reports why the use of a token cannot be recorded. Its id may have any
// length.
func Token(context, issuer, tokenID string, until time.Time) error {
	var wrong error
	if issuer == "" || tokenID == "" || Micro(until) <= 0 {
		wrong = errors.New("no issuer, id or end")
	}
	return invalid("token", key("context", context), wrong)
}

// UsedToken is Token for a row of a step of a participant's process.
func UsedToken(context string, u trust.UsedToken) error {
	if u.Context != context {
		return fmt.Errorf("%w: a token that was used with participant %q in the store of %q", ErrInvalid, u.Context, context)
	}
	return Token(u.Context, u.Issuer, u.TokenID, u.Until)
}

// Binding reports why i cannot be kept for a counterparty.
func Binding(context, participant string, i trust.Identifier) error {
	return invalid("binding", key("context", context, "participant", participant, "scheme", i.Scheme, "value", i.Value))
}

// TrustList reports why a list cannot be kept.
func TrustList(context, authority string, sequence int64, raw string) error {
	return invalid("trust list", key("context", context, "authority", authority), count(1, sequence), filled("list", raw))
}

// TrustDraft reports why an issuer cannot be in a draft.
func TrustDraft(context string, i dcp.TrustedIssuer) error {
	var empty error
	for _, t := range i.Types {
		if t == "" {
			empty = errors.New("an empty type")
		}
	}
	return invalid("trusted issuer", key("context", context, "id", i.ID), empty, list("type", i.Types), conformance(i.Conformance))
}

// filled checks a text that must be there.
func filled(name, text string) error {
	if text == "" {
		return fmt.Errorf("no %s", name)
	}
	return plain(name, text)
}

// CredentialRequest reports why a holder's request cannot be kept.
func CredentialRequest(context string, r holder.Request) error {
	return invalid("credential request", key("context", context, "id", r.HolderPID, "issuer", r.Issuer),
		oneOf(r.State, holder.Requested, holder.Received, holder.Issued, holder.Rejected, holder.Failed),
		count(0, int64(r.Tries), r.Version), due(r.NextTry), list("credential", r.Credentials),
		texts("renewed credential", r.Renews), plain("issuerPid", r.IssuerPID, "status URL", r.StatusURL, "reason", r.Reason))
}

// Held reports why a credential cannot be kept in a wallet.
func Held(context string, s holder.Stored) error {
	var status error
	for _, e := range s.Status {
		if err := plain("status", e.ID+e.Type+e.Purpose+e.List); err != nil {
			status = err
		}
	}
	return invalid("credential", key("context", context, "id", s.ID, "issuer", s.Issuer, "profile", s.Profile),
		texts("credential id", s.Credential, "request", s.Request), words("profile", s.Profile), filled("credential", s.Raw),
		list("type", s.Types), status, HeldState(s))
}

// HeldState reports why a credential cannot be marked like this.
func HeldState(s holder.Stored) error {
	return invalid("credential", oneOf(s.State, holder.Held, holder.Suspended, holder.Revoked, holder.Expired), due(s.NextCheck, s.RenewAt))
}

// CredentialOffer reports why an offer of credentials cannot be kept.
func CredentialOffer(context string, o holder.Offer) error {
	return invalid("credential offer", key("context", context, "issuer", o.Issuer, "id", o.ID))
}

// IssuerRequest reports why a request to an issuer cannot be kept, with what
// was issued by it.
func IssuerRequest(context string, r issuer.Request, issued []issuer.Credential) error {
	err := invalid("credential request", key("context", context, "id", r.ID, "holder", r.Holder, "holderPid", r.HolderPID),
		oneOf(r.State, issuer.Received, issuer.Approved, issuer.Issued, issuer.Rejected, issuer.Lost),
		count(0, int64(r.Tries), r.Version), due(r.NextTry), list("credential", r.Credentials), documents("evidence", r.Evidence),
		plain("token", r.Token, "reason", r.Reason, "decided", r.Decided, "last error", r.LastError))
	if err != nil {
		return err
	}
	for name, claims := range r.Claims {
		if err := invalid("credential request", plain("type", name), documents("claims", claims)); err != nil {
			return err
		}
	}
	for _, c := range issued {
		if err := issuedCredential(context, r.ID, c); err != nil {
			return err
		}
	}
	return nil
}

func issuedCredential(context, request string, c issuer.Credential) error {
	var wrong error
	if c.Request != request {
		wrong = fmt.Errorf("it is of request %q, not of %q", c.Request, request)
	}
	return invalid("issued credential", key("context", context, "id", c.ID, "holder", c.Holder, "type", c.Type, "profile", c.Profile),
		words("type", c.Type, "profile", c.Profile), wrong, filled("credential", c.Raw), count(1, int64(c.List)),
		count(0, int64(c.Index)), CredentialState(c.State, c.Reason))
}

// CredentialState reports why an issued credential cannot be in a state.
func CredentialState(state, reason string) error {
	return invalid("issued credential", oneOf(state, issuer.Active, issuer.Suspended, issuer.Revoked), plain("reason", reason))
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// The credential types of the dataspace. docs/credentials holds their schemas
// and context.
const (
	MembershipCredential         = "MembershipCredential"
	CorporateIdentityCredential  = "CorporateIdentityCredential"
	SecurityEvaluationCredential = "SecurityEvaluationCredential"
)

// CredentialsContext names the JSON-LD context of these types, and with "#"
// behind it their namespace. It is a name; nobody fetches it.
const CredentialsContext = "https://musubi-ods.github.io/musubi/credentials/v1" //nolint:gosec // a name, no secret

// Domain judges what credentials of the types above say, beyond signatures,
// dates and status: the checks C01 to C18 and, for what has no number of its
// own, V79.
type Domain struct {
	// Dataspace is ours. Empty: a membership of any dataspace is one, and its
	// members are checked only as far as they are there.
	Dataspace string
	Now       time.Time
	// Samples lets identifiers pass whose check digits are wrong, as those of
	// published sample data are.
	Samples bool
}

// judge is a Domain at work on one subject.
type judge struct {
	Domain
	// form: a person fills in the subject. All that an issuer must say is
	// demanded; the id of the subject comes later.
	form bool
}

// Check judges one credential; types that it does not know pass. The error is
// a *Refusal: the first fault in order of reading.
func (d Domain) Check(c Credential) error {
	if !slices.ContainsFunc(c.Types, ours) {
		return nil
	}
	list := subjects(c.Subject)
	if len(list) == 0 {
		return Refuse("V79", "the subject must be an object or a list of objects, of at most %d bytes", maxSubject).Of(c.ID)
	}
	var faults Faults
	for i, members := range list {
		path := ""
		if len(list) > 1 {
			path = "[" + strconv.Itoa(i) + "]"
		}
		for _, t := range c.Types {
			o := object{path, members, &faults}
			judge{Domain: d}.subject(t, o)
			d.term(t, c, o)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	first := faults[0]
	reason := first.Path + ": " + first.Text
	if len(faults) > 1 {
		reason += "; and " + strconv.Itoa(len(faults)-1) + " more"
	}
	return Refuse(first.Check, "%s", reason).Of(c.ID)
}

// ours reports whether a type is judged here.
func ours(credentialType string) bool {
	switch credentialType {
	case MembershipCredential, CorporateIdentityCredential, SecurityEvaluationCredential:
		return true
	}
	return false
}

func (j judge) subject(credentialType string, o object) {
	switch credentialType {
	case MembershipCredential:
		j.membership(o)
	case CorporateIdentityCredential:
		j.corporateIdentity(o)
	case SecurityEvaluationCredential:
		j.securityEvaluation(o)
	}
}

// id: a credential without the id of its subject binds nobody.
func (j judge) id(o object) { o.text("V79", "id", !j.form) }

// term is C15: no credential is good for longer than its type allows.
func (d Domain) term(credentialType string, c Credential, o object) {
	if credentialType == MembershipCredential && d.Dataspace == "" {
		return
	}
	from := c.ValidFrom
	if from.IsZero() {
		from = d.Now
	}
	end := latestEnd(credentialType, o, from)
	switch {
	case end.IsZero():
	case c.ValidUntil.IsZero():
		o.fault("C15", "validUntil", "is missing; it must be no later than %s", end.Format(time.RFC3339))
	case c.ValidUntil.After(end.Add(slack)): // issuers read the clock more than once
		o.fault("C15", "validUntil", "is %s, later than %s", c.ValidUntil.Format(time.RFC3339), end.Format(time.RFC3339))
	}
}

// LatestEnd returns the last time at which a credential that is valid from a
// time may end: a year for membership and corporate identity, and for a
// security evaluation as its scheme says. Zero: there is no limit.
func LatestEnd(credentialType string, subject json.RawMessage, from time.Time) time.Time {
	var faults Faults
	return latestEnd(credentialType, object{members: membersOf(subject), faults: &faults}, from)
}

func latestEnd(credentialType string, o object, from time.Time) time.Time {
	switch credentialType {
	case MembershipCredential, CorporateIdentityCredential:
		return from.AddDate(1, 0, 0)
	case SecurityEvaluationCredential:
		return evaluationEnd(o, from)
	}
	return time.Time{}
}

// Together judges what only several credentials of one holder show (C12): they
// are all about the holder, and name one company. The error is a *Refusal.
func (d Domain) Together(holder string, list []Credential) error {
	var company Identifier
	for _, c := range list {
		if !slices.ContainsFunc(c.Types, ours) {
			continue
		}
		for _, s := range subjects(c.Subject) {
			if id := textOf(s["id"]); id != holder {
				return Refuse("C12", "the credential is about %q, not about its holder %q", clip(id), clip(holder)).Of(c.ID)
			}
			if !slices.Contains(c.Types, CorporateIdentityCredential) {
				continue
			}
			o := object{members: s, faults: new(Faults)}
			primary, ok := CorporateIdentity{Identifiers: readIdentifiers(o)}.Primary()
			if ok && company != (Identifier{}) && primary != company {
				return Refuse("C12", "the holder is said to be %s and %s: one DID is never two companies", company, primary).Of(c.ID)
			}
			if ok {
				company = primary
			}
		}
	}
	return nil
}

// textOf returns a JSON text, "" for anything else.
func textOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

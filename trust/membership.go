// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
)

// DataspaceMember is the type of the subject of a MembershipCredential.
const DataspaceMember = "DataspaceMember"

// Roles of a member.
var memberRoles = []string{"provider", "consumer", "operator", "issuer", "observer"}

// Membership says that a participant is a member of a dataspace. Issuers of
// other dataspaces give it fewer members, or none but ID.
type Membership struct {
	ID     string    `json:"id,omitempty"`
	Type   string    `json:"type"` // DataspaceMember
	Of     string    `json:"dataspace"`
	Number string    `json:"membershipNumber"`
	Since  time.Time `json:"membershipStartDate,omitzero"`
	Roles  []string  `json:"role"` // provider, consumer, operator, issuer, observer
	// Terms is the digest of the rulebook that was accepted: "sha-256:" and
	// 64 hex digits.
	Terms string `json:"termsDigest,omitempty"`
	// Credential is what says so.
	Credential Credential `json:"-"`
}

var termsDigest = regexp.MustCompile(`^sha-256:[0-9a-f]{64}$`)

// membership judges the subject of a MembershipCredential. Where no dataspace
// is ours, the credential may be of another kind that has its name: only what
// is there is judged.
func (j judge) membership(o object) {
	all := j.Dataspace != "" || j.form
	if !all {
		o.members = withoutNull(o.members)
	}
	if all {
		j.id(o)
		if types := o.texts("V79", "type", true); len(types) > 0 && !slices.Contains(types, DataspaceMember) {
			o.fault("V79", "type", "must be %s", DataspaceMember)
		}
	}
	j.dataspace(o, all)
	o.text("V79", "membershipNumber", all)
	if since := o.when("C02", "membershipStartDate", all); since.After(j.Now.Add(slack)) {
		o.fault("C02", "membershipStartDate", "lies in the future")
	}
	for _, role := range o.texts("C02", "role", all) {
		if role != "" && !slices.Contains(memberRoles, role) {
			o.fault("C02", "role", "%q is no role; there are %s", clip(role), strings.Join(memberRoles, ", "))
		}
	}
	o.matching("termsDigest", false, termsDigest, `"sha-256:" and 64 hex digits`)
}

func (j judge) dataspace(o object, all bool) {
	got := o.text("C01", "dataspace", all)
	if got == "" {
		return
	}
	if !isURI(got) {
		o.fault("C01", "dataspace", "must be a URI")
	} else if j.Dataspace != "" && got != j.Dataspace {
		o.fault("C01", "dataspace", "is %q, ours is %q", clip(got), clip(j.Dataspace))
	}
}

var uri = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$`)

// isURI asks for a scheme and printable ASCII: a name that is compared as
// text needs no more.
func isURI(s string) bool { return uri.MatchString(s) }

// withoutNull drops members that are null, which JSON-LD takes for absent.
func withoutNull(members map[string]json.RawMessage) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(members))
	for name, raw := range members {
		if string(raw) != "null" {
			out[name] = raw
		}
	}
	return out
}

// readMembership takes what can be read and leaves the rest.
func readMembership(members map[string]json.RawMessage) Membership {
	o := object{members: members, faults: new(Faults)}
	return Membership{
		ID:     o.text("", "id", false),
		Type:   typeOf(o, DataspaceMember),
		Of:     o.text("", "dataspace", false),
		Number: o.text("", "membershipNumber", false),
		Since:  o.when("", "membershipStartDate", false),
		Roles:  o.texts("", "role", false),
		Terms:  o.text("", "termsDigest", false),
	}
}

// typeOf returns the wanted type if the object has it, else its first.
func typeOf(o object, want string) string {
	types := o.texts("", "type", false)
	switch {
	case slices.Contains(types, want):
		return want
	case len(types) > 0:
		return types[0]
	}
	return ""
}

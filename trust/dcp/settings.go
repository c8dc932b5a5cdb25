// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"encoding/json"

	"github.com/musubi-ods/musubi/trust"
)

// Settings are what a participant decided about its identity. They are kept
// with the participant, as trust.Participant.Settings.
type Settings struct {
	// Dataspace is the URI of the dataspace that memberships must be of;
	// empty: any.
	Dataspace string `json:"dataspace,omitempty" yaml:"dataspace"`
	// Requires lists the credential types that a counterparty must present,
	// by purpose (catalog, negotiation, transfer); "default" is for those not
	// named. Without any: a MembershipCredential and a
	// CorporateIdentityCredential. No list may be empty.
	Requires map[string][]string `json:"requires,omitempty" yaml:"requires"`
	// Presents lists the types that a counterparty may ask of us. Empty: those
	// that we require.
	Presents []string `json:"presents,omitempty" yaml:"presents"`
	// PresentAs names, by a counterparty's DID, the one profile in which
	// credentials are presented to it: some refuse a whole answer for one that
	// they cannot read. Without: all that it asks for.
	PresentAs map[string]string `json:"presentAs,omitempty" yaml:"presentAs"`
	// TrustedIssuers come before what the trust list says.
	TrustedIssuers []TrustedIssuer `json:"trustedIssuers,omitempty" yaml:"trustedIssuers"`
	// TrustList is where the dataspace's list is.
	TrustList *TrustListSource `json:"trustList,omitempty" yaml:"trustList"`
	// Overscoped says what a query for more than its token allows gets:
	// "reduce" (default; fewer credentials) or "refuse".
	Overscoped string `json:"overscoped,omitempty" yaml:"overscoped"`
	// STS opens the secure token service to one client. Nil: closed.
	STS *STSClient `json:"sts,omitempty" yaml:"-"`
	// Off names roles that are switched off: "holder", "issuer". The issuer
	// is off as well unless Issues is set.
	Off []string `json:"off,omitempty" yaml:"off"`
	// Issues says what the participant issues. Nil: it is no issuer.
	Issues *Issuance `json:"issues,omitempty" yaml:"issues"`
	// PresentationCache is how long what a counterparty presented is
	// believed without asking again: 60 s if zero, at most an hour; off if
	// negative, as "-1s". Status is judged each time all the same.
	PresentationCache Duration `json:"presentationCache,omitempty" yaml:"presentationCache"`
	// StatusCache is how long a status list is believed; 60 s if zero, and no
	// more. Off if negative, as "-1s".
	StatusCache Duration `json:"statusCache,omitempty" yaml:"statusCache"`
	// Samples accepts corporate identifiers whose check digits are wrong.
	Samples bool `json:"samples,omitempty" yaml:"samples"`
}

// TrustedIssuer is an issuer that is believed for some types.
type TrustedIssuer struct {
	ID          string            `json:"id" yaml:"id"`       // its DID
	Types       []string          `json:"types" yaml:"types"` // "*": all
	Conformance trust.Conformance `json:"conformance,omitempty" yaml:"conformance"`
}

// TrustListSource says where the trust list is and who must have signed it.
type TrustListSource struct {
	URL  string `json:"url,omitempty" yaml:"url"`
	File string `json:"file,omitempty" yaml:"file"`
	// Authority is the DID of the governance authority.
	Authority string `json:"authority" yaml:"authority"`
	// Grace is how long a list is believed past its end; default none.
	Grace Duration `json:"grace,omitempty" yaml:"grace"`
}

// STSClient may have tokens minted by the secure token service.
type STSClient struct {
	ID string `json:"id" yaml:"id"`
	// SecretHash is SHA-256 of the secret, in hex: the secret is kept nowhere.
	SecretHash string `json:"secretHash" yaml:"-"`
}

// Issuance is what an issuer issues and how.
type Issuance struct {
	// Types are issued, each in each of the Profiles.
	Types []string `json:"types" yaml:"types"`
	// Profiles default to vc11-sl2021/jwt and vc20-bssl/jwt.
	Profiles []string `json:"profiles,omitempty" yaml:"profiles"`
	// Validity is how long a credential is good; default 365 days, and no
	// longer than the type allows.
	Validity Duration `json:"validity,omitempty" yaml:"validity"`
	// AutoApprove lists DIDs whose requests are approved without a person,
	// with the claims given for them; "*" is anybody, for tests and kits.
	AutoApprove []Approval `json:"autoApprove,omitempty" yaml:"autoApprove"`
	// StatusLifetime is the validity of a published status list; 60 s if zero.
	StatusLifetime Duration `json:"statusLifetime,omitempty" yaml:"statusLifetime"`
	// UnsignedLists sends status lists without a signature to whoever does not
	// ask for a signed one by its media type: for verifiers that read no other.
	UnsignedLists bool `json:"unsignedLists,omitempty" yaml:"unsignedLists"`
	// RevocationOnly issues memberships with one status entry, for verifiers
	// that read no list of them: such a membership cannot be suspended.
	RevocationOnly bool `json:"revocationOnly,omitempty" yaml:"revocationOnly"`
}

// Approval gives the claims for one holder, by credential type.
type Approval struct {
	Holder string                     `json:"holder" yaml:"holder"`
	Claims map[string]json.RawMessage `json:"claims,omitempty" yaml:"-"`
}

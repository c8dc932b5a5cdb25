// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// Draft is a credential to be issued. All but Contexts, ValidUntil, Status and
// Schema is required.
type Draft struct {
	ID         string
	Issuer     string
	Types      []string // without VerifiableCredential, which comes first
	Contexts   []string // further ones
	Subject    json.RawMessage
	ValidFrom  time.Time
	ValidUntil time.Time
	// Status is written as the kind of entry that belongs to the profile. An
	// entry without an ID gets that of list and index.
	Status []trust.StatusEntry
	Schema *Schema
}

// credential is the credential object of both data models. Deployed verifiers
// want the issuer as a string, one subject as an object and the status with
// an id.
type credential struct {
	Context        []string        `json:"@context"`
	ID             string          `json:"id"`
	Type           []string        `json:"type"`
	Issuer         string          `json:"issuer"`
	IssuanceDate   string          `json:"issuanceDate,omitempty"`
	ExpirationDate string          `json:"expirationDate,omitempty"`
	ValidFrom      string          `json:"validFrom,omitempty"`
	ValidUntil     string          `json:"validUntil,omitempty"`
	Subject        json.RawMessage `json:"credentialSubject"`
	Status         any             `json:"credentialStatus,omitempty"`
	Schema         *Schema         `json:"credentialSchema,omitempty"`
}

// issued11 is the payload of a token of data model 1.1 (VCDM 1.1, 6.3.1).
type issued11 struct {
	Issuer     string     `json:"iss"`
	Subject    string     `json:"sub"`
	ID         string     `json:"jti"`
	NotBefore  *int64     `json:"nbf"`
	IssuedAt   *int64     `json:"iat"`
	Expires    *int64     `json:"exp,omitempty"`
	Credential credential `json:"vc"`
}

// issued20 is the payload of a token of data model 2.0, which is the
// credential itself (VC-JOSE-COSE, section 3.1.1). It has no nbf.
type issued20 struct {
	credential
	IssuedAt *int64 `json:"iat"`
	Expires  *int64 `json:"exp,omitempty"`
}

// Issue signs a credential in a profile. The key's ID is the whole DID URL.
// Dates are written in whole seconds. Errors wrap ErrCredential where the
// draft is at fault.
func Issue(d Draft, p Profile, key jose.Key) (string, error) {
	subject, err := d.check(p)
	if err != nil {
		return "", err
	}
	c := credential{
		Context: append([]string{p.base()}, d.Contexts...),
		ID:      d.ID, Issuer: d.Issuer,
		Type:    append([]string{typeCredential}, d.Types...),
		Subject: d.Subject, Status: statusOf(d.Status, p), Schema: d.Schema,
	}
	issued, expires := seconds(d.ValidFrom), seconds(d.ValidUntil)
	var token string
	if p == VC11 {
		c.IssuanceDate, c.ExpirationDate = date(d.ValidFrom), date(d.ValidUntil)
		claims := issued11{d.Issuer, subject, d.ID, issued, issued, expires, c}
		token, err = sign(claims, key, d.Issuer, "JWT", "")
	} else {
		c.ValidFrom, c.ValidUntil = date(d.ValidFrom), date(d.ValidUntil)
		token, err = sign(issued20{c, issued, expires}, key, d.Issuer, "vc+jwt", "vc")
	}
	if err != nil {
		return "", err
	}
	if _, err := Read(token); err != nil { // nothing goes out that we would not take ourselves
		return "", err
	}
	return token, nil
}

// check returns the id of the subject of a draft that can be issued.
func (d Draft) check(p Profile) (string, error) {
	switch {
	case p != VC11 && p != VC20:
		return "", unusablef("there is no profile %q", p)
	case d.ID == "" || d.Issuer == "" || len(d.Types) == 0 || d.ValidFrom.IsZero():
		return "", unusablef("it needs an id, an issuer, a type and a beginning")
	case !d.ValidUntil.IsZero() && !d.ValidUntil.After(d.ValidFrom):
		return "", unusablef("it would end before it begins")
	}
	subject, err := object(d.Subject)
	if err != nil {
		return "", unusablef("its subject %w", err)
	}
	id, err := subject.text("id")
	if err != nil || id == "" {
		return "", unusablef("its subject has no id")
	}
	return id, nil
}

// entry is a credentialStatus, alike in both kinds of list but for its type.
type entry struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Purpose string `json:"statusPurpose"`
	Index   string `json:"statusListIndex"`
	List    string `json:"statusListCredential"`
}

// statusOf returns one entry as an object, several as an array, none as nil.
func statusOf(list []trust.StatusEntry, p Profile) any {
	out := make([]entry, len(list))
	for i, s := range list {
		index := strconv.FormatUint(s.Index, 10)
		out[i] = entry{s.ID, "StatusList2021Entry", s.Purpose, index, s.List}
		if p == VC20 {
			out[i].Type = "BitstringStatusListEntry"
		}
		if s.ID == "" {
			out[i].ID = s.List + "#" + index
		}
	}
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	return out
}

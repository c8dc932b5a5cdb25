// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

// claimsDoc is what was proved of a counterparty, as a column holds it. Times
// are microseconds. A subject is a string, since JSON inside JSON would not
// keep its bytes.
type claimsDoc struct {
	Participant string          `json:"participant"`
	Profile     string          `json:"profile"`
	Proved      int64           `json:"proved"`
	Credentials []credentialDoc `json:"credentials,omitempty"`
}

type credentialDoc struct {
	ID         string              `json:"id"`
	Issuer     string              `json:"issuer"`
	Types      []string            `json:"types"`
	ValidFrom  int64               `json:"validFrom"`
	ValidUntil int64               `json:"validUntil,omitempty"`
	Subject    string              `json:"subject"`
	Status     []trust.StatusEntry `json:"status,omitempty"`
}

func docOfClaims(c trust.Claims) claimsDoc {
	doc := claimsDoc{Participant: c.Participant, Profile: c.Profile, Proved: rule.Micro(c.Proved)}
	for _, v := range c.Credentials {
		doc.Credentials = append(doc.Credentials, credentialDoc{
			ID: v.ID, Issuer: v.Issuer, Types: v.Types, ValidFrom: rule.Micro(v.ValidFrom),
			ValidUntil: rule.Micro(v.ValidUntil), Subject: string(v.Subject), Status: v.Status,
		})
	}
	return doc
}

// claims is the inverse of docOfClaims.
func (d *claimsDoc) claims() trust.Claims {
	c := trust.Claims{Participant: d.Participant, Profile: d.Profile, Proved: rule.Time(d.Proved)}
	for _, v := range d.Credentials {
		credential := trust.Credential{
			ID: v.ID, Issuer: v.Issuer, Types: v.Types, ValidFrom: rule.Time(v.ValidFrom),
			ValidUntil: rule.Time(v.ValidUntil), Status: v.Status,
		}
		if v.Subject != "" {
			credential.Subject = json.RawMessage(v.Subject)
		}
		c.Credentials = append(c.Credentials, credential)
	}
	return c
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"encoding/json"
	"strings"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust/dcp/status"
)

// document is a credential as its token says, with what the checks need of
// its form.
type document struct {
	Credential
	token  jose.Token
	claims jose.Claims // not proved
	body   members     // the credential object
	raw    json.RawMessage
	// issuer is what the credential object says, without iss.
	issuer   string
	subjects []string // their ids; of one alone sub may stand in
	ownID    string   // of the first subject, without sub
	dated    bool     // it says from when it is valid
	// Faults that have a number of their own, for Checker to report in turn.
	datesErr, statusErr, schemasErr error
}

// read takes a token apart. Errors wrap ErrCredential.
func read(raw string) (*document, error) {
	if len(raw) > MaxCredential {
		return nil, unusablef("it is longer than %d bytes", MaxCredential)
	}
	token, err := jose.Parse(raw, MaxCredential)
	if err != nil {
		return nil, unusable(err)
	}
	claims, err := token.Unproved()
	if err != nil {
		return nil, unusable(err)
	}
	d := &document{token: token, claims: claims}
	d.Raw, d.KeyID, d.Expires = raw, token.Header().KeyID, claims.Expires
	for _, step := range []func() error{d.readModel, d.readNames, d.readSubjects} {
		if err := step(); err != nil {
			return nil, unusable(err)
		}
	}
	d.datesErr = d.readDates()
	d.schemasErr = d.readSchemas()
	if d.body.has("credentialStatus") {
		d.Status, d.statusErr = status.ParseEntries(d.body["credentialStatus"])
	}
	return d, nil
}

// readModel tells the data model and finds the credential object: the claim
// vc in 1.1, the whole payload in 2.0.
func (d *document) readModel() (err error) {
	d.Profile, d.raw = VC20, d.claims.Payload()
	if d.claims.Has("vc") {
		var claims members
		if claims, err = object(d.raw); err != nil {
			return faultf("V58", "the payload %w", err)
		}
		d.Profile, d.raw = VC11, claims["vc"]
	}
	if d.body, err = object(d.raw); err != nil {
		return faultf("V58", "the credential %w", err)
	}
	return nil
}

// readNames reads id, issuer and types. Of data model 1.1, jti and iss may
// stand in (VCDM 1.1, section 6.3.1).
func (d *document) readNames() (err error) {
	if d.ID, err = d.body.text("id"); err != nil {
		return faultf("V66", "its %w", err)
	}
	if d.issuer, err = d.body.id("issuer"); err != nil {
		return faultf("V65", "its %w", err)
	}
	if d.Types, err = d.body.types(); err != nil {
		return faultf("V76", "its %w", err)
	}
	if len(d.Types) > maxTypes {
		return faultf("V76", "it has more than %d types", maxTypes)
	}
	d.Issuer = d.issuer
	if d.Profile == VC11 && d.ID == "" {
		d.ID = d.claims.ID
	}
	if d.Profile == VC11 && d.Issuer == "" {
		d.Issuer = d.claims.Issuer
	}
	return nil
}

// readSubjects reads the subjects' ids. In data model 1.1 sub stands in for
// the id of the only subject.
func (d *document) readSubjects() error {
	list := d.body.list("credentialSubject")
	if len(list) == 0 {
		return faultf("V69", "it has no credentialSubject")
	}
	for i, item := range list {
		subject, err := object(item)
		if err != nil {
			return faultf("V69", "its credentialSubject %w", err)
		}
		id, err := subject.text("id")
		if err != nil {
			return faultf("V69", "its credentialSubject's %w", err)
		}
		if i == 0 {
			d.ownID = id
		}
		if id == "" && d.Profile == VC11 && len(list) == 1 && d.claims.Subject != "" {
			id = d.claims.Subject
			if subject["id"], err = json.Marshal(id); err != nil {
				return err
			}
			if list[i], err = json.Marshal(subject); err != nil {
				return err
			}
		}
		d.subjects = append(d.subjects, id)
	}
	d.Subject = list[0]
	if len(list) > 1 {
		d.Subject = d.body["credentialSubject"]
	}
	return nil
}

// readDates takes the narrowest of what the names of both data models say, so
// that no reader can be stricter than we are.
func (d *document) readDates() error {
	from, err := d.body.dates("issuanceDate", "validFrom")
	if err != nil {
		return faultf("V74", "its %w", err)
	}
	until, err := d.body.dates("expirationDate", "validUntil")
	if err != nil {
		return faultf("V74", "its %w", err)
	}
	d.dated = d.body.has("issuanceDate")
	d.ValidFrom, d.ValidUntil = later(from...), earlier(until...)
	if d.Profile == VC11 { // nbf is the issuanceDate, exp the expirationDate (section 6.3.1)
		d.dated = d.dated || d.claims.Has("nbf")
		d.ValidFrom = later(d.ValidFrom, d.claims.NotBefore)
		d.ValidUntil = earlier(d.ValidUntil, d.claims.Expires)
	}
	return nil
}

func (d *document) readSchemas() error {
	list := d.body.list("credentialSchema")
	if len(list) > maxSchemas {
		return faultf("V77", "it names more than %d schemas", maxSchemas)
	}
	for _, item := range list {
		m, err := object(item)
		if err != nil {
			return faultf("V77", "its credentialSchema %w", err)
		}
		id, err := m.text("id")
		if err != nil || id == "" {
			return faultf("V77", "its credentialSchema has no id")
		}
		kind, err := m.text("type")
		if err != nil || kind == "" {
			return faultf("V77", "its credentialSchema has no type")
		}
		d.Schemas = append(d.Schemas, Schema{ID: id, Type: kind})
	}
	return nil
}

// mediaType is a header's typ in full, in lower case (RFC 7515, section 4.1.9).
func mediaType(typ string) string {
	return strings.TrimPrefix(strings.ToLower(typ), "application/")
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// statusList is a list as it was fetched. It is shared by callers and not
// changed any more.
type statusList struct {
	id       string
	issuer   string
	kind     string // the type of the entries that it answers
	purposes []string
	from     time.Time // zero: not said
	until    time.Time // zero: not said
	bits     []byte

	// What only a lenient reader accepts.
	unsigned bool // JSON without a signature
	anyKey   bool // by a key of a DID document that says nothing of uses
	loose    bool // an encodedList in the spelling of the other kind

	proved   time.Time // when its signature was checked
	etag     string
	modified string // Last-Modified
}

// kinds gives, for a type of list credential, the type of its subject and of
// the entries that point to it.
var kinds = []struct{ credential, subject, entry string }{
	{"StatusList2021Credential", "StatusList2021", StatusList2021},
	{"BitstringStatusListCredential", "BitstringStatusList", Bitstring},
}

// read turns a body into a list of the issuer's. The cheap checks come before
// the signature, and decompression after it.
func (c *Checker) read(ctx context.Context, body []byte, issuer string) (*statusList, error) {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '{' {
		credential, ok := members(body)
		if !ok {
			return nil, trust.Refuse("V82", "the status list is not readable JSON")
		}
		return fill(&statusList{unsigned: true}, credential, issuer, nil)
	}
	token, err := jose.Parse(string(body), maxBody)
	if errors.Is(err, jose.ErrForm) || errors.Is(err, jose.ErrTooLarge) {
		return nil, trust.Refuse("V82", "the status list is neither a token nor JSON").Because(err)
	}
	if err != nil {
		return nil, trust.Refuse("V83", "the status list's signature cannot be checked").Because(err)
	}
	claims, err := token.Unproved()
	if err != nil {
		return nil, trust.Refuse("V82", "the status list is not readable").Because(err)
	}
	credential, err := credentialOf(claims)
	if err != nil {
		return nil, err
	}
	l := &statusList{from: claims.NotBefore, until: claims.Expires}
	prove := func() (err error) {
		l.anyKey, err = c.prove(ctx, token, issuer)
		return err
	}
	if claims.Has("iss") && claims.Issuer != issuer {
		return nil, trust.Refuse("V84", "the status list is from %.200q, the credential from %.200q", claims.Issuer, issuer)
	}
	return fill(l, credential, issuer, prove)
}

// credentialOf returns the credential in a token: its claim vc in data model
// 1.1, the claims themselves in 2.0.
func credentialOf(claims jose.Claims) (map[string]json.RawMessage, error) {
	all, _ := members(claims.Payload())
	if !claims.Has("vc") {
		switch claims.Header.Type {
		case "", "vc+jwt", "JWT", "application/vc+jwt":
			return all, nil
		}
		return nil, trust.Refuse("V83", "the status list's token is of another type: %.40q", claims.Header.Type)
	}
	credential, ok := members(all["vc"])
	if !ok {
		return nil, trust.Refuse("V82", "the status list's claim vc is not an object")
	}
	if _, named := credential["issuer"]; !named {
		credential["issuer"] = all["iss"]
	}
	if _, named := credential["id"]; !named {
		credential["id"] = all["jti"]
	}
	return credential, nil
}

// fill reads the credential into l; prove is called when all that is cheap is
// read.
func fill(l *statusList, credential map[string]json.RawMessage, issuer string, prove func() error) (*statusList, error) {
	l.issuer = identity(credential["issuer"])
	if l.issuer != issuer {
		return nil, trust.Refuse("V84", "the status list is from %.200q, the credential from %.200q", l.issuer, issuer)
	}
	l.id, _ = text(credential["id"])
	if err := l.dates(credential); err != nil {
		return nil, err
	}
	subject, err := l.subject(credential)
	if err != nil {
		return nil, err
	}
	if prove != nil {
		if err := prove(); err != nil {
			return nil, err
		}
	}
	encoded, ok := text(subject["encodedList"])
	if !ok {
		return nil, trust.Refuse("V88", "the status list has no encodedList")
	}
	l.bits, l.loose, err = decode(encoded, l.kind)
	if errors.Is(err, errBomb) {
		return nil, trust.Refuse("V89", "the status list is too large").Because(err)
	}
	if err != nil {
		return nil, trust.Refuse("V88", "the encodedList cannot be read").Because(err)
	}
	return l, nil
}

// dates reads the validity under the names of both data models. ttl is not
// read (DCP 1.0, profile vc20-bssl/jwt). The token's own end counts as well.
func (l *statusList) dates(credential map[string]json.RawMessage) error {
	for _, name := range []string{"validFrom", "issuanceDate"} {
		t, ok := moment(credential[name])
		if !ok {
			return trust.Refuse("V85", "the status list's %s is not a time", name)
		}
		if t.After(l.from) {
			l.from = t
		}
	}
	for _, name := range []string{"validUntil", "expirationDate"} {
		t, ok := moment(credential[name])
		if !ok {
			return trust.Refuse("V85", "the status list's %s is not a time", name)
		}
		if !t.IsZero() && (l.until.IsZero() || t.Before(l.until)) {
			l.until = t
		}
	}
	return nil
}

// subject finds the one credentialSubject and says of which kind the list is.
func (l *statusList) subject(credential map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	raw := credential["credentialSubject"]
	var several []json.RawMessage
	if json.Unmarshal(raw, &several) == nil && len(several) == 1 {
		raw = several[0]
	}
	subject, ok := members(raw)
	if !ok {
		return nil, trust.Refuse("V88", "the status list has not exactly one credentialSubject")
	}
	types, subjectTypes := texts(credential["type"]), texts(subject["type"])
	for _, k := range kinds {
		if slices.Contains(types, k.credential) && slices.Contains(subjectTypes, k.subject) {
			l.kind = k.entry
		}
	}
	if l.kind == "" {
		return nil, trust.Refuse("V88", "the types %.200q and %.200q are not those of a status list", types, subjectTypes)
	}
	l.purposes = texts(subject["statusPurpose"])
	return subject, nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Claims are what a verified token says (RFC 7519 section 4.1). Times of
// claims that are absent are zero.
type Claims struct {
	Header    Header
	Issuer    string
	Subject   string
	Audience  []string
	ID        string // jti
	Expires   time.Time
	NotBefore time.Time
	IssuedAt  time.Time

	payload []byte
	members map[string]json.RawMessage
}

// Has reports whether the token holds the claim, whatever its value.
func (c Claims) Has(name string) bool {
	_, present := c.members[name]
	return present
}

// Text returns a claim that is a JSON string.
func (c Claims) Text(name string) (string, bool) {
	s, err := text(c.members[name])
	return s, err == nil
}

// Payload returns the claims as they were signed. The caller owns the copy.
func (c Claims) Payload() []byte { return bytes.Clone(c.payload) }

// Decode reads all claims into a struct or map of the caller's.
func (c Claims) Decode(into any) error {
	if err := json.Unmarshal(c.payload, into); err != nil {
		return fmt.Errorf("%w: %w", ErrClaims, err)
	}
	return nil
}

// parseClaims reads the payload and types the registered claims.
func parseClaims(header Header, payload []byte) (Claims, error) {
	members, err := object(payload, ErrClaims)
	if err != nil {
		return Claims{}, err
	}
	c := Claims{Header: header, payload: payload, members: members}
	for _, m := range [...]struct {
		name string
		to   *string
	}{{"iss", &c.Issuer}, {"sub", &c.Subject}, {"jti", &c.ID}} {
		if value, present := members[m.name]; present {
			if *m.to, err = text(value); err != nil {
				return Claims{}, fmt.Errorf("%w: %s %w", ErrClaims, m.name, err)
			}
		}
	}
	for _, m := range [...]struct {
		name string
		to   *time.Time
	}{{"exp", &c.Expires}, {"nbf", &c.NotBefore}, {"iat", &c.IssuedAt}} {
		if value, present := members[m.name]; present {
			if *m.to, err = numericDate(value); err != nil {
				return Claims{}, fmt.Errorf("%w: %s %w", ErrClaims, m.name, err)
			}
		}
	}
	if value, present := members["aud"]; present {
		if c.Audience, err = audience(value); err != nil {
			return Claims{}, fmt.Errorf("%w: aud %w", ErrClaims, err)
		}
	}
	return c, nil
}

// audience reads one string or a list of at least one.
func audience(raw json.RawMessage) ([]string, error) {
	if one, err := text(raw); err == nil {
		return []string{one}, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
		return nil, fmt.Errorf("is neither a string nor a list of strings")
	}
	out := make([]string, len(list))
	for i, item := range list {
		var err error
		if out[i], err = text(item); err != nil {
			return nil, fmt.Errorf("holds what is not a string")
		}
	}
	return out, nil
}

// maxDate is the last second of the year 9999, in seconds since 1970.
const maxDate = 253402300799

// numericDate reads seconds since 1970, possibly with a fraction (RFC 7519
// section 2), to the microsecond. It is never the zero time.
func numericDate(raw json.RawMessage) (time.Time, error) {
	seconds, err := strconv.ParseFloat(string(raw), 64) // what it takes beside numbers is no JSON
	if err != nil {
		return time.Time{}, fmt.Errorf("is not a number")
	}
	if seconds < 0 || seconds > maxDate {
		return time.Time{}, fmt.Errorf("is out of range")
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e6)*1e3).UTC(), nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
)

// ErrSettings marks settings that cannot be used. The text around it says
// which member is wrong, for who wrote them.
var ErrSettings = errors.New("identity settings")

// What is meant where settings say nothing.
const (
	DefaultCache    = Duration(time.Minute)
	DefaultValidity = Duration(365 * 24 * time.Hour)
	Reduce          = "reduce" // Settings.Overscoped
	Refuse          = "refuse"
)

// The names of the roles in Settings.Off.
const (
	HolderRole = "holder"
	IssuerRole = "issuer"
)

// defaultPurpose is the key in Requires for purposes not named.
const defaultPurpose = "default"

var (
	defaultTypes    = []string{trust.MembershipCredential, trust.CorporateIdentityCredential}
	defaultProfiles = []string{"vc11-sl2021/jwt", "vc20-bssl/jwt"}
)

// ReadSettings reads and checks a participant's settings, with defaults filled
// in. Errors wrap ErrSettings.
func ReadSettings(p trust.Participant) (Settings, error) {
	var s Settings
	if did.Owner(p.ID) != p.ID || p.ID == "" {
		return s, fmt.Errorf("%w: the participant id %q is no DID", ErrSettings, p.ID)
	}
	if len(p.Settings) > 0 {
		reader := json.NewDecoder(bytes.NewReader(p.Settings))
		reader.DisallowUnknownFields() // a slip of the pen must not turn into a default
		if err := reader.Decode(&s); err != nil {
			return s, fmt.Errorf("%w: %w", ErrSettings, err)
		}
	}
	if err := s.Check(); err != nil {
		return s, err
	}
	return s.withDefaults(), nil
}

func (s Settings) withDefaults() Settings {
	if len(s.Presents) == 0 {
		for _, list := range s.Requires {
			s.Presents = append(s.Presents, list...)
		}
		s.Presents = append(s.Presents, s.RequiredFor(defaultPurpose)...)
		slices.Sort(s.Presents)
		s.Presents = slices.Compact(s.Presents)
	}
	if s.Overscoped == "" {
		s.Overscoped = Reduce
	}
	if s.PresentationCache == 0 {
		s.PresentationCache = DefaultCache
	}
	if s.StatusCache == 0 {
		s.StatusCache = DefaultCache
	}
	if s.Issues != nil {
		issues := *s.Issues
		if len(issues.Profiles) == 0 {
			issues.Profiles = slices.Clone(defaultProfiles)
		}
		if issues.Validity == 0 {
			issues.Validity = DefaultValidity
		}
		if issues.StatusLifetime == 0 {
			issues.StatusLifetime = DefaultCache
		}
		s.Issues = &issues
	}
	return s
}

// RequiredFor returns the types that a counterparty must present. It is never
// empty.
func (s Settings) RequiredFor(p trust.Purpose) []string {
	for _, purpose := range []string{string(p), defaultPurpose} {
		if list := s.Requires[purpose]; len(list) > 0 {
			return list
		}
	}
	return defaultTypes
}

// Holds reports whether the participant has a wallet.
func (s Settings) Holds() bool { return !slices.Contains(s.Off, HolderRole) }

// Issuing reports whether the participant is an issuer.
func (s Settings) Issuing() bool { return s.Issues != nil && !slices.Contains(s.Off, IssuerRole) }

// HashSecret returns what is kept of a client secret. A secret must be random
// and long: its hash is quick to make.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Allows reports whether id and secret are the client's, in a time that does
// not depend on where the first difference is. A nil client allows nobody.
func (c *STSClient) Allows(id, secret string) bool {
	if c == nil || c.ID == "" || c.SecretHash == "" {
		return false
	}
	right := subtle.ConstantTimeCompare([]byte(HashSecret(c.ID)), []byte(HashSecret(id)))
	return right&subtle.ConstantTimeCompare([]byte(c.SecretHash), []byte(HashSecret(secret))) == 1
}

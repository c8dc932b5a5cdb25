// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
)

// typeName is what a credential type looks like: it goes into scopes.
var typeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,127}$`)

// longest bounds validity: a credential is renewed, not made for ever.
const longest = Duration(10 * 366 * 24 * time.Hour)

// Check says what is wrong with settings, in words for who wrote them, naming
// the member. Errors wrap ErrSettings.
func (s Settings) Check() error {
	for _, check := range []func() error{s.checkTypes, s.checkTrust, s.checkRoles, s.checkIssues, s.checkCaches} {
		if err := check(); err != nil {
			return fmt.Errorf("%w: %w", ErrSettings, err)
		}
	}
	return nil
}

func (s Settings) checkTypes() error {
	if s.Dataspace != "" {
		if u, err := url.Parse(s.Dataspace); err != nil || !u.IsAbs() {
			return fmt.Errorf("dataspace: %q is no absolute URI", s.Dataspace)
		}
	}
	purposes := []string{defaultPurpose, string(trust.ForCatalog), string(trust.ForNegotiation), string(trust.ForTransfer)}
	for _, purpose := range slices.Sorted(maps.Keys(s.Requires)) {
		member := "requires." + purpose
		if !slices.Contains(purposes, purpose) {
			return fmt.Errorf("%s: no such purpose; there are %s", member, strings.Join(purposes, ", "))
		}
		if err := checkTypeList(member, s.Requires[purpose]); err != nil {
			return err
		}
	}
	if len(s.Presents) > 0 {
		if err := checkTypeList("presents", s.Presents); err != nil {
			return err
		}
	}
	return s.checkPresentAs()
}

func (s Settings) checkPresentAs() error {
	for _, who := range slices.Sorted(maps.Keys(s.PresentAs)) {
		if !isDID(who) {
			return fmt.Errorf("presentAs: %q is no DID", who)
		}
		if profile := s.PresentAs[who]; !slices.Contains(defaultProfiles, profile) {
			return fmt.Errorf("presentAs.%s: %q is none of %s", who, profile, strings.Join(defaultProfiles, ", "))
		}
	}
	return nil
}

func checkTypeList(member string, list []string) error {
	if len(list) == 0 {
		return fmt.Errorf("%s: the list is empty", member)
	}
	for _, name := range list {
		if !typeName.MatchString(name) {
			return fmt.Errorf("%s: %q is no credential type", member, name)
		}
		if name == "VerifiableCredential" { // each credential has it: it would demand nothing
			return fmt.Errorf("%s: %s is what every credential is", member, name)
		}
	}
	return nil
}

func (s Settings) checkTrust() error {
	for i, issuer := range s.TrustedIssuers {
		member := fmt.Sprintf("trustedIssuers[%d]", i)
		if !isDID(issuer.ID) {
			return fmt.Errorf("%s.id: %q is no DID", member, issuer.ID)
		}
		if !slices.Equal(issuer.Types, []string{"*"}) {
			if err := checkTypeList(member+".types", issuer.Types); err != nil {
				return fmt.Errorf("%w; \"*\" alone means all", err)
			}
		}
		if c := issuer.Conformance; c != "" && c != trust.Strict && c != trust.Lenient {
			return fmt.Errorf("%s.conformance: %q is neither %s nor %s", member, c, trust.Strict, trust.Lenient)
		}
	}
	if l := s.TrustList; l != nil {
		switch {
		case (l.URL == "") == (l.File == ""):
			return fmt.Errorf("trustList: exactly one of url and file is needed")
		case !isDID(l.Authority):
			return fmt.Errorf("trustList.authority: %q is no DID", l.Authority)
		case l.Grace < 0:
			return fmt.Errorf("trustList.grace: it is negative")
		}
		if u, err := url.Parse(l.URL); l.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			return fmt.Errorf("trustList.url: %q is no web address", l.URL)
		}
	}
	return nil
}

func isDID(s string) bool { return s != "" && did.Owner(s) == s }

func (s Settings) checkRoles() error {
	for _, role := range s.Off {
		if role != HolderRole && role != IssuerRole {
			return fmt.Errorf("off: %q is neither %s nor %s", role, HolderRole, IssuerRole)
		}
	}
	if s.Overscoped != "" && s.Overscoped != Reduce && s.Overscoped != Refuse {
		return fmt.Errorf("overscoped: %q is neither %s nor %s", s.Overscoped, Reduce, Refuse)
	}
	if s.STS != nil {
		if s.STS.ID == "" {
			return fmt.Errorf("sts.id: it is empty")
		}
		if sum, err := hex.DecodeString(s.STS.SecretHash); err != nil || len(sum) != 32 || s.STS.SecretHash != strings.ToLower(s.STS.SecretHash) {
			return fmt.Errorf("sts.secretHash: it is no SHA-256 in lower-case hex")
		}
	}
	return nil
}

func (s Settings) checkIssues() error {
	if s.Issues == nil {
		return nil
	}
	if err := checkTypeList("issues.types", s.Issues.Types); err != nil {
		return err
	}
	for _, profile := range s.Issues.Profiles {
		if !slices.Contains(defaultProfiles, profile) {
			return fmt.Errorf("issues.profiles: %q is none of %s", profile, strings.Join(defaultProfiles, ", "))
		}
	}
	if v := s.Issues.Validity; v < 0 || v > longest {
		return fmt.Errorf("issues.validity: %s is not between 0 and %s", v, longest)
	}
	if l := s.Issues.StatusLifetime; l < 0 || l > longest {
		return fmt.Errorf("issues.statusLifetime: %s is not between 0 and %s", l, longest)
	}
	for i, rule := range s.Issues.AutoApprove {
		if rule.Holder != "*" && !isDID(rule.Holder) {
			return fmt.Errorf("issues.autoApprove[%d].holder: %q is neither a DID nor \"*\"", i, rule.Holder)
		}
		for _, name := range slices.Sorted(maps.Keys(rule.Claims)) {
			var object map[string]json.RawMessage
			if err := json.Unmarshal(rule.Claims[name], &object); err != nil || object == nil {
				return fmt.Errorf("issues.autoApprove[%d].claims.%s: it is no JSON object", i, name)
			}
		}
	}
	return nil
}

func (s Settings) checkCaches() error {
	if s.PresentationCache > Duration(time.Hour) {
		return fmt.Errorf("presentationCache: %s is longer than an hour", s.PresentationCache)
	}
	if s.StatusCache > DefaultCache {
		return fmt.Errorf("statusCache: %s is longer than %s", s.StatusCache, DefaultCache)
	}
	return nil
}

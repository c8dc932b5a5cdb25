// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/jcs"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// maxClaims bounds the claims for one credential, in bytes: with signature and
// status it has to stay below what verifiers take.
const maxClaims = 24 << 10

// subjects makes the subject of each type from claims that were given for it,
// and judges it as a verifier would. Of a person all is demanded that a form
// asks for, and claims for just the types that are asked; a rule may leave
// types out and name others.
func (s *Service) subjects(own trust.Participant, settings dcp.Settings, holder string, types []string, claims map[string]json.RawMessage, person bool) (map[string]json.RawMessage, error) {
	made := make(map[string]json.RawMessage, len(types))
	for _, t := range types {
		raw, given := claims[t]
		switch {
		case !given && person:
			return nil, fmt.Errorf("%w: %s: none are given", ErrClaims, t)
		case !given:
			raw = json.RawMessage(`{}`)
		}
		subject, err := s.subject(own, settings, holder, t, raw, person)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrClaims, t, err)
		}
		made[t] = subject
	}
	for t := range claims {
		if _, asked := made[t]; !asked && person {
			return nil, fmt.Errorf("%w: %.100s: the request does not ask for it", ErrClaims, t)
		}
	}
	return made, nil
}

// subject completes claims to a credentialSubject and judges it.
func (s *Service) subject(own trust.Participant, settings dcp.Settings, holder, credentialType string, raw json.RawMessage, person bool) (json.RawMessage, error) {
	members, err := readClaims(raw)
	if err != nil {
		return nil, err
	}
	if id, there := members["id"]; there && id != holder {
		return nil, fmt.Errorf("their id is not the holder's DID")
	}
	members["id"] = holder
	now := s.cfg.Now().UTC().Truncate(time.Second)
	fill(members, credentialType, settings, now)
	subject, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	d := trust.Domain{Dataspace: settings.Dataspace, Now: now, Samples: settings.Samples}
	if person {
		if err := trust.ValidateSubject(credentialType, subject, d); err != nil {
			return nil, err
		}
	}
	end := validUntil(settings, credentialType, subject, now)
	if !end.After(now) {
		return nil, fmt.Errorf("what they say was good until %s", end.Format(time.RFC3339))
	}
	err = d.Check(trust.Credential{
		ID: "urn:uuid:" + s.newUUID(), Issuer: own.ID, Types: []string{"VerifiableCredential", credentialType},
		ValidFrom: now, ValidUntil: end, Subject: subject,
	})
	return subject, err
}

func readClaims(raw json.RawMessage) (map[string]any, error) {
	if len(raw) > maxClaims {
		return nil, fmt.Errorf("they have more than %d bytes", maxClaims)
	}
	if _, err := jcs.Transform(raw); err != nil {
		return nil, fmt.Errorf("they are not strict JSON: %w", err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return nil, fmt.Errorf("they are not a JSON object")
	}
	out := make(map[string]any, len(members))
	for name, value := range members {
		out[name] = value // numbers stay as they were written
	}
	if id, there := members["id"]; there {
		var text string
		if json.Unmarshal(id, &text) != nil {
			return nil, fmt.Errorf("their id is not a string")
		}
		out["id"] = text
	}
	return out, nil
}

// fill adds what follows from type and settings and was not said.
func fill(members map[string]any, credentialType string, settings dcp.Settings, now time.Time) {
	add := func(name string, value any) {
		if _, there := members[name]; !there {
			members[name] = value
		}
	}
	switch credentialType {
	case trust.MembershipCredential:
		add("type", "DataspaceMember")
		if settings.Dataspace != "" {
			add("dataspace", settings.Dataspace)
		}
		add("membershipStartDate", now.Format(time.RFC3339))
	case trust.CorporateIdentityCredential:
		add("type", "Corporation")
	}
}

// defaultValidity is how long a credential is good.
const defaultValidity = 365 * 24 * time.Hour

// validUntil is the end of a credential that is issued now: as the settings
// say, and no later than its type allows.
func validUntil(settings dcp.Settings, credentialType string, subject json.RawMessage, now time.Time) time.Time {
	validity := time.Duration(settings.Issues.Validity)
	if validity <= 0 {
		validity = defaultValidity
	}
	end := now.Add(validity).UTC().Truncate(time.Second)
	if latest := trust.LatestEnd(credentialType, subject, now); !latest.IsZero() && latest.Before(end) {
		return latest.UTC().Truncate(time.Second)
	}
	return end
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// maxDelivered bounds the credentials of one message.
const maxDelivered = 64

// readDelivery reads every credential of a message; one that is not good makes
// the whole message a fault.
func (s *Service) readDelivery(ctx context.Context, own trust.Participant, issuer string, m dcp.CredentialMessage) ([]Stored, error) {
	if len(m.Credentials) == 0 || len(m.Credentials) > maxDelivered {
		return nil, dcp.Faultf(http.StatusBadRequest, "invalid_message", "a delivery holds 1 to %d credentials", maxDelivered)
	}
	settings, err := s.settings(own)
	if err != nil {
		return nil, err
	}
	conformance, err := s.conformance(ctx, own, settings, issuer)
	if err != nil {
		return nil, err
	}
	list := make([]Stored, len(m.Credentials))
	for i, container := range m.Credentials {
		if list[i], err = s.readContainer(own, issuer, container, conformance); err != nil {
			f := dcp.Faultf(http.StatusBadRequest, "invalid_credential", "credential %d: %s", i+1, err.Error())
			f.Err = err
			return nil, f
		}
		list[i].Request = m.HolderPID
	}
	return list, nil
}

// readContainer judges one credential: that it is whose it should be, of whom
// it should be, and of use. Its proof is for verifiers; who delivered it is
// proved.
func (s *Service) readContainer(own trust.Participant, issuer string, container dcp.CredentialContainer, conformance trust.Conformance) (Stored, error) {
	profile, err := vc.ParseProfile(container.Format)
	if err != nil {
		return Stored{}, fmt.Errorf("format: %w", err)
	}
	c, err := vc.Read(container.Payload)
	if err != nil {
		return Stored{}, err
	}
	switch {
	case c.Profile != profile:
		return Stored{}, fmt.Errorf("it is of profile %s and not %s", c.Profile, profile)
	case c.Issuer != issuer:
		return Stored{}, fmt.Errorf("its issuer is not the one who delivers it")
	}
	if err := s.belongs(c, own, conformance); err != nil {
		return Stored{}, err
	}
	if !slices.Contains(c.Types, container.Type) {
		if err := s.relax(own, c, conformance, fmt.Errorf("it is not of the type that credentialType names")); err != nil {
			return Stored{}, err
		}
	}
	return s.index(c)
}

// maxText bounds an id, in bytes: it stands in an index.
const maxText = 1024

// storable refuses texts that no store keeps.
func storable(c vc.Credential) error {
	texts := append([]string{c.ID}, c.Types...)
	for _, e := range c.Status {
		texts = append(texts, e.ID, e.Type, e.Purpose, e.List)
	}
	for _, text := range texts {
		if !plain(text) {
			return fmt.Errorf("it holds an id or a type that is too long or no text")
		}
	}
	return nil
}

func plain(text string) bool {
	return len(text) <= maxText && utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// belongs judges whose credential it is, and that it can be kept.
func (s *Service) belongs(c vc.Credential, own trust.Participant, conformance trust.Conformance) error {
	if err := storable(c); err != nil {
		return err
	}
	if c.Holder() != own.ID {
		err := fmt.Errorf("its subject is not %s", own.ID)
		// A subject without id takes the sub, where older issuers write the
		// credential's own id. Another's credential is never ours.
		if c.Holder() != "" && c.Holder() != c.ID {
			return err
		}
		if err := s.relax(own, c, conformance, err); err != nil {
			return err
		}
	}
	if err := peculiar(c, own); err != nil {
		return s.relax(own, c, conformance, err)
	}
	return nil
}

// relax returns what is peculiar about a credential, or lets it pass where its
// issuer is judged leniently, and says so.
func (s *Service) relax(own trust.Participant, c vc.Credential, conformance trust.Conformance, peculiarity error) error {
	if !conformance.Lenient() {
		return peculiarity
	}
	s.cfg.Relaxed(own.Context, c.Issuer, "a credential delivered: "+peculiarity.Error())
	return nil
}

// peculiar tells what older issuers write and no strict verifier takes: another
// sub, no common type, no context.
func peculiar(c vc.Credential, own trust.Participant) error {
	if !slices.Contains(c.Types, "VerifiableCredential") {
		return fmt.Errorf("its types lack VerifiableCredential")
	}
	token, err := jose.Parse(c.Raw, vc.MaxCredential)
	if err != nil {
		return err
	}
	claims, err := token.Unproved()
	if err != nil {
		return err
	}
	if claims.Has("sub") && claims.Subject != own.ID {
		return fmt.Errorf("its sub is not %s", own.ID)
	}
	if base := baseContext(claims, c.Profile); base != contexts[c.Profile] {
		return fmt.Errorf("its first @context is not %s", contexts[c.Profile])
	}
	return nil
}

// contexts are the base contexts of the data models.
var contexts = map[vc.Profile]string{
	vc.VC11: "https://www.w3.org/2018/credentials/v1",
	vc.VC20: "https://www.w3.org/ns/credentials/v2",
}

// baseContext returns the first context of a credential.
func baseContext(claims jose.Claims, profile vc.Profile) string {
	var body struct {
		Context json.RawMessage `json:"@context"`
		VC      struct {
			Context json.RawMessage `json:"@context"`
		} `json:"vc"`
	}
	if claims.Decode(&body) != nil {
		return ""
	}
	raw := body.Context
	if profile == vc.VC11 {
		raw = body.VC.Context
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return one
	}
	var list []any
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return ""
	}
	one, _ = list[0].(string)
	return one
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// object is a credential that can be asked for: a type in a profile.
type object struct {
	Type    string
	Profile vc.Profile
}

// suffixes are how profiles stand in the ids of objects.
var suffixes = []struct {
	profile vc.Profile
	suffix  string
}{
	{vc.VC11, "-vc11"},
	{vc.VC20, "-vc20"},
}

// id is the object's id. It follows from type and profile, so that a holder
// may keep it.
func (o object) id() string {
	for _, s := range suffixes {
		if s.profile == o.Profile {
			return o.Type + s.suffix
		}
	}
	return ""
}

// parseObject reads an id.
func parseObject(id string) (object, error) {
	for _, s := range suffixes {
		if credentialType, ok := strings.CutSuffix(id, s.suffix); ok && credentialType != "" {
			return object{credentialType, s.profile}, nil
		}
	}
	return object{}, fmt.Errorf("%w: %.100q", ErrUnknownObject, id)
}

// objects are what a participant issues.
func objects(i dcp.Issuance) ([]object, error) {
	names := i.Profiles
	if len(names) == 0 {
		names = []string{string(vc.VC11), string(vc.VC20)}
	}
	var list []object
	for _, t := range i.Types {
		for _, name := range names {
			p, err := vc.ParseProfile(name)
			if err != nil {
				return nil, err
			}
			list = append(list, object{t, p})
		}
	}
	return list, nil
}

// find returns the objects that ids name, each once, in the order of the ids.
func find(i dcp.Issuance, ids []string) ([]object, error) {
	all, err := objects(i)
	if err != nil {
		return nil, err
	}
	var found []object
	for _, id := range ids {
		o, err := parseObject(id)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(all, o) {
			return nil, fmt.Errorf("%w: %.100q", ErrUnknownObject, id)
		}
		if !slices.Contains(found, o) {
			found = append(found, o)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: none is named", ErrUnknownObject)
	}
	return found, nil
}

// types are the credential types of objects, each once.
func types(list []object) []string {
	var names []string
	for _, o := range list {
		if !slices.Contains(names, o.Type) {
			names = append(names, o.Type)
		}
	}
	return names
}

// noPolicy is an issuancePolicy that asks for nothing: a person or a rule
// decides.
var noPolicy = json.RawMessage(`{"id":"decided-by-the-issuer","input_descriptors":[]}`)

// describe is an object as it is published, with every optional property
// (DCP 1.0, section 6.7).
func (s *Service) describe(o object) dcp.Object {
	return dcp.Object{
		ID: o.id(), Type: "CredentialObject", CredentialType: o.Type, OfferReason: "reissue", BindingMethods: []string{"did:web"},
		Profile: string(o.Profile), Schema: s.cfg.Schemas[o.Type], IssuancePolicy: noPolicy,
	}
}

// Objects are what a participant issues, as its metadata say.
func (s *Service) Objects(own trust.Participant) ([]dcp.Object, error) {
	settings, err := dcp.ReadSettings(own)
	if err != nil {
		return nil, err
	}
	if !issues(settings) {
		return nil, ErrNoIssuer
	}
	list, err := objects(*settings.Issues)
	if err != nil {
		return nil, err
	}
	described := make([]dcp.Object, len(list))
	for i, o := range list {
		described[i] = s.describe(o)
	}
	return described, nil
}

// metadata serves GET /issuer/metadata, to anybody.
func (s *Service) metadata(_ context.Context, c dcp.Call) (dcp.Answer, error) {
	supported, err := s.Objects(c.Own)
	if err != nil {
		return dcp.Answer{}, err
	}
	return answer(http.StatusOK, dcp.Metadata{Issuer: c.Own.ID, Supported: supported})
}

func answer(status int, message any) (dcp.Answer, error) {
	body, err := dcp.Marshal(message)
	return dcp.Answer{Status: status, Body: body}, err
}

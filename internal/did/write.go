// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"crypto"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/internal/jose"
)

// Description is what Marshal writes.
type Description struct {
	ID       string
	Keys     []Key
	Services []Service
}

// Key is a key of ours with the relations it is published for.
type Key struct {
	Fragment  string // the id after #
	Key       crypto.PublicKey
	Relations []Relation
}

// contexts are those of DID Core, of the method type and of the services.
var contexts = []string{
	"https://www.w3.org/ns/did/v1",
	"https://w3id.org/security/suites/jws-2020/v1",
	"https://w3id.org/dspace-dcp/v1.0/dcp.jsonld",
}

type document struct {
	Context    []string        `json:"@context"`
	ID         string          `json:"id"`
	Methods    []methodJSON    `json:"verificationMethod"`
	Authentic  []string        `json:"authentication"`
	Assertion  []string        `json:"assertionMethod"`
	Invocation []string        `json:"capabilityInvocation"`
	Services   []serviceObject `json:"service"`
}

type methodJSON struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Controller string          `json:"controller"`
	JWK        json.RawMessage `json:"publicKeyJwk"`
}

type serviceObject struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Endpoint string `json:"serviceEndpoint"`
}

// Marshal writes a DID document: methods of type JsonWebKey2020 with absolute
// ids, relations as arrays of strings. That is the form that all known readers
// take: some know no other type, some match absolute ids only. A Service's ID
// is absolute or a #fragment. Errors wrap ErrSyntax, ErrKey, ErrRelation,
// ErrService or ErrTwice.
func Marshal(d Description) ([]byte, error) {
	if _, err := WebURL(d.ID, false); err != nil {
		return nil, err
	}
	out := document{
		Context: contexts, ID: d.ID, Methods: []methodJSON{}, Services: []serviceObject{},
		Authentic: []string{}, Assertion: []string{}, Invocation: []string{},
	}
	ids := map[string]bool{}
	for _, key := range d.Keys {
		if err := out.addKey(key, ids); err != nil {
			return nil, err
		}
	}
	for _, service := range d.Services {
		if err := out.addService(service, ids); err != nil {
			return nil, err
		}
	}
	return json.Marshal(out)
}

func (d *document) addKey(key Key, ids map[string]bool) error {
	id := d.ID + "#" + key.Fragment
	if key.Fragment == "" || slices.ContainsFunc([]byte(key.Fragment), func(c byte) bool { return !isIDChar(c) && c != ':' }) {
		return fmt.Errorf("%w: its fragment is %.40q", ErrKey, key.Fragment)
	}
	if ids[id] {
		return ErrTwice
	}
	ids[id] = true
	jwk, err := jose.MarshalJWK(key.Key, key.Fragment)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	d.Methods = append(d.Methods, methodJSON{ID: id, Type: "JsonWebKey2020", Controller: d.ID, JWK: jwk})
	for _, relation := range key.Relations {
		switch relation {
		case Authentication:
			d.Authentic = append(d.Authentic, id)
		case AssertionMethod:
			d.Assertion = append(d.Assertion, id)
		case CapabilityInvocation:
			d.Invocation = append(d.Invocation, id)
		default:
			return fmt.Errorf("%w: %.40q is not published", ErrRelation, relation)
		}
	}
	return nil
}

func (d *document) addService(service Service, ids map[string]bool) error {
	id := absolute(service.ID, d.ID)
	if Owner(id) != d.ID || service.Type == "" {
		return fmt.Errorf("%w: %.80q of type %.40q", ErrService, service.ID, service.Type)
	}
	if _, err := webAddress(service.Endpoint); err != nil {
		return fmt.Errorf("%w: %w", ErrService, err)
	}
	if ids[id] {
		return ErrTwice
	}
	ids[id] = true
	d.Services = append(d.Services, serviceObject{ID: id, Type: service.Type, Endpoint: service.Endpoint})
	return nil
}

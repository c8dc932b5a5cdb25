// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/musubi-ods/musubi/internal/jose"
)

const (
	// maxDocument bounds a DID document, in bytes.
	maxDocument = 64 << 10
	// maxMethods bounds the keys of a document, since each costs a check of
	// its point. An issuer that keeps its old keys has some dozens.
	maxMethods = 128
)

// members are those of a JSON object, by their exact names: the decoder of the
// standard library would take ID for id.
type members map[string]json.RawMessage

// ParseDocument reads a document and demands that it is the DID's own. Errors
// wrap ErrDocument, ErrID or ErrTwice. A key that cannot be used is an error
// only for who asks for it.
func ParseDocument(raw []byte, did string) (*Document, error) {
	if len(raw) > maxDocument {
		return nil, malformed("it is larger than %d bytes", maxDocument)
	}
	if err := jose.CheckJSON(raw); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	all, err := object(raw, "it")
	if err != nil {
		return nil, err
	}
	if id, err := all.text("id"); err != nil || id == "" {
		return nil, malformed("it has no id")
	} else if id != did {
		return nil, ErrID
	}
	sum := sha256.Sum256(raw)
	d := &Document{ID: did, Hash: hex.EncodeToString(sum[:]), relations: map[Relation][]string{}}
	if err := d.readMethods(all); err != nil {
		return nil, err
	}
	if err := d.readRelations(all); err != nil {
		return nil, err
	}
	if err := d.readServices(all); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Document) readMethods(all members) error {
	list, err := all.list("verificationMethod")
	if err != nil {
		return err
	}
	for _, item := range list {
		if _, err := d.addMethod(item); err != nil {
			return err
		}
	}
	return nil
}

// readRelations reads references to methods and methods that stand in the
// relation itself, which are for this use alone.
func (d *Document) readRelations(all members) error {
	for _, relation := range relations {
		list, err := all.list(string(relation))
		if err != nil {
			return err
		}
		for _, item := range list {
			var id string
			switch item[0] {
			case '{':
				id, err = d.addMethod(item)
			case '"':
				err = json.Unmarshal(item, &id)
			default:
				err = malformed("%s holds neither an id nor a method", relation)
			}
			if err != nil {
				return err
			}
			d.relations[relation] = append(d.relations[relation], absolute(id, d.ID))
		}
	}
	return nil
}

func (d *Document) readServices(all members) error {
	list, err := all.list("service")
	if err != nil {
		return err
	}
	for _, item := range list {
		service, err := object(item, "a service")
		if err != nil {
			return err
		}
		types, err := service.texts("type")
		if err != nil {
			return err
		}
		id, err := service.text("id")
		if err != nil {
			return err
		}
		for _, name := range types {
			d.Services = append(d.Services, Service{ID: absolute(id, d.ID), Type: name, Endpoint: endpoint(service["serviceEndpoint"])})
		}
	}
	return nil
}

// endpoint returns a service's address if it is one absolute URL of the web.
// Whether it may be called is for the HTTP client to say.
func endpoint(raw json.RawMessage) string {
	var address string
	if json.Unmarshal(raw, &address) != nil {
		return "" // DID Core section 5.4 allows objects and lists as well
	}
	if _, err := webAddress(address); err != nil {
		return ""
	}
	return address
}

func malformed(format string, values ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDocument}, values...)...)
}

func object(raw json.RawMessage, what string) (members, error) {
	var m members
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return nil, malformed("%s is not a JSON object", what)
	}
	for name, value := range m {
		if string(value) == "null" { // some writers put every member there
			delete(m, name)
		}
	}
	return m, nil
}

// text returns a member that is a string; "" where there is none.
func (m members) text(name string) (string, error) {
	var s string
	if raw, present := m[name]; present && json.Unmarshal(raw, &s) != nil {
		return "", malformed("%.40q is not a string", name)
	}
	return s, nil
}

// list returns the items of a member. JSON-LD writes a list of one as the item
// alone (JSON-LD 1.1 section 4.3.1), so that is one as well.
func (m members) list(name string) ([]json.RawMessage, error) {
	raw, present := m[name]
	if !present {
		return nil, nil
	}
	if raw = bytes.TrimSpace(raw); raw[0] != '[' {
		return []json.RawMessage{raw}, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, malformed("%.40q is not a list", name)
	}
	return list, nil
}

func (m members) texts(name string) ([]string, error) {
	list, err := m.list(name)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(list))
	for i, item := range list {
		if item[0] != '"' || json.Unmarshal(item, &out[i]) != nil {
			return nil, malformed("%.40q holds what is not a string", name)
		}
	}
	return out, nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"context"
	"crypto"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Relation is what a key may be used for (DID Core section 5.3).
type Relation string

// The relations that DCP asks for: a presentation, a credential, a
// self-issued token.
const (
	Authentication       Relation = "authentication"
	AssertionMethod      Relation = "assertionMethod"
	CapabilityInvocation Relation = "capabilityInvocation"
)

// relations are all that DID Core has. The last two are read only to know
// whether a document lists any.
var relations = []Relation{Authentication, AssertionMethod, CapabilityInvocation, "capabilityDelegation", "keyAgreement"}

// Resolver finds DID documents. *Web is the one outside of tests.
type Resolver interface {
	// Resolve returns the document of a DID. Errors wrap one *Error, a
	// verdict, or ErrUnreachable, which is none.
	Resolve(ctx context.Context, did string) (*Document, error)
}

// Document is a DID document that was read. It is not changed any more.
type Document struct {
	ID       string
	Services []Service
	// Hash is SHA-256 of the document as it came, in hex; Fetched is when.
	Hash    string
	Fetched time.Time

	methods   []method
	relations map[Relation][]string // absolute ids, as far as the document has them
}

// Service is an endpoint of the document's subject. One that has several types
// stands there once for each.
type Service struct {
	ID       string
	Type     string
	Endpoint string // "" where it is not one absolute http or https URL
}

type method struct {
	id  string // absolute
	key crypto.PublicKey
	err error // why the key cannot be used
}

// Key returns the key that kid names, absolute or as #fragment, if the
// document allows it for the use. An empty kid means the only key there is.
// In a document that lists no relation at all, or only empty ones, every key
// passes if relaxed is set.
func (d *Document) Key(kid string, use Relation, relaxed bool) (crypto.PublicKey, error) {
	m, err := d.method(kid)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(d.relations[use], m.id) && (!relaxed || d.Relates()) {
		return nil, fmt.Errorf("%w: %s", ErrRelation, use)
	}
	if m.err != nil {
		return nil, m.err
	}
	return m.key, nil
}

func (d *Document) method(kid string) (method, error) {
	if kid == "" {
		switch len(d.methods) {
		case 0:
			return method{}, ErrNoKey
		case 1:
			return d.methods[0], nil
		}
		return method{}, ErrManyKeys
	}
	id := absolute(kid, d.ID)
	for _, m := range d.methods {
		if m.id == id {
			return m, nil
		}
	}
	return method{}, ErrNoKey
}

// Relates reports whether the document lists any relation: where it does not,
// Key with relaxed makes use of a relaxation, which is to be logged.
func (d *Document) Relates() bool {
	for _, ids := range d.relations {
		if len(ids) > 0 {
			return true
		}
	}
	return false
}

// Endpoint returns the address of the first usable service of a type.
func (d *Document) Endpoint(serviceType string) (string, error) {
	for _, s := range d.Services {
		if s.Type == serviceType && s.Endpoint != "" {
			return s.Endpoint, nil
		}
	}
	return "", fmt.Errorf("%w: %.40q", ErrService, serviceType)
}

// Owner returns the DID part of a DID URL, such as a kid: what stands before
// the first of #, ? and /. "" where the text is no DID URL.
func Owner(url string) string {
	owner := url
	if i := strings.IndexAny(url, "#?/"); i >= 0 {
		owner = url[:i]
	}
	if checkSyntax(owner) != nil {
		return ""
	}
	return owner
}

// absolute gives an id of a document its full form. Deployed documents write
// the whole DID URL, #fragment (DID Core section 3.2.2) or the fragment alone.
func absolute(ref, did string) string {
	switch {
	case strings.HasPrefix(ref, "#"):
		return did + ref
	case !strings.ContainsAny(ref, ":/?#"):
		return did + "#" + ref
	}
	return ref
}

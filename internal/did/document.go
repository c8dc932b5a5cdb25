// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"context"
	"crypto"
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
	relations map[Relation][]string // as far as the document has them
}

// Service is an endpoint of the document's subject.
type Service struct {
	ID       string
	Type     string
	Endpoint string // "" where it is not one absolute URL
}

type method struct {
	id  string // absolute
	key crypto.PublicKey
	err error // why the key cannot be used
}

// ParseDocument reads a document and demands that it is the DID's own.
func ParseDocument(raw []byte, did string) (*Document, error) { panic("to be written") }

// Key returns the key that kid names, absolute or as #fragment, if the
// document allows it for the use. An empty kid means the only key there is.
// In a document that lists no relation at all, or only empty ones, every key
// passes if relaxed is set.
func (d *Document) Key(kid string, use Relation, relaxed bool) (crypto.PublicKey, error) {
	panic("to be written")
}

// Relates reports whether the document lists any relation: where it does not,
// Key with relaxed makes use of a relaxation, which is to be logged.
func (d *Document) Relates() bool { panic("to be written") }

// Endpoint returns the address of the first usable service of a type.
func (d *Document) Endpoint(serviceType string) (string, error) { panic("to be written") }

// Owner returns the DID part of a DID URL, such as a kid: what stands before
// the first of #, ? and /. "" where the text is no DID URL.
func Owner(url string) string { panic("to be written") }

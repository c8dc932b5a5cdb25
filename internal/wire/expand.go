// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"fmt"

	"github.com/piprate/json-gold/ld"
)

// expand runs the expansion algorithm of JSON-LD 1.1 on an object. No context
// is fetched.
func expand(doc *value) (expanded []any, failed *Error) {
	held := &loader{}
	defer rescue(&failed)
	expanded, err := ld.NewJsonLdProcessor().Expand(doc.native(false), held.options())
	if err != nil {
		return nil, held.explain(err)
	}
	return expanded, nil
}

// loader gives json-gold the contexts that are held. It serves one call.
type loader struct {
	unknown string // the first URL that was asked for in vain
}

var errNotHeld = errors.New("context is not held")

// LoadDocument builds a fresh document each time, because json-gold edits it.
func (l *loader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	doc := contextDocument(url)
	if doc == nil {
		if l.unknown == "" {
			l.unknown = url
		}
		return nil, errNotHeld
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: doc}, nil
}

func (l *loader) options() *ld.JsonLdOptions {
	options := ld.NewJsonLdOptions("")
	options.DocumentLoader = l
	return options
}

// explain tells an unknown context from every other fault of a document.
func (l *loader) explain(err error) *Error {
	if l.unknown != "" {
		return &Error{
			Code:   CodeContextUnknown,
			Reason: fmt.Sprintf("the context %s is not known here, and contexts are never fetched", excerpt(l.unknown)),
			Err:    err,
		}
	}
	e := &Error{Code: CodeJSONLDInvalid, Reason: "its JSON-LD is invalid", Err: err}
	if jsonld, ok := errors.AsType[*ld.JsonLdError](err); ok {
		e.Reason += ": " + string(jsonld.Code)
	}
	return e
}

// rescue turns a panic within json-gold into an Error: foreign input must not
// end the process.
func rescue(failed **Error) {
	if p := recover(); p != nil {
		*failed = &Error{Code: CodeJSONLDInvalid, Reason: "its JSON-LD cannot be expanded", Err: fmt.Errorf("json-gold: %v", p)}
	}
}

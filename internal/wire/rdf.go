// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"

	"github.com/piprate/json-gold/ld"
)

// ExpandedJSONLD returns a message of our own, such as a catalogue, as expanded
// JSON-LD, which any RDF tool reads without the contexts. The work is not
// bounded as it is for Decode. Errors are *Error.
func ExpandedJSONLD(body []byte) ([]byte, error) {
	doc, failed := scanObject(body)
	if failed != nil {
		return nil, failed
	}
	expanded, failed := expand(&doc)
	if failed != nil {
		return nil, failed
	}
	out, err := json.Marshal(expanded)
	if err != nil {
		return nil, &Error{Code: CodeJSONLDInvalid, Reason: "its JSON-LD cannot be written", Err: err}
	}
	return out, nil
}

// NQuads returns a message of our own as RDF 1.1 N-Quads. A thing whose id is not an
// absolute IRI has no place in RDF: what is said of it is left out.
func NQuads(body []byte) ([]byte, error) {
	doc, failed := scanObject(body)
	if failed != nil {
		return nil, failed
	}
	text, failed := rdf(&doc)
	if failed != nil {
		return nil, failed
	}
	return []byte(text), nil
}

func rdf(doc *value) (text string, failed *Error) {
	held := &loader{}
	options := held.options()
	options.Format = "application/n-quads"
	defer rescue(&failed)
	quads, err := ld.NewJsonLdProcessor().ToRDF(doc.native(false), options)
	if err != nil {
		return "", held.explain(err)
	}
	text, ok := quads.(string)
	if !ok {
		return "", failure(CodeJSONLDInvalid, "its RDF cannot be written")
	}
	return text, nil
}

// scanObject reads a text that must be an object. json-gold would take a
// string for a URL to fetch.
func scanObject(body []byte) (value, *Error) {
	doc, failed := scan(body)
	if failed == nil && doc.kind != objectKind {
		failed = failure(CodeMemberInvalid, "the message must be a JSON object")
	}
	return doc, failed
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"slices"
	"strings"
)

// Decoded is a message from a peer.
type Decoded struct {
	Message Message // a pointer to one of the message structs
	ID      string  // "@id"; may be ""
	// Hash is the SHA-256, in hex, of the canonical form (RFC 8785) of the
	// body without its top-level @id: a repeated message has the same.
	Hash       string
	Extra      Extra       // members beyond the protocol, by full IRI
	Expanded   bool        // it had to be read as JSON-LD
	Exceptions []Exception // rules that let pass what the schema refuses
}

// Decode reads a message of one of the accepted types; of any type, if none is
// given. The error is an *Error.
func Decode(body []byte, accept ...Type) (Decoded, error) {
	doc, failed := scan(body)
	if failed != nil {
		return Decoded{}, failed
	}
	d, failed := decode(&doc, accept)
	if failed != nil {
		return Decoded{}, failed
	}
	hash, failed := bodyHash(&doc)
	if failed != nil {
		return Decoded{}, failed
	}
	d.Hash = hash
	return d, nil
}

// DecodeAs reads a message of the type T, such as *ContractRequest.
func DecodeAs[T Message](body []byte) (T, error) {
	var zero T // nil, but it knows its type
	d, err := Decode(body, zero.MessageType())
	if err != nil {
		return zero, err
	}
	m, ok := d.Message.(T)
	if !ok {
		return zero, failure(CodeTypeUnexpected, "no message can be read as a %T", zero)
	}
	return m, nil
}

// PeekPIDs gives the pids of a body that was refused, as far as it shows any,
// for the error message that answers it. They are the peer's words only.
func PeekPIDs(body []byte) (consumer, provider string) {
	doc, failed := scan(body)
	if failed != nil {
		return "", ""
	}
	var r reader
	return r.hint(&doc, "consumerPid"), r.hint(&doc, "providerPid")
}

// decode reads the document as plain JSON and, only where a required member
// cannot be read so, as JSON-LD.
func decode(doc *value, accept []Type) (Decoded, *Error) {
	listed, failed := readContexts(doc)
	if failed != nil {
		return Decoded{}, failed
	}
	d, plain := listed.readPlain(doc, accept)
	if plain == nil || !plain.expandable {
		return d, plain
	}
	d, expanded := listed.readExpanded(doc, accept)
	switch {
	case expanded == nil:
		return d, nil
	case expanded.Code == CodeContextUnknown || expanded.Code == CodeJSONLDInvalid || expanded.Code == CodeTooLarge:
		expanded.Reason = plain.Reason + "; nor can it be read as JSON-LD: " + expanded.Reason
		expanded.Exception = plain.Exception
		return Decoded{}, expanded
	case plain.Code == CodeTypeUnexpected, listed.inline: // only the other reading saw the message
		expanded.Exception = plain.Exception
		return Decoded{}, expanded
	default:
		return Decoded{}, plain
	}
}

// readPlain reads a document in the form that the schemas describe.
func (c contexts) readPlain(doc *value, accept []Type) (Decoded, *Error) {
	r := c.reader()
	if c.inline {
		r.invalid("@context", "a list of URLs") // may still be read as JSON-LD
		return Decoded{}, r.failed
	}
	if c.bare {
		r.allow(ExceptionContextString)
	}
	return r.message(doc, accept)
}

// readExpanded reads a document in any JSON-LD form.
func (c contexts) readExpanded(doc *value, accept []Type) (Decoded, *Error) {
	form, failed := expandToPlain(doc)
	if failed != nil {
		return Decoded{}, failed
	}
	r := c.reader()
	r.allow(ExceptionJSONLD)
	d, failed := r.message(&form, accept)
	d.Expanded = true
	return d, failed
}

func (c contexts) reader() *reader {
	r := &reader{trail: trail{lenient: true}, edc: slices.Contains(c.urls, EDCContextURL), contexts: c.urls}
	for _, url := range c.urls {
		if r.foreign == "" && !held(url) {
			r.foreign = url
		}
	}
	return r
}

// message reads an object of an accepted type and checks it.
func (r *reader) message(o *value, accept []Type) (Decoded, *Error) {
	typ, failed := messageType(o, accept)
	if failed != nil {
		return Decoded{}, failed
	}
	r.whole(o)
	m := readers[typ](r, o)
	if typ != TypeCatalog && typ != TypeDataset { // a catalogue may show one offer in two places
		r.describedOnce(o)
	}
	m.check(&r.trail)
	if r.failed != nil {
		return Decoded{}, r.failed
	}
	id, extra := m.head()
	return Decoded{Message: m, ID: id, Extra: extra, Exceptions: r.used}, nil
}

// messageType finds the @type of a document among those accepted.
func messageType(o *value, accept []Type) (Type, *Error) {
	v := o.get("@type")
	if v == nil && slices.Contains(accept, TypeDataset) {
		return TypeDataset, nil // the one message whose schema does not demand it
	}
	failed := &Error{Code: CodeTypeUnexpected}
	if slices.Contains(accept, TypeDataset) {
		failed.Exception = ExceptionDatasetType
	}
	if v == nil || v.kind != stringKind {
		failed.Reason = "$.@type must be " + oneOf(accept)
		failed.expandable = true
		return "", failed
	}
	typ := Type(v.text)
	if len(accept) > 0 && slices.Contains(accept, typ) {
		return typ, nil
	}
	_, known := readers[typ]
	if known && len(accept) == 0 {
		return typ, nil
	}
	failed.Reason = fmt.Sprintf("$.@type is %s, expected %s", excerpt(v.text), oneOf(accept))
	failed.expandable = !known // it may turn out to be the prefixed name of one that is
	return "", failed
}

func oneOf(accept []Type) string {
	if len(accept) == 0 {
		return "a message of the Dataspace Protocol " + Version
	}
	names := make([]string, len(accept))
	for i, t := range accept {
		names[i] = string(t)
	}
	return strings.Join(names, " or ")
}

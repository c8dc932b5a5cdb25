// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	// maxWork bounds visits: the schema's weight times the values of the
	// document. Each takes about a microsecond.
	maxWork = 1 << 19
	// maxMatch bounds regular expressions: instructions times the bytes of the
	// document. Each takes some nanoseconds.
	maxMatch = 1 << 26
	// maxPattern bounds one regular expression, in bytes.
	maxPattern = 1 << 10
)

// drafts are the values of $schema that are understood, without their # and
// scheme.
var drafts = []string{
	"json-schema.org/draft-04/schema", "json-schema.org/draft-06/schema", "json-schema.org/draft-07/schema",
	"json-schema.org/draft/2019-09/schema", "json-schema.org/draft/2020-12/schema",
}

// compiled is a schema that is ready to judge.
type compiled struct {
	schema *jsonschema.Schema
	weight weight
}

// compile reads a schema that came from an address.
func compile(address string, raw []byte) (s *compiled, err error) {
	defer caught(&err, ErrSchema)
	if len(raw) > maxSchema {
		return nil, fmt.Errorf("%w: it is larger than %d bytes", ErrSchema, maxSchema)
	}
	root, _, err := read(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	if err := understood(root); err != nil {
		return nil, err
	}
	address, _, _ = strings.Cut(address, "#")
	s = &compiled{}
	if s.weight, err = weigh(root, address); err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(nowhere{})
	c.UseRegexpEngine(expression)
	if err := c.AddResource(address, root); err != nil {
		return nil, fmt.Errorf("%w: its address cannot be used", ErrSchema)
	}
	if s.schema, err = c.Compile(address); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, shorten(err))
	}
	return s, nil
}

// understood demands an object, or true or false, of a draft that is known.
func understood(root any) error {
	object, ok := root.(map[string]any)
	if _, isBool := root.(bool); !ok && !isBool {
		return fmt.Errorf("%w: it is not an object", ErrSchema)
	}
	draft, given := object["$schema"]
	if !given {
		return nil
	}
	name, _ := draft.(string)
	name = strings.TrimSuffix(name, "#")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "https://"), "http://")
	if !slices.Contains(drafts, name) {
		return fmt.Errorf("%w: its draft is not understood", ErrSchema)
	}
	return nil
}

// nowhere loads nothing: weigh has refused references that lead outside, and
// this holds should it have missed one.
type nowhere struct{}

// Load implements jsonschema.URLLoader.
func (nowhere) Load(string) (any, error) { return nil, ErrRemote }

// expression compiles a regular expression with the standard library's engine,
// which knows no backtracking.
func expression(pattern string) (jsonschema.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, errors.New("it is too long")
	}
	return regexp.Compile(pattern)
}

// instructions is the size of an expression's program. A text that is none
// weighs nothing: compiling the schema refuses it, if it is a pattern at all.
func instructions(pattern string) (n uint64, err error) {
	if len(pattern) > maxPattern {
		return 0, fmt.Errorf("%w: a regular expression is too long", ErrCost)
	}
	if tree, bad := syntax.Parse(pattern, syntax.Perl); bad == nil {
		if program, bad := syntax.Compile(tree.Simplify()); bad == nil {
			n = uint64(len(program.Inst))
		}
	}
	return n, nil
}

// validate judges a document.
func (s *compiled) validate(document json.RawMessage) (err error) {
	defer caught(&err, ErrDocument)
	if len(document) > maxDocument {
		return fmt.Errorf("%w: it is larger than %d bytes", ErrDocument, maxDocument)
	}
	value, count, err := read(document)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDocument, err)
	}
	if s.weight.nodes*uint64(count) > maxWork || s.weight.regexp*uint64(len(document)) > maxMatch {
		return ErrCost
	}
	if err := s.schema.Validate(value); err != nil {
		return mismatch(err)
	}
	return nil
}

// mismatch names places and keywords of the first faults, and no values.
func mismatch(err error) error {
	fault, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return fmt.Errorf("%w: %w", ErrMismatch, shorten(err))
	}
	var list []string
	leaves(fault, &list)
	return fmt.Errorf("%w: %.400s", ErrMismatch, strings.Join(list, ", "))
}

func leaves(fault *jsonschema.ValidationError, list *[]string) {
	if len(*list) >= 4 {
		return
	}
	if len(fault.Causes) > 0 {
		for _, cause := range fault.Causes {
			leaves(cause, list)
		}
		return
	}
	at := "/" + strings.Join(fault.InstanceLocation, "/")
	*list = append(*list, fmt.Sprintf("%.120q (%s)", at, strings.Join(fault.ErrorKind.KeywordPath(), "/")))
}

func shorten(err error) error { return fmt.Errorf("%.300s", err.Error()) }

// caught turns a panic of the module into a verdict: what comes from outside
// may not end the process.
func caught(err *error, verdict *Error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("%w: %.200v", verdict, cause)
	}
}

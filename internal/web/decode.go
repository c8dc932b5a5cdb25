// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep a body may be nested.
const maxDepth = 64

// decode reads a body strictly: one JSON object, no member twice, none that
// nobody reads. The error is a *Problem that says where.
func decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	if !utf8.Valid(body) {
		return problemf(http.StatusBadRequest, "json-malformed", "the body is not UTF-8")
	}
	if err := scan(body); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return explainJSON(body, err)
	}
	return nil
}

// explainJSON says in words what encoding/json found.
func explainJSON(body []byte, err error) error {
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return malformedAt(body, syntax.Offset, strings.TrimPrefix(syntax.Error(), "json: "))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return malformedAt(body, int64(len(body)), "the text ends too early")
	case errors.As(err, &typed):
		where := "the body"
		if typed.Field != "" {
			where = typed.Field
		}
		return problemf(http.StatusBadRequest, "member-invalid", "%.200s has to be %s, not %s", where, kindName(typed.Type.Kind().String()), typed.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return problemf(http.StatusBadRequest, "member-unknown", "there is no member %.100s", name).hint("docs/management-api.md lists the members")
	}
	return problemf(http.StatusBadRequest, "member-invalid", "%.300s", strings.TrimPrefix(err.Error(), "json: "))
}

func malformedAt(body []byte, offset int64, what string) error {
	before := body[:min(max(offset, 0), int64(len(body)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return problemf(http.StatusBadRequest, "json-malformed", "the body is not JSON: %.100s", what).hint("look at line %d, character %d", line, column)
}

// kindName is a Go kind in words of JSON.
func kindName(kind string) string {
	switch {
	case kind == "struct" || kind == "map":
		return "an object"
	case kind == "slice":
		return "a list"
	case kind == "bool":
		return "true or false"
	case strings.Contains(kind, "int") || strings.HasPrefix(kind, "float"):
		return "a number"
	}
	return "a " + kind
}

// scan finds what encoding/json lets pass or says little about: members twice,
// a text nested too deep, more after the end.
func scan(body []byte) error {
	s := &scanner{d: json.NewDecoder(bytes.NewReader(body)), body: body}
	s.d.UseNumber()
	if err := s.value("", 0); err != nil {
		return err
	}
	if _, err := s.d.Token(); !errors.Is(err, io.EOF) {
		return malformedAt(body, s.d.InputOffset(), "there is more after its end")
	}
	return nil
}

type scanner struct {
	d    *json.Decoder
	body []byte
}

func (s *scanner) value(at string, depth int) error {
	t, err := s.d.Token()
	if err != nil {
		return explainJSON(s.body, err)
	}
	delim, isDelim := t.(json.Delim)
	switch text, isText := t.(string); {
	case isText && strings.ContainsRune(text, 0):
		return problemf(http.StatusBadRequest, "member-invalid", "%.200s holds the character U+0000", at)
	case !isDelim:
		return nil
	case depth == maxDepth:
		return problemf(http.StatusBadRequest, "json-too-deep", "the body is nested deeper than %d levels", maxDepth)
	case delim == '{':
		err = s.members(at, depth)
	default:
		for i := 0; s.d.More() && err == nil; i++ {
			err = s.value(fmt.Sprintf("%s[%d]", at, i), depth+1)
		}
	}
	if err != nil {
		return err
	}
	if _, err := s.d.Token(); err != nil { // the end of it
		return explainJSON(s.body, err)
	}
	return nil
}

func (s *scanner) members(at string, depth int) error {
	seen := map[string]bool{}
	for s.d.More() {
		t, err := s.d.Token()
		if err != nil {
			return explainJSON(s.body, err)
		}
		name, _ := t.(string) // a member's name is a string
		place := strings.TrimPrefix(at+"."+name, ".")
		if seen[name] {
			return problemf(http.StatusBadRequest, "member-twice", "%.200s is there twice", place)
		}
		if strings.ContainsRune(name, 0) {
			return problemf(http.StatusBadRequest, "member-invalid", "a name below %.200s holds the character U+0000", place)
		}
		seen[name] = true
		if err := s.value(place, depth+1); err != nil {
			return err
		}
	}
	return nil
}

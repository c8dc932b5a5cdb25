// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package strict_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

func word(text string) (string, error) {
	if text == "" {
		return "", errors.New("it is empty")
	}
	return text, nil
}

// TestObject: what is not exactly as it must be is refused, and where is said.
func TestObject(t *testing.T) {
	for name, tc := range map[string]struct{ in, says string }{
		"as it must be":    {`{"a": "x", "b": ["y", "z"]}`, ""},
		"without optional": {`{"a": "x"}`, ""},
		"an absent key":    {`{"b": ["y"]}`, `["a"] must be given`},
		"an unknown key":   {`{"a": "x", "c": 1}`, `"c" is unknown or repeated`},
		"a repeated key":   {`{"a": "x", "a": "y"}`, `"a" is unknown or repeated`},
		"another case":     {`{"A": "x"}`, `"A" is unknown or repeated`},
		"no object":        {`["a"]`, "an object {...} is expected"},
		"no text":          {`{"a": 1}`, "a: \"1\" is not a string; decimals too are written in quotes"},
		"null for a text":  {`{"a": null}`, "is not a string"},
		"a text of no use": {`{"a": ""}`, "a: it is empty"},
		"no list":          {`{"a": "x", "b": "y"}`, "b: a list [...] is expected"},
		"too long a list":  {`{"a": "x", "b": ["1", "2", "3"]}`, "b: 3 entries, more than 2"},
		"a bad entry":      {`{"a": "x", "b": ["1", 2]}`, "b: entry 2: "},
		"something behind": {`{"a": "x"} {}`, "line 1: not JSON"},
		"no JSON":          {"{\n\n\"a\": x}", "line 3: not JSON"},
		"another encoding": {"{\"a\": \"\xff\"}", "not UTF-8"},
		"too long":         {`{"a": "` + strings.Repeat("x", 100) + `"}`, "longer than 90 bytes"},
		"an editor's mark": {"\ufeff" + `{"a": "x"}`, ""},
		"no flag":          {`{"a": "x", "f": "true"}`, "f: true or false is expected"},
	} {
		t.Run(name, func(t *testing.T) {
			var a string
			var b []string
			var f bool
			raw, err := strict.Document([]byte(tc.in), 90)
			if err == nil {
				err = strict.Object(raw, map[string]strict.Reader{"a": strict.Parsed(&a, word)}, map[string]strict.Reader{
					"b": strict.List(&b, 2, func(raw []byte, into *string) error { return strict.Text(raw, into, word) }),
					"f": strict.Flag(&f),
				})
			}
			switch {
			case tc.says == "" && (err != nil || a != "x"):
				t.Errorf("%q, %v", a, err)
			case tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)):
				t.Errorf("got %v, want %q", err, tc.says)
			}
		})
	}
}

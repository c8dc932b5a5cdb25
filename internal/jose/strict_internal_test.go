// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"encoding/json"
	"reflect"
	"testing"
)

// The members of a text are those that the standard library reads of it.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `null`, `"a"`, `[{"a":1}]`, `{"a":1}`, `{"a":1,"b":2}`, "{ \"a\" :\t[ 1 , {\"x\" : 2} ] ,\n\"b\":{ \"c\" : null } }",
		`{"":""}`, `{"a:b":"c:d,}"}`, `{"\u0061\"":"\"}"}`, `{"a":{"b":{"c":[]}},"d":[[],[{"e":1}]]}`, `{"a":-1.5e-7,"b":true,"é":"é"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := membersOf(text)
		if err != nil {
			return
		}
		var want map[string]json.RawMessage
		if json.Unmarshal(text, &want) != nil {
			want = nil // no object
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("members %q of %s, want %q", got, text, want)
		}
	})
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/internal/jose"
)

func TestCheckJSON(t *testing.T) {
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprintf(`"n%d":%d`, i, i)
	}
	deep := func(n int) string { return strings.Repeat(`[`, n) + strings.Repeat(`]`, n) }
	for name, tc := range map[string]struct {
		text      string
		ok        bool
		duplicate bool
	}{
		"object":                       {`{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}`, true, false},
		"scalar":                       {` "a" `, true, false},
		"names apart by case":          {`{"a":1,"A":1}`, true, false},
		"name as value":                {`{"a":"a","b":"a"}`, true, false},
		"strings of a list":            {`["a","a","a",["a","a"],"a"]`, true, false},
		"after a nested object":        {`{"a":{"b":1},"b":1}`, true, false},
		"escaped quotation mark":       {`{"a\"":1,"a\\":1}`, true, false},
		"pair of surrogates":           {`{"\ud83d\ude00":1,"b":"\uD83D\uDE00"}`, true, false},
		"a thousand names":             {"{" + strings.Join(many, ",") + "}", true, false},
		"64 levels":                    {deep(64), true, false},
		"empty":                        {``, false, false},
		"two values":                   {`{}{}`, false, false},
		"comma at the end":             {`{"a":1,}`, false, false},
		"not UTF-8":                    {"{\"a\":\"\xff\"}", false, false},
		"65 levels":                    {deep(65), false, false},
		"high half alone":              {`{"a":"\ud83dx"}`, false, false},
		"high half at the end":         {`{"a":"\ud83d"}`, false, false},
		"low half alone":               {`{"a":"\ude00"}`, false, false},
		"two high halves":              {`{"a":"\ud83d\ud83d"}`, false, false},
		"half in a name":               {`{"\ud800":1,"\ud801":1}`, false, false},
		"twice":                        {`{"a":1,"a":1}`, false, true},
		"twice, apart":                 {`{"a":1,"b":{"x":[1,2]},"a":1}`, false, true},
		"twice, escaped":               {`{"ab":1,"\u0061b":1}`, false, true},
		"twice, slash":                 {`{"a/b":1,"a\/b":1}`, false, true},
		"twice, both escaped":          {`{"\u00e9":1,"é":1}`, false, true},
		"twice in depth":               {`[[{"x":{"y":[{"a":1,"a":2}]}}]]`, false, true},
		"twice among a thousand":       {"{" + strings.Join(many, ",") + `,"n7":1}`, false, true},
		"twice among thirteen":         {"{" + strings.Join(many[:13], ",") + `,"n12":1}`, false, true},
		"the empty name twice":         {`{"":1,"":1}`, false, true},
		"twice, pair and letter":       {`{"😀":1,"\ud83d\ude00":1}`, false, true},
		"twice after spaces and lines": {"{ \"a\" : 1 ,\n\t\"a\" : 2 }", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			err := jose.CheckJSON([]byte(tc.text))
			if (err == nil) != tc.ok || errors.Is(err, jose.ErrDuplicate) != tc.duplicate {
				t.Errorf("got %v", err)
			}
		})
	}
}

// twice is CheckJSON done in another way, by the decoder of the standard
// library.
func twice(d *json.Decoder) (bool, error) {
	token, err := d.Token()
	if err != nil {
		return false, err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return false, nil
	}
	seen, found := map[string]bool{}, false
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return false, err
			}
			found = found || seen[name.(string)]
			seen[name.(string)] = true
		}
		below, err := twice(d)
		if err != nil {
			return false, err
		}
		found = found || below
	}
	_, err = d.Token()
	return found, err
}

func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{`{"a":1,"\u0061":[{"b":{}}]}`, `"\ud83d\ude00"`, `{"a":{"a":{"a":"\\"}}}`, `[`, `{"":"\"","b":-0.1e+5}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := jose.CheckJSON(text)
		if err == nil && (!json.Valid(text) || !utf8.Valid(text)) {
			t.Fatalf("accepted %q", text)
		}
		if err != nil && !errors.Is(err, jose.ErrDuplicate) {
			return
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		found, other := twice(d)
		if other != nil && !errors.Is(other, io.EOF) {
			t.Skip() // the decoder is stricter in something
		}
		if found != (err != nil) {
			t.Errorf("%q: got %v, want a duplicate: %v", text, err, found)
		}
	})
}

// presentation is claims of about n bytes: credentials in a list, as a holder
// sends them.
func presentation(n int) []byte {
	one := strings.Repeat("eyJhbGciOiJFUzI1NiJ9", 100)
	var list []string
	for size := 0; size < n; size += len(one) + 3 {
		list = append(list, one)
	}
	raw, err := json.Marshal(map[string]any{"iss": "did:web:a.example", "vp": map[string]any{"type": "VerifiablePresentation", "verifiableCredential": list}})
	if err != nil {
		panic(err)
	}
	return raw
}

// names is an object of about n bytes that is nothing but short names.
func names(n int) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `"%x":0,`, i)
	}
	b.WriteString(`"end":0}`)
	return b.Bytes()
}

func BenchmarkCheckJSON(b *testing.B) {
	for name, text := range map[string][]byte{
		"presentation/2KiB": presentation(2 << 10), "presentation/256KiB": presentation(256 << 10),
		"names/8KiB": names(8 << 10), "names/256KiB": names(256 << 10),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := jose.CheckJSON(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

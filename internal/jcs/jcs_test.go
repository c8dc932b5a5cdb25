// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jcs_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/jcs"
)

func TestTransform(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"RFC 8785 section 3.2.2": {
			in: `{
			  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
			  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
			  "literals": [null, true, false]
			}`,
			want: `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
				`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		},
		"RFC 8785 section 3.2.3": {
			in: `{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",` +
				`"1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control",` +
				`"\u00f6":"Latin Small Letter O With Diaeresis"}`,
			want: `{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control",` +
				`"ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face",` +
				`"` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`,
		},
		"white space":          {" [ 1 ,\t{ } , [ ]\r\n] ", `[1,{},[]]`},
		"scalar":               {` "a" `, `"a"`},
		"negative zero":        {`-0`, `0`},
		"line separators stay": {`"\u2028\u2029\u007f"`, "\"\u2028\u2029\u007f\""},
		"no HTML escaping":     {`"\u003c>&"`, `"<>&"`},
		"no normalisation":     {`"A\u030a"`, "\"A\u030a\""},
		"sorted in depth":      {`{"b":{"d":1,"c":2},"a":[{"f":1,"e":2}]}`, `{"a":[{"e":2,"f":1}],"b":{"c":2,"d":1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := jcs.Transform([]byte(tc.in))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestNumbers holds the finite samples of RFC 8785 appendix B.
func TestNumbers(t *testing.T) {
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0",
		0x8000000000000000: "0",
		0x0000000000000001: "5e-324",
		0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308",
		0xffefffffffffffff: "-1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992",
		0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22",
		0x44b52d02c7e14af6: "1e+23",
		0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000",
		0x444b1ae4d6e2ef4f: "999999999999999900000",
		0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7",
		0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332",
		0x41b3de4355555554: "333333333.33333325",
		0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334",
		0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		in := strconv.FormatFloat(math.Float64frombits(bits), 'e', 17, 64)
		got, err := jcs.Transform([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%016x: got %s, %v; want %s", bits, got, err, want)
		}
	}
}

func TestTransformRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want error
	}{
		"nothing":                {"", jcs.ErrInvalid},
		"name twice":             {`{"a":1,"a":1}`, jcs.ErrInvalid},
		"name twice by escape":   {`{"a":1,"\u0061":2}`, jcs.ErrInvalid},
		"name twice in depth":    {`[{"b":{"a":1,"a":1}}]`, jcs.ErrInvalid},
		"two texts":              {`{} {}`, jcs.ErrInvalid},
		"trailing comma":         {`[1,]`, jcs.ErrInvalid},
		"unclosed":               {`{"a":[1}`, jcs.ErrInvalid},
		"leading zero":           {`01`, jcs.ErrInvalid},
		"plus":                   {`+1`, jcs.ErrInvalid},
		"hexadecimal":            {`0x10`, jcs.ErrInvalid},
		"not a number":           {`NaN`, jcs.ErrInvalid},
		"infinite":               {`1e400`, jcs.ErrInvalid},
		"lone surrogate":         {`"\ud800"`, jcs.ErrInvalid},
		"wrong UTF-8":            {"\"\xff\"", jcs.ErrInvalid},
		"control in string":      {"\"\n\"", jcs.ErrInvalid},
		"comment":                {`{} // x`, jcs.ErrInvalid},
		"byte order mark":        {"\ufeff{}", jcs.ErrInvalid},
		"one level too deep":     {nested(jcs.MaxDepth + 1), jcs.ErrTooDeep},
		"a million levels":       {strings.Repeat("[", 1_000_000), jcs.ErrTooDeep},
		"deep behind a bracket":  {`["\"]]]",` + nested(jcs.MaxDepth) + `]`, jcs.ErrTooDeep},
		"larger than can be had": {`"` + strings.Repeat("x", jcs.MaxSize) + `"`, jcs.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := jcs.Transform([]byte(tc.in))
			if !errors.Is(err, tc.want) || out != nil {
				t.Errorf("got %.40q, %v; want %v", out, err, tc.want)
			}
			if _, err := jcs.Hash([]byte(tc.in)); !errors.Is(err, tc.want) {
				t.Errorf("Hash: got %v; want %v", err, tc.want)
			}
		})
	}
}

func TestDepthAllowed(t *testing.T) {
	in := nested(jcs.MaxDepth)
	if got, err := jcs.Transform([]byte(in)); err != nil || string(got) != in {
		t.Errorf("got %.80s, %v", got, err)
	}
}

func TestHash(t *testing.T) {
	// SHA-256 of the two bytes {}.
	const want = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
	if got, err := jcs.Hash([]byte(" {\n} ")); err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

// TestAppendString holds our own writer of strings against the module.
func TestAppendString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`[\x00-\x7f]*`),
		).Draw(t, "s")
		plain, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		want, err := jcs.Transform(plain)
		if err != nil {
			t.Fatal(err)
		}
		if got := jcs.AppendString(nil, s); !bytes.Equal(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	if got := jcs.AppendString([]byte("x"), "\xff"); string(got) != "x\"\ufffd\"" {
		t.Errorf("wrong UTF-8: got %q", got)
	}
}

func FuzzTransform(f *testing.F) {
	for _, seed := range []string{`{"b":[1.50,"\u20ac"],"a":null}`, `-0`, `"\ud83d\ude00"`, `{"a":{"a":{}}}`, `[1e21,1e-7]`, nested(70)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		once, err := jcs.Transform(in)
		if err != nil {
			return
		}
		if !json.Valid(in) || !json.Valid(once) {
			t.Fatalf("accepted what is not JSON: %q -> %q", in, once)
		}
		twice, err := jcs.Transform(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("not idempotent: %q -> %q -> %q, %v", in, once, twice, err)
		}
		hash, err := jcs.Hash(in)
		if raw, bad := hex.DecodeString(hash); err != nil || bad != nil || len(raw) != 32 {
			t.Fatalf("hash %q, %v", hash, err)
		}
	})
}

func nested(levels int) string {
	return strings.Repeat("[", levels) + strings.Repeat("]", levels)
}

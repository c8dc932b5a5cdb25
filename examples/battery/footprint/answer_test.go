// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

const goodAnswer = `{"part":"cam","declaredUnit":"kgCO2e/kg","pre":"9.94","main":null,"status":"partial","missing":2}`

func TestDecodeAnswer(t *testing.T) {
	want := footprint.Answer{Part: "cam", Unit: "kg", Pre: number("9.94"), Main: footprint.Withheld(), Missing: 2}
	for name, document := range map[string]string{
		"as encoded":  goodAnswer,
		"other order": `{"missing":2,"status":"partial","main":null,"pre":"9.940","declaredUnit":"kgCO2e/kg","part":"cam"}`,
		"white space": " \n" + strings.NewReplacer(":", " :\t", ",", " ,\n").Replace(goodAnswer) + "\r\n",
	} {
		got, err := footprint.DecodeAnswer([]byte(document))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := string(encode(t, want)); got != goodAnswer {
		t.Errorf("encoded %s", got)
	}
}

// Each case is the good answer with one fault; the reason names the fault.
func TestDecodeAnswerRefuses(t *testing.T) {
	for _, test := range []struct{ name, old, now, reason string }{
		{"unknown unit", "kgCO2e/kg", "kgCO2e/g", `wrong unit: "g" is not known`},
		{"unit without emission", "kgCO2e/kg", "kg", "does not start with kgCO2e/"},
		{"negative", "9.94", "-9.94", "pre: bad decimal: \"-9.94\" is negative"},
		{"absurd", "9.94", "1" + strings.Repeat("0", 15), "more than 15 digits"},
		{"long fraction", "9.94", "0." + strings.Repeat("3", 300), "200 after the point"},
		{"exponent", "9.94", "1e9", "not a number"},
		{"JSON number", `"9.94"`, `9.94`, "is not a string"},
		{"boolean", `"9.94"`, `true`, "is not a string"},
		{"null unit", `"kgCO2e/kg"`, `null`, "declaredUnit: \"null\" is not a string"},
		{"null part", `"cam"`, `null`, "part: \"null\" is not a string"},
		{"null count", `:2`, `:null`, "whole number"},
		{"negative count", `:2`, `:-2`, "whole number"},
		{"fractional count", `:2`, `:2.5`, "whole number"},
		{"absurd count", `:2`, `:1000001`, "whole number"},
		{"status too good", `"partial"`, `"complete"`, "the numbers say partial"},
		{"status too bad", `"partial"`, `"withheld"`, "the numbers say partial"},
		{"unknown status", `"partial"`, `"fine"`, "the numbers say partial"},
		{"withheld, none missing", `:2`, `:0`, "nothing is counted"},
		{"unknown key", `{`, `{"supplier":"x",`, `"supplier" is unknown`},
		{"repeated key", `{`, `{"missing":0,`, `"missing" is unknown or repeated`},
		{"other case", `"main"`, `"Main"`, `"Main" is unknown`},
		{"absent key", `"main":null,`, ``, `["main"] must be given`},
		{"part id", `"cam"`, `"../cam"`, "is not an id"},
		{"control character", `"cam"`, `"\u001b[2J"`, "is not an id"},
		{"two documents", `}`, `}{}`, "not JSON"},
		{"cut off", `}`, ``, "not JSON"},
		{"a list", goodAnswer, "[" + goodAnswer + "]", "an object"},
		{"null", goodAnswer, "null", "an object"},
		{"empty", goodAnswer, "", "not JSON"},
		{"not UTF-8", "cam", "c\xffm", "not UTF-8"},
		{"too long", "{", "{" + strings.Repeat(" ", 4096), "longer than 4096"},
		{"deep", `"9.94"`, strings.Repeat("[", 3000), "not JSON"},
	} {
		t.Run(test.name, func(t *testing.T) {
			document := strings.Replace(goodAnswer, test.old, test.now, 1)
			if document == goodAnswer {
				t.Fatal("the case changes nothing")
			}
			a, err := footprint.DecodeAnswer([]byte(document))
			if !errors.Is(err, footprint.ErrAnswer) || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("%+v, %v; want %q", a, err, test.reason)
			}
		})
	}
}

// What the peer would refuse is not sent.
func TestEncodeRefuses(t *testing.T) {
	huge := footprint.MustDecimal(strings.Repeat("9", 15))
	for name, a := range map[string]footprint.Answer{
		"out of range":  {Part: "p", Unit: "kg", Pre: footprint.Known(huge.Add(huge)), Main: number("0")},
		"no unit":       {Part: "p", Pre: number("1"), Main: number("0")},
		"no part":       {Unit: "kg", Pre: number("1"), Main: number("0")},
		"absent total":  {Part: "p", Unit: "kg", Pre: number("1")},
		"missing, none": {Part: "p", Unit: "kg", Pre: number("1"), Main: number("0"), Missing: -1},
	} {
		if document, err := a.Encode(); !errors.Is(err, footprint.ErrAnswer) || document != nil {
			t.Errorf("%s: %s, %v", name, document, err)
		}
	}
}

func FuzzDecodeAnswer(f *testing.F) {
	f.Add([]byte(goodAnswer))
	f.Add([]byte(`{"part":"cell","declaredUnit":"kgCO2e/unit","pre":"10.81","main":"6.85","status":"complete","missing":0}`))
	f.Add([]byte(`{"part":"p","declaredUnit":"kgCO2e/tkm","pre":null,"main":null,"status":"withheld","missing":1}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		a, err := footprint.DecodeAnswer(document)
		if err != nil {
			if !errors.Is(err, footprint.ErrAnswer) || !cmp.Equal(a, footprint.Answer{}) {
				t.Fatalf("%+v, %v", a, err)
			}
			return
		}
		again, err := footprint.DecodeAnswer(encode(t, a))
		if err != nil || !cmp.Equal(a, again) {
			t.Fatalf("%+v came back as %+v, %v", a, again, err)
		}
	})
}

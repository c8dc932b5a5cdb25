// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/chemicals/data"
	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

const (
	cl1, cl2, cl3 = "CL-2025-06-25", "CL-2025-11-05", "CL-2026-02-04"
	rohs, pops    = "ROHS-2025-11-21", "POPS-2025-08-04"
)

// failer is what *testing.T, *testing.F and *rapid.T share.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func register(t failer) *substance.Register {
	t.Helper()
	r, err := substance.LoadRegister(data.Register())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ask(list, entry, day string) substance.Question {
	return substance.Question{List: list, Entry: entry, Date: substance.MustDate(day)}
}

func evaluate(t failer, r *substance.Register, b substance.Bill, q substance.Question, held substance.Held) substance.Result {
	t.Helper()
	result, err := r.Evaluate(b, q, held)
	if err != nil {
		t.Fatalf("%s: %v", b.Part, err)
	}
	return result
}

func amounts(t failer, r *substance.Register, b substance.Bill, q substance.Question, held substance.Held) map[string]substance.Amount {
	t.Helper()
	a, err := r.Amounts(b, q, held)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func bill(t failer, r *substance.Register, document string) substance.Bill {
	t.Helper()
	b, err := r.DecodeComposition([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// chain is an embedded chain, by company.
func chain(t *testing.T, r *substance.Register, name string) (substance.Chain, map[string]substance.Company) {
	t.Helper()
	from := data.Inv9()
	if name == "sixteen" {
		from = data.Sixteen()
	}
	c, err := r.LoadChain(from)
	if err != nil {
		t.Fatal(err)
	}
	byID := make(map[string]substance.Company)
	for _, company := range c.Companies {
		byID[company.ID] = company
	}
	return c, byID
}

// walk asks one question along a chain, from the first supplier to the final
// product. Between two companies there is only the encoded verdict; who is silent
// gives none.
func walk(t failer, r *substance.Register, c substance.Chain, q substance.Question, silent ...string) map[string]substance.Result {
	t.Helper()
	wire := make(map[string][]byte) // by supplier
	results := make(map[string]substance.Result)
	for _, company := range c.Companies {
		held := substance.Held{Verdicts: make(map[string]substance.Verdict)}
		for _, supplier := range company.Suppliers() {
			if document, answered := wire[supplier]; answered {
				v, err := substance.DecodeVerdict(document)
				if err != nil {
					t.Fatal(err)
				}
				held.Verdicts[v.Part] = v
			}
		}
		result := evaluate(t, r, company.Bill, q, held)
		results[company.ID] = result
		wire[company.ID] = encode(t, result.Answer())
		for _, id := range silent {
			delete(wire, id)
		}
	}
	return results
}

func encode(t failer, v substance.Verdict) []byte {
	t.Helper()
	document, err := v.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func want[T comparable](t failer, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func finding(t failer, r substance.Result, node string) substance.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.Node == node {
			return f
		}
	}
	t.Fatalf("there is no finding on %s in %v", node, r.Findings)
	return substance.Finding{}
}

// edit replaces one text in a document, and fails where it does not stand once.
func edit(t failer, document, old, now string) string {
	t.Helper()
	if strings.Count(document, old) != 1 {
		t.Fatalf("%q stands %d times in the document", old, strings.Count(document, old))
	}
	return strings.Replace(document, old, now, 1)
}

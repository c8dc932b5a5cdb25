// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint_test

import (
	"io/fs"
	"testing"

	"github.com/musubi-ods/musubi/examples/battery/data"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

type (
	companies = map[string]footprint.Company
	results   = map[string]footprint.Result
)

func number(text string) footprint.Value { return footprint.Known(footprint.MustDecimal(text)) }

func load(t *testing.T, from fs.FS) footprint.Chain {
	t.Helper()
	chain, err := footprint.Load(from)
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

// failer is what *testing.T and *rapid.T share.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// fiveCompanies is the embedded chain after an edit of one company's row.
func fiveCompanies(t *testing.T, edit func(companies)) footprint.Chain {
	t.Helper()
	byID := companies{}
	for _, c := range load(t, data.FiveCompanies()).Companies {
		byID[c.ID] = c
	}
	edit(byID)
	list := make([]footprint.Company, 0, len(byID))
	for _, c := range byID {
		list = append(list, c)
	}
	chain, err := footprint.NewChain(list)
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

// setChild edits the line for one part.
func setChild(c footprint.Company, part string, edit func(*footprint.Child)) footprint.Company {
	children := append([]footprint.Child(nil), c.Children...)
	for i := range children {
		if children[i].Part == part {
			edit(&children[i])
		}
	}
	c.Children = children
	return c
}

// walk rolls the chain up from the first supplier to the final product. Between
// two companies there is only the encoded answer; who is down gives none.
func walk(t failer, chain footprint.Chain, down ...string) results {
	t.Helper()
	wire := map[string][]byte{}
	done := results{}
	for _, company := range chain.Companies {
		answers := map[string]footprint.Answer{}
		for _, child := range company.Children {
			if document, ok := wire[child.Supplier]; ok {
				answer, err := footprint.DecodeAnswer(document)
				if err != nil {
					t.Fatal(err)
				}
				answers[child.Part] = answer
			}
		}
		result, err := footprint.RollUp(company, answers)
		if err != nil {
			t.Fatalf("%s: %v", company.ID, err)
		}
		done[company.ID] = result
		wire[company.ID] = encode(t, company.Answer(result))
		for _, id := range down {
			delete(wire, id)
		}
	}
	return done
}

func encode(t failer, a footprint.Answer) []byte {
	t.Helper()
	document, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// wantValue compares numbers exactly.
func wantValue(t failer, what string, got footprint.Value, want string) {
	t.Helper()
	if !got.Equal(number(want)) {
		t.Errorf("%s = %v, want %s", what, got, want)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/policy"
)

// typeMeanings are what docs/policy.md says of the types, in its order.
var typeMeanings = []struct {
	of      policy.Type
	meaning string
}{
	{policy.TypeText, "compared byte by byte"},
	{policy.TypeIRI, "as text; `isA`, `hasPart` and `isPartOf` know what lies below what"},
	{policy.TypeBoolean, "`true` or `false`"},
	{policy.TypeNumber, "an exact decimal: 5 and 5.0 are one"},
	{policy.TypeScalar, "what a credential says: a text, and a number where it is ordered"},
	{policy.TypeVersion, "a text whose numbers are compared as numbers"},
	{policy.TypeMoment, "a moment, or a date, which is the whole day"},
	{policy.TypeWindow, "as moment, or counted from the agreement"},
	{policy.TypeElapsed, "a duration since the agreement"},
}

// TestPage holds the tables of docs/policy.md against the registry.
func TestPage(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(testkit.ModuleRoot(t), "docs", "policy.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	page = between(t, page, "types", typeTable(t))
	page = between(t, page, "operands", "\n"+operandTable())
	page = between(t, page, "actions", "\n"+actionTable())
	testkit.Golden(t, "docs/policy.md", page)
}

// TestPageExampleCanBeOffered reads the example with which the page begins.
func TestPageExampleCanBeOffered(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(testkit.ModuleRoot(t), "docs", "policy.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), "```json\n")
	example, _, _ := strings.Cut(rest, "```")
	if err := registry.CheckUsage(parse(t, example)); err != nil {
		t.Error(err)
	}
}

// between puts text between the markers of a name.
func between(t *testing.T, page, name, text string) string {
	t.Helper()
	begin, end := "<!-- "+name+": printed from the registry by a test -->\n", "<!-- end of "+name+" -->"
	before, rest, ok1 := strings.Cut(page, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("the page has no place for %s", name)
	}
	return before + begin + text + end + after
}

func words(list []string) string { return "`" + strings.Join(list, "`, `") + "`" }

func typeTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("\n| type | what it is | operators |\n|---|---|---|\n")
	explained := map[policy.Type]bool{}
	for _, m := range typeMeanings {
		explained[m.of] = true
		fmt.Fprintf(&b, "| %s | %s | %s |\n", m.of, m.meaning, words(m.of.Operators()))
	}
	for _, o := range registry.Operands() {
		if !explained[o.Type] {
			t.Errorf("the page does not explain the type %s", o.Type)
		}
	}
	return b.String() + "\n"
}

func operandTable() string {
	var b strings.Builder
	b.WriteString("| name | type and operators | source | known from | |\n|---|---|---|---|---|\n")
	for _, o := range registry.Operands() {
		iri := o.IRI
		if o.Prefix {
			iri += "…"
		}
		operators := o.Operators
		if operators == nil {
			operators = o.Type.Operators()
		}
		source, from := string(o.Source), o.From.String()
		if o.Live {
			from += ", live"
		}
		if o.AgreedOnly {
			source, from = "**agreed only**", ""
		}
		fmt.Fprintf(&b, "| %s<br>`%s` | %s: %s | %s | %s | %s |\n", o.Name, iri, o.Type, words(operators), source, from, o.Doc)
	}
	return b.String() + "\n"
}

func actionTable() string {
	var b strings.Builder
	b.WriteString("| name | | |\n|---|---|---|\n")
	for _, a := range registry.Actions() {
		who := "**agreed only**"
		if a.Enforced {
			who = "enforced"
		}
		fmt.Fprintf(&b, "| %s<br>`%s` | %s | %s |\n", a.Name, a.IRI, who, a.Doc)
	}
	return b.String() + "\n"
}

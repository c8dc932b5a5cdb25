// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package musubi_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// row says what the non-test files of a folder, and of the folders below it
// that have no row of their own, may import from this module.
type row struct {
	folder string
	may    []string // rows; "trust/*" is every row below trust, "*" every row
	why    string
}

// library is what an embedder can import.
var library = []string{"connector", "connector/served", "connector/secret", "catalog", "negotiation", "transfer", "transfer/dataplane", "transfer/evidence", "transfer/signaling", "transfer/sink", "trust", "trust/*"}

const (
	leaf   = "a leaf knows nothing of the rest: it can be read, tested and replaced alone"
	client = "library first: programs use only what an embedder has; if private access is needed, the public API is wrong"
	domain = "domain packages know only what lies below them, never how they are stored, served or wired"
	tester = "a harness may look everywhere, and nothing may import it"
)

// table is the import table of docs/adr/0001-layout-and-imports.md.
var table = []row{
	{"connector", []string{"*"}, "the one package that wires all others"},
	{"connector/served", []string{"catalog", "connector/secret"}, "parts of a configuration are data"},
	{"connector/secret", nil, leaf},
	{"internal/web", []string{"catalog", "negotiation", "transfer", "transfer/evidence", "transfer/sink", "transfer/signaling", "trust", "trust/*", "internal/engine", "internal/wire", "internal/telemetry"}, "handlers call services, never a store"},
	{"internal/store", []string{"catalog", "negotiation", "transfer", "transfer/evidence", "transfer/signaling", "transfer/sink", "trust", "trust/*", "internal/engine"}, "a store maps rows to domain types and decides nothing"},
	{"transfer/dataplane", []string{"transfer", "trust", "internal/did", "internal/jose", "internal/safehttp"}, "a data plane can be replaced by another vendor's: it knows transfers, not contracts"},
	{"transfer/signaling", []string{"transfer", "trust", "internal/wire", "internal/safehttp", "internal/stripes"}, "Data Plane Signaling is one way to speak to a data plane: it knows flows, not contracts"},
	{"transfer/evidence", []string{"transfer", "internal/engine", "internal/stripes"}, "what was moved is counted the same whoever moved it"},
	{"transfer/sink", []string{"transfer", "negotiation", "trust", "trust/policy", "internal/engine", "internal/pieces"}, "what was received is kept and deleted by the terms of its agreement, however it came"},
	{"transfer", []string{"negotiation", "trust", "trust/policy", "internal/engine", "internal/wire", "internal/safehttp"}, domain},
	{"negotiation", []string{"catalog", "trust", "trust/policy", "internal/engine", "internal/wire", "internal/safehttp"}, domain},
	{"catalog", []string{"trust", "trust/policy", "internal/wire", "internal/safehttp"}, domain},
	{"trust/dcp", []string{"trust", "internal/engine", "internal/did", "internal/jose", "internal/wire", "internal/safehttp", "internal/schema", "internal/cache", "internal/stripes"}, domain},
	{"trust/policy", []string{"trust", "internal/caltime", "internal/cache"}, domain},
	{"internal/did", []string{"internal/jose", "internal/safehttp"}, "resolving an identifier needs signatures and the network, nothing else"},
	{"trust", nil, leaf},
	{"internal/engine", nil, leaf},
	{"internal/wire", nil, leaf},
	{"internal/jose", nil, leaf},
	{"internal/jcs", nil, leaf},
	{"internal/safehttp", nil, leaf},
	{"internal/cache", nil, leaf},
	{"internal/caltime", nil, leaf},
	{"internal/pieces", nil, leaf},
	{"internal/stripes", nil, leaf},
	{"internal/schema", []string{"internal/safehttp", "internal/cache"}, "fetching a schema needs the network and a cache, nothing else"},
	{"docs/credentials", nil, "documents that the product embeds"},
	{"internal/telemetry", nil, leaf},
	{"internal/testkit", []string{"internal/engine", ports}, "what tests share draws the state machines and knows nothing else"},
	{"cmd", library, client},
	{"examples", library, client},
	{"internal/conformance", library, client},
	{"internal/killtest", library, client},
	{"internal/bench", library, client},
	{measure, nil, leaf},
	{ports, nil, leaf},
	{"internal/interop", library, client},
	{"internal/simulation", []string{"*"}, tester},
	{".", nil, "the root holds documentation and the tests of the house"},
}

// measure says what the machine can do, and ports where nobody listens on it; the
// harnesses share both.
const (
	measure = "internal/bench/limits"
	ports   = "internal/freeport"
)

// programs are imported by nobody: what they hold is not part of the product.
var programs = []string{"cmd", "examples", "internal/conformance", "internal/killtest", "internal/bench", measure, ports, "internal/interop", "internal/simulation", "."}

// TestImports enforces the table.
func TestImports(t *testing.T) {
	t.Logf("%d rows", len(table))
	enforce(t, "imports of our own packages", importRule)
	try(t, importRule, []fixture{
		{"up", "catalog/x.go", "package catalog\nimport _ \"" + modulePath + "/negotiation\"", 1},
		{"down", "negotiation/x.go", "package negotiation\nimport _ \"" + modulePath + "/catalog\"", 0},
		{"sideways", "internal/web/x.go", "package web\nimport _ \"" + modulePath + "/internal/store\"", 1},
		{"row of the parent", "internal/web/ui/x.go", "package ui\nimport _ \"" + modulePath + "/internal/store/sqlite\"", 1},
		{"row of its own", "transfer/x.go", "package transfer\nimport _ \"" + modulePath + "/transfer/dataplane\"", 1},
		{"below the named folder", "catalog/x.go", "package catalog\nimport _ \"" + modulePath + "/trust/preshared\"", 0},
		{"every row below", "internal/web/x.go", "package web\nimport _ \"" + modulePath + "/trust/dcp\"", 0},
		{"own folders", "internal/store/sqlite/x.go", "package sqlite\nimport _ \"" + modulePath + "/internal/store\"", 0},
		{"everything", "connector/x.go", "package connector\nimport _ \"" + modulePath + "/internal/store\"", 0},
		{"a harness in the product", "connector/x.go", "package connector\nimport _ \"" + modulePath + "/internal/conformance/dsp\"", 1},
		{"the ports in the product", "connector/x.go", "package connector\nimport _ \"" + modulePath + "/internal/freeport\"", 1},
		{"the ports in the kit", "internal/testkit/x.go", "package testkit\nimport _ \"" + modulePath + "/internal/freeport\"", 0},
		{"the limits in the product", "connector/x.go", "package connector\nimport _ \"" + modulePath + "/internal/bench/limits\"", 1},
		{"the limits in a harness", "internal/interop/x.go", "package interop\nimport _ \"" + modulePath + "/internal/bench/limits\"", 0},
		{"a suite in the product", "connector/x.go", "package connector\nimport _ \"" + modulePath + "/internal/store/storetest\"", 1},
		{"a suite in its own row", "internal/store/sqlite/x.go", "package sqlite\nimport _ \"" + modulePath + "/internal/store/storetest\"", 1},
		{"a suite uses the kit", "internal/store/storetest/x.go", "package storetest\nimport _ \"" + modulePath + "/internal/testkit\"", 0},
		{"the kit in the product", "connector/x.go", "package connector\nimport _ \"" + modulePath + "/internal/testkit\"", 1},
		{"private access", "examples/battery/x.go", "package main\nimport _ \"" + modulePath + "/internal/wire\"", 1},
		{"canonical JSON for all", "trust/x.go", "package trust\nimport _ \"" + modulePath + "/internal/jcs\"", 0},
		{"no row", "internal/new/x.go", "package new\nimport _ \"" + modulePath + "/trust\"", 1},
		{"tests are exempt", "catalog/x_test.go", "package catalog\nimport _ \"" + modulePath + "/connector\"", 0},
	})
}

// TestTable finds mistakes in the table: a row twice, or one that does not exist.
func TestTable(t *testing.T) {
	seen := make(map[string]bool)
	for _, r := range table {
		if seen[r.folder] {
			t.Errorf("two rows for %s", r.folder)
		}
		seen[r.folder] = true
	}
	for _, r := range table {
		for _, m := range r.may {
			if base := strings.TrimSuffix(m, "/*"); m != "*" && !seen[base] {
				t.Errorf("the row of %s names %s, which has no row", r.folder, m)
			}
		}
	}
}

func importRule(s source) (findings []finding, looked int) {
	if s.isTest() {
		return nil, 0
	}
	for _, spec := range s.file.Imports {
		target, ours := strings.CutPrefix(importPath(spec), modulePath)
		if !ours {
			continue
		}
		looked++
		target = path.Clean(strings.TrimPrefix(target, "/"))
		if why := forbids(s, target); why != "" {
			findings = append(findings, s.at(spec, fmt.Sprintf("%s may not import %s: %s", s.dir, target, why)))
		}
	}
	return findings, looked
}

// forbids returns why a file may not import a folder of ours, "" if it may.
func forbids(s source, target string) string {
	from, to := rowOf(s.dir), rowOf(target)
	switch {
	case from == nil:
		return "the folder has no row in the import table (repo_imports_test.go): give it one, with its reason"
	case to == nil:
		return "the imported folder has no row in the import table (repo_imports_test.go): give it one, with its reason"
	case to.folder == "internal/testkit":
		return unless(s.isSuite(), "the test kit is for tests: a program that links it links package testing")
	case strings.HasSuffix(target, "test"):
		return unless(s.isSuite(), "a suite is for tests: a program that links it links package testing")
	case (to.folder == measure || to.folder == ports) && slices.Contains(programs, from.folder), to.folder == ports && from.folder == "internal/testkit":
		return ""
	case to.folder == "internal/jcs", from.folder == to.folder:
		return ""
	case slices.Contains(programs, to.folder):
		return "programs and harnesses are imported by nobody: the product holds no test hook"
	}
	return unless(slices.ContainsFunc(from.may, to.matches), from.why)
}

func unless(allowed bool, why string) string {
	if allowed {
		return ""
	}
	return why
}

// rowOf returns the row that names the folder or its nearest parent.
func rowOf(folder string) *row {
	for f := folder; ; f = path.Dir(f) {
		for i := range table {
			if table[i].folder == f && (f != "." || folder == ".") {
				return &table[i]
			}
		}
		if f == "." {
			return nil
		}
	}
}

// matches reports whether an entry of another row's list means this row.
func (r *row) matches(entry string) bool {
	if parent, below := strings.CutSuffix(entry, "*"); below {
		return strings.HasPrefix(r.folder, parent)
	}
	return r.folder == entry
}

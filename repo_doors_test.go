// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package musubi_test

import (
	"fmt"
	"strings"
	"testing"
)

// doors names the one folder through which each module of others enters the
// product. Behind a door a module can be replaced by a change to one folder.
var doors = map[string]string{
	"github.com/labstack/echo/v4":   "internal/web",
	"github.com/lestrrat-go/jwx/v2": "internal/jose",
	"github.com/piprate/json-gold":  "internal/wire",
	"github.com/gowebpki/jcs":       "internal/jcs",
	"github.com/jmoiron/sqlx":       "internal/store",
	"github.com/jackc/pgx/v5":       "internal/store",
	"modernc.org/sqlite":            "internal/store",
	"github.com/pressly/goose/v3":   "internal/store",
	"go.yaml.in/yaml/v3":            "connector",
	"github.com/google/uuid":        "connector",

	"github.com/santhosh-tekuri/jsonschema/v6": "internal/schema",

	"github.com/google/go-cmp":        testsOnly,
	"github.com/rogpeppe/go-internal": testsOnly,
	"go.uber.org/goleak":              testsOnly,
	"pgregory.net/rapid":              testsOnly,
}

const testsOnly = "(tests)"

// TestDoors enforces one module, one door.
func TestDoors(t *testing.T) {
	t.Logf("%d doors", len(doors))
	enforce(t, "imports of other modules", doorRule)
	try(t, doorRule, []fixture{
		{"through the door", "internal/web/x.go", "package web\nimport _ \"github.com/labstack/echo/v4/middleware\"", 0},
		{"below the door", "internal/store/sqlite/x.go", "package sqlite\nimport _ \"modernc.org/sqlite\"", 0},
		{"round the door", "catalog/x.go", "package catalog\nimport _ \"github.com/labstack/echo/v4\"", 1},
		{"beside the door", "internal/webhook/x.go", "package webhook\nimport _ \"github.com/labstack/echo/v4\"", 1},
		{"no door", "catalog/x.go", "package catalog\nimport _ \"example.org/new/v2/thing\"", 1},
		{"another version", "internal/jose/x.go", "package jose\nimport _ \"github.com/lestrrat-go/jwx/v3/jwt\"", 1},
		{"a test's module in the product", "trust/x.go", "package trust\nimport _ \"pgregory.net/rapid\"", 1},
		{"a test's module in a suite", "internal/store/storetest/x.go", "package storetest\nimport _ \"pgregory.net/rapid\"", 0},
		{"a test", "trust/x_test.go", "package trust\nimport _ \"pgregory.net/rapid\"", 0},
	})
}

func doorRule(s source) (findings []finding, looked int) {
	for _, spec := range s.file.Imports {
		p := importPath(spec)
		if !foreign(p) {
			continue
		}
		looked++
		if s.isTest() {
			continue
		}
		if why := locked(s, p); why != "" {
			findings = append(findings, s.at(spec, why))
		}
	}
	return findings, looked
}

// foreign reports whether an import is neither ours nor the standard library's.
func foreign(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return strings.Contains(first, ".") && !within(p, modulePath)
}

func within(p, parent string) bool { return p == parent || strings.HasPrefix(p, parent+"/") }

func locked(s source, p string) string {
	for module, door := range doors {
		switch {
		case !within(p, module):
			continue
		case within(s.dir, door), door == testsOnly && s.isSuite():
			return ""
		case door == testsOnly:
			return fmt.Sprintf("%s is for tests: the product does not carry it", module)
		}
		return fmt.Sprintf("%s is imported only in %s, so that replacing it changes one folder", module, door)
	}
	return fmt.Sprintf("%s has no door: name one in repo_doors_test.go and say why in docs/dependencies.md, or do without", p)
}

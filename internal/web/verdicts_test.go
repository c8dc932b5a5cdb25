// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// TestEveryRefusalHasAVerdict finds the codes that the services refuse with,
// in their source, and looks each up in the table.
func TestEveryRefusalHasAVerdict(t *testing.T) {
	found := map[string]string{}
	for _, dir := range []string{"internal/engine", "negotiation", "transfer", "catalog"} {
		maps.Copy(found, refusalCodes(t, filepath.Join(testkit.ModuleRoot(t), dir)))
	}
	if len(found) < 20 {
		t.Fatalf("found %d codes only: the search is broken", len(found))
	}
	for code, at := range found {
		if _, ok := verdicts[code]; !ok {
			t.Errorf("%s refuses with %q, which has no row in verdicts.go: give it a status and say what to do", at, code)
		}
	}
	for code, v := range verdicts {
		if v.status < 400 || v.status > 499 {
			t.Errorf("%s is answered %d: a refusal is the caller's", code, v.status)
		}
	}
	t.Logf("%d codes", len(found))
}

// refusalCodes are the first arguments of Refusef, and the Code constants.
func refusalCodes(t *testing.T, dir string) map[string]string {
	codes := map[string]string{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(set, name, text, 0)
		if err != nil {
			t.Skipf("%s is being edited: %v", name, err)
		}
		note := func(lit *ast.BasicLit) {
			if code, err := strconv.Unquote(lit.Value); err == nil {
				codes[code] = set.Position(lit.Pos()).String()
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				fun := n.Fun
				if sel, ok := fun.(*ast.SelectorExpr); ok {
					fun = sel.Sel
				}
				if id, ok := fun.(*ast.Ident); ok && id.Name == "Refusef" && len(n.Args) > 1 {
					if lit, ok := n.Args[0].(*ast.BasicLit); ok {
						note(lit)
					}
				}
			case *ast.ValueSpec:
				if strings.HasPrefix(n.Names[0].Name, "Code") && len(n.Values) == 1 && strings.HasSuffix(name, "refusal.go") {
					if lit, ok := n.Values[0].(*ast.BasicLit); ok {
						note(lit)
					}
				}
			}
			return true
		})
	}
	return codes
}

// TestJudge: what the caller caused has a status below 500, and what nobody
// knows has none.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{engine.ErrNotFound, 404, "process-unknown"},
		{fmt.Errorf("deep: %w", negotiation.ErrNoAgreement), 404, "agreement-unknown"},
		{negotiation.ErrAgreementExists, 409, "agreement-exists"},
		{trust.ErrUnknownPeer, 404, "peer-unknown"},
		{engine.Refusef("illegal-transition", "no"), 409, "illegal-transition"},
		{engine.Refusef("a-planes-own", "no"), 409, "a-planes-own"},
		{&catalog.Refusal{Code: catalog.CodeFilter, Reason: "no"}, 400, "unsupported-filter"},
		{&catalog.PeerError{Code: catalog.PeerUnreachable}, 502, "peer-unreachable"},
		{&catalog.PeerError{Code: catalog.PeerTimeout}, 504, "peer-timeout"},
		{&catalog.PeerError{Code: catalog.PeerNonsense}, 502, "peer-nonsense"},
		{&catalog.PeerError{Code: catalog.PeerUnknown}, 404, "peer-unknown"},
		{&catalog.PeerError{Code: catalog.PeerRefused, Err: catalog.ErrNotFound}, 404, "peer-refused"},
	} {
		p, ok := judge(c.err)
		if !ok || p.Status != c.status || p.Code != c.code {
			t.Errorf("%v: %+v, want %d %s", c.err, p, c.status, c.code)
		}
	}
	if p, ok := judge(errors.New("bug")); ok {
		t.Errorf("an unknown error is judged %+v", p)
	}
	seen := map[error]bool{}
	for _, s := range sentinels {
		if seen[s.err] || s.code == "" {
			t.Errorf("row %v is there twice or has no code", s.err)
		}
		seen[s.err] = true
	}
}

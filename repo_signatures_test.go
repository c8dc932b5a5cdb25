// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package musubi_test

import (
	"fmt"
	"go/ast"
	"slices"
	"testing"
)

// TestPublicSignatures keeps others' types out of what embedders see.
func TestPublicSignatures(t *testing.T) {
	enforce(t, "exported declarations of public packages", signatureRule)
	const head = "package trust\nimport \"github.com/labstack/echo/v4\"\n"
	try(t, signatureRule, []fixture{
		{"parameter", "trust/x.go", head + "func F(c echo.Context) {}", 1},
		{"result of a method", "trust/x.go", head + "type T struct{}\nfunc (T) F() []*echo.Echo { return nil }", 1},
		{"exported field", "trust/x.go", head + "type T struct{ E *echo.Echo }", 1},
		{"embedded", "trust/x.go", head + "type T struct{ *echo.Echo }", 1},
		{"method of an interface", "trust/x.go", head + "type T interface{ F(echo.Context) }", 1},
		{"variable", "trust/x.go", head + "var E = echo.New()", 1},
		{"alias", "trust/x.go", head + "type E = echo.Echo", 1},
		{"type parameter", "trust/x.go", head + "func F[C echo.Context]() {}", 1},
		{"body", "trust/x.go", head + "func F() { _ = echo.New() }", 0},
		{"private field", "trust/x.go", head + "type T struct{ e *echo.Echo }", 0},
		{"private function", "trust/x.go", head + "func f(c echo.Context) {}", 0},
		{"method of a private type", "trust/x.go", head + "type t struct{}\nfunc (t) F(c echo.Context) {}", 0},
		{"not public", "internal/web/x.go", head + "func F(c echo.Context) {}", 0},
		{"standard library", "trust/x.go", "package trust\nimport \"net/http\"\nfunc F(h http.Handler) {}", 0},
		{"ours, but internal", "connector/x.go", "package connector\nimport \"" + modulePath + "/internal/store\"\nfunc F(s store.Store) {}", 1},
	})
}

func signatureRule(s source) (findings []finding, looked int) {
	if s.isTest() || !slices.ContainsFunc(library, rowOrNone(s.dir).matches) {
		return nil, 0
	}
	names := s.imports()
	for _, decl := range s.file.Decls {
		for _, part := range exported(decl) {
			looked++
			inspectType(part, func(sel *ast.SelectorExpr) {
				if why := hidden(s, names, sel); why != "" {
					findings = append(findings, s.at(sel, why))
				}
			})
		}
	}
	return findings, looked
}

// rowOrNone is rowOf for folders without a row, which TestImports reports.
func rowOrNone(folder string) *row {
	if r := rowOf(folder); r != nil {
		return r
	}
	return &row{folder: folder}
}

func hidden(s source, names map[string]string, sel *ast.SelectorExpr) string {
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	switch p := names[pkg.Name]; {
	case foreign(p):
		return fmt.Sprintf("%s.%s in a public signature: embedders would be tied to %s; use a type of ours or of the standard library", pkg.Name, sel.Sel.Name, p)
	case s.dir == "connector" && within(p, modulePath+"/internal"):
		return fmt.Sprintf("%s.%s in a signature of connector: an embedder cannot name a type of %s", pkg.Name, sel.Sel.Name, p)
	}
	return ""
}

// exported returns the parts of a declaration that an embedder can see.
func exported(decl ast.Decl) (parts []ast.Node) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
			parts = append(parts, d.Type)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch sp := spec.(type) {
			case *ast.TypeSpec:
				if sp.Name.IsExported() {
					parts = append(parts, sp)
				}
			case *ast.ValueSpec:
				if slices.ContainsFunc(sp.Names, (*ast.Ident).IsExported) {
					parts = append(parts, sp)
				}
			}
		}
	}
	return parts
}

func receiver(d *ast.FuncDecl) string {
	typ := d.Recv.List[0].Type
	for {
		switch e := typ.(type) {
		case *ast.StarExpr:
			typ = e.X
		case *ast.IndexExpr:
			typ = e.X
		case *ast.IndexListExpr:
			typ = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// inspectType visits the qualified names of a declaration, but neither function
// bodies nor fields that embedders cannot reach.
func inspectType(part ast.Node, visit func(*ast.SelectorExpr)) {
	ast.Inspect(part, func(n ast.Node) bool {
		switch e := n.(type) {
		case *ast.BlockStmt:
			return false
		case *ast.Field:
			return len(e.Names) == 0 || slices.ContainsFunc(e.Names, (*ast.Ident).IsExported) || !isField(part, e)
		case *ast.SelectorExpr:
			visit(e)
		}
		return true
	})
}

// isField reports whether f is a field of a struct below part, rather than a
// parameter or a result, whose names are lower case and yet public.
func isField(part ast.Node, f *ast.Field) (found bool) {
	ast.Inspect(part, func(n ast.Node) bool {
		if st, ok := n.(*ast.StructType); ok && slices.Contains(st.Fields.List, f) {
			found = true
		}
		return !found
	})
	return found
}

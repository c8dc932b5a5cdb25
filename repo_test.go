// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package musubi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// The files repo_*_test.go are the rules of the house, written as tests so
// that nobody has to remember them. A rule is a function from one source file
// to findings. Each runs over every Go file of the module, prints how much it
// looked at, and is itself tried on fixtures: one that must be found and one
// that must not.

const modulePath = "github.com/musubi-ods/musubi"

// source is one parsed Go file.
type source struct {
	path string // from the module root, with slashes
	dir  string // folder of path, "." at the root
	text string
	fset *token.FileSet
	file *ast.File
}

// finding is one breach: where, and why the rule exists.
type finding struct{ where, reason string }

// rule returns the breaches in a file and how many things it looked at.
type rule func(source) (findings []finding, looked int)

// isTest reports whether the file is compiled by `go test` alone.
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// isSuite reports whether the file belongs to a package of tests for others to
// run, such as internal/store/storetest, or to the kit that tests share:
// ordinary files that no program links.
func (s source) isSuite() bool {
	return strings.HasSuffix(s.dir, "test") || s.dir == "internal/testkit"
}

// isMain reports whether the file belongs to a program.
func (s source) isMain() bool { return s.file.Name.Name == "main" }

func (s source) at(n ast.Node, reason string) finding {
	return finding{s.fset.Position(n.Pos()).String(), reason}
}

// imports maps the name an import has in the file to its path.
func (s source) imports() map[string]string {
	names := make(map[string]string)
	for _, spec := range s.file.Imports {
		p := importPath(spec)
		name := path.Base(p)
		if isVersion(name) { // github.com/labstack/echo/v4 is named echo
			name = path.Base(path.Dir(p))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = p
	}
	return names
}

func importPath(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value) // the parser accepted the literal
	return p
}

func isVersion(element string) bool {
	_, err := strconv.Atoi(strings.TrimPrefix(element, "v"))
	return strings.HasPrefix(element, "v") && err == nil
}

func parse(t *testing.T, name, text string) source {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments)
	if err != nil {
		t.Fatalf("cannot parse %s: %v", name, err)
	}
	return source{path: name, dir: path.Dir(name), text: text, fset: fset, file: file}
}

// files returns the texts of the module's files, by path from the root. What
// git ignores by name, other modules and hidden folders other than .ci are
// left out.
var files = sync.OnceValues(func() (map[string]string, error) {
	texts := make(map[string]string)
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipFolder(name)
		}
		if !entry.Type().IsRegular() || name == ".git" { // a file in a linked work tree
			return nil
		}
		text, err := os.ReadFile(name)
		texts[filepath.ToSlash(name)] = string(text)
		return err
	})
	return texts, err
})

func skipFolder(name string) error {
	base := filepath.Base(name)
	switch {
	case name == ".", base == ".ci":
		return nil
	case strings.HasPrefix(base, "."), base == "bin", base == "dist":
		return filepath.SkipDir
	}
	return nil
}

// sources returns every Go file of the module outside testdata, parsed.
func sources(t *testing.T) []source {
	t.Helper()
	texts, err := files()
	if err != nil {
		t.Fatal(err)
	}
	var list []source
	for name, text := range texts {
		if strings.HasSuffix(name, ".go") && !strings.Contains("/"+name, "/testdata/") {
			list = append(list, parse(t, name, text))
		}
	}
	return list
}

// enforce runs a rule over the module and says what it looked at.
func enforce(t *testing.T, what string, r rule) {
	t.Helper()
	total, all := 0, sources(t)
	for _, s := range all {
		findings, looked := r(s)
		total += looked
		for _, f := range findings {
			t.Errorf("%s: %s", f.where, f.reason)
		}
	}
	t.Logf("looked at %d %s in %d files", total, what, len(all))
	if total == 0 {
		t.Fatalf("looked at no %s: the rule checks nothing", what)
	}
}

// fixture is a file that does not exist, and how often a rule must object.
type fixture struct {
	name, path, text string
	want             int
}

// try proves that a rule can fail, and does not always.
func try(t *testing.T, r rule, fixtures []fixture) {
	t.Helper()
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			findings, _ := r(parse(t, f.path, f.text))
			if len(findings) != f.want {
				t.Errorf("%d findings, want %d: %v", len(findings), f.want, findings)
			}
		})
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package musubi_test

import (
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ownTargets are the packages whose long tests are make targets of their own,
// with these.
var ownTargets = map[string]string{"internal/simulation": "sim", "internal/killtest": "kill", "internal/conformance/dps": "test-dps"}

// TestLongTestsAreRun: `make test-full` runs each test that is longer with
// MUSUBI_FULL=1, and no other: those ran without it.
func TestLongTestsAreRun(t *testing.T) {
	list := func(name string) []string {
		m := regexp.MustCompile(`(?m)^` + name + ` := (.*)$`).FindStringSubmatch(read(t, "Makefile"))
		if m == nil {
			t.Fatalf("the Makefile has no %s", name)
		}
		return strings.Fields(m[1])
	}
	byFolder := map[string][]source{}
	for _, s := range sources(t) {
		if _, own := ownTargets[s.dir]; s.isTest() && !own {
			byFolder[s.dir] = append(byFolder[s.dir], s)
		}
	}
	folders, tests := map[string]bool{}, map[string]bool{}
	for dir, files := range byFolder {
		for _, name := range longTests(files) {
			folders["./"+dir], tests[name] = true, true
		}
	}
	t.Logf("%d tests in %d packages are longer with MUSUBI_FULL=1", len(tests), len(folders))
	for what, c := range map[string]struct{ have, want []string }{
		"full_packages": {list("full_packages"), slices.Sorted(maps.Keys(folders))},
		"full_tests":    {list("full_tests"), slices.Sorted(maps.Keys(tests))},
	} {
		if !slices.Equal(slices.Sorted(slices.Values(c.have)), c.want) {
			t.Errorf("%s of the Makefile is\n%s\nand has to be\n%s", what, strings.Join(c.have, " "), strings.Join(c.want, " "))
		}
	}
}

// TestOwnTargetsAreThere: each of these packages is tested in full by its target,
// or by the script that this runs.
func TestOwnTargetsAreThere(t *testing.T) {
	makefile := read(t, "Makefile")
	for dir, target := range ownTargets {
		m := regexp.MustCompile(`(?m)^` + target + `:.*\n((?:\t.*\n)+)`).FindStringSubmatch(makefile)
		if m == nil {
			t.Errorf("the Makefile has no target %s, which %s needs", target, dir)
			continue
		}
		recipe := m[1]
		if script := strings.TrimSpace(recipe); strings.HasPrefix(script, "hack/") && !strings.Contains(script, " ") {
			recipe = read(t, script)
		}
		if !strings.Contains(recipe, fullVariable+"=1") || !strings.Contains(recipe, "./"+dir) {
			t.Errorf("make %s does not run %s with %s=1:\n%s", target, dir, fullVariable, recipe)
		}
	}
}

// TestLongTestsAskThemselves: the search looks at the tests of a package. What
// asks elsewhere, or in another way, would make tests longer that it cannot find.
func TestLongTestsAskThemselves(t *testing.T) {
	enforce(t, "questions for long tests", fullRule)
	kit := `import "` + modulePath + `/internal/testkit"` + "\n"
	try(t, fullRule, []fixture{
		{"in a test", "x/x_test.go", "package x\n" + kit + "var long = testkit.Full()\n", 0},
		{"in words", "x/x_test.go", "package x\nvar skipped = \"needs " + fullVariable + "=1\"\n", 0},
		{"in a comment", "x/doc.go", "package x\n// " + fullVariable + "=1 runs more.\n", 0},
		{"where it is defined", "internal/testkit/need.go", "package testkit\nfunc Full() bool { return os.Getenv(\"" + fullVariable + "\") == \"1\" }\n", 0},
		{"in a helper's package", "x/xtest/x.go", "package xtest\n" + kit + "var long = testkit.Full()\n", 1},
		{"renamed", "x/xtest/x.go", "package xtest\nimport kit \"" + modulePath + "/internal/testkit\"\nvar long = kit.Full()\n", 1},
		{"beside where it is defined", "internal/testkit/other.go", "package testkit\nvar long = Full()\n", 1},
		{"of the environment", "x/x.go", "package x\nimport \"os\"\nvar long = os.Getenv(\"" + fullVariable + "\")\n", 1},
		{"of the environment, in a test", "x/x_test.go", "package x\nimport \"os\"\nvar long = os.Getenv(\"" + fullVariable + "\")\n", 1},
	})
}

// fullVariable is what testkit.Full looks at. Here it is not written as one word.
const fullVariable = "MUSUBI_" + "FULL"

func fullRule(s source) (findings []finding, looked int) {
	const kit = modulePath + "/internal/testkit"
	if s.path == "internal/testkit/need.go" {
		return nil, 1
	}
	found := func(what string) {
		findings = append(findings, finding{s.path, what + ": ask testkit.Full in a _test.go of the package that is longer, so that make test-full runs it"})
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if n.Kind == token.STRING && (n.Value == strconv.Quote(fullVariable) || !s.isTest() && strings.Contains(n.Value, fullVariable)) {
				found("it names " + fullVariable)
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && !s.isTest() && n.Sel.Name == "Full" && s.imports()[x.Name] == kit {
				found("it asks testkit.Full")
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && s.dir == "internal/testkit" && !s.isTest() && f.Name == "Full" {
				found("it asks Full")
			}
		}
		return true
	})
	return findings, 1
}

// TestLongTestsAreFound tries the search itself.
func TestLongTestsAreFound(t *testing.T) {
	got := longTests([]source{parse(t, "x/x_test.go", `package x
import ("testing"; "`+modulePath+`/internal/testkit")
type table []int
func rounds() int { if testkit.Full() { return 2 }; return 1 }
func (l table) play() { rounds() }
var cases = []func(){ func() { rounds() } }
func TestDirect(t *testing.T) { _ = testkit.Full() }
func TestByFunction(t *testing.T) { t.Run("x", func(t *testing.T) { rounds() }) }
func TestByMethod(t *testing.T) { table{}.play() }
func TestByVariable(t *testing.T) { cases[0]() }
func TestNot(t *testing.T) { t.Skip() }
func BenchmarkX(b *testing.B) { rounds() }`)})
	if want := []string{"TestByFunction", "TestByMethod", "TestByVariable", "TestDirect"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

// longTests are the tests of a package that ask testkit.Full, themselves or by
// what they use. What has the same name counts as the same.
func longTests(files []source) []string {
	uses := map[string]map[string]bool{} // by name of a declaration, the names in it
	for _, s := range files {
		kit := ""
		for name, p := range s.imports() {
			if p == modulePath+"/internal/testkit" {
				kit = name
			}
		}
		for _, d := range s.file.Decls {
			for name, node := range declared(d) {
				if uses[name] == nil {
					uses[name] = map[string]bool{}
				}
				maps.Copy(uses[name], namesIn(node, kit))
			}
		}
	}
	long := map[string]bool{fullCall: true}
	for grown := true; grown; {
		grown = false
		for name, in := range uses {
			if long[name] {
				continue
			}
			for used := range in {
				if long[used] {
					long[name], grown = true, true
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(long)), func(name string) bool { return !strings.HasPrefix(name, "Test") })
}

const fullCall = "testkit.Full"

// declared are the names that a declaration makes, with what stands for each.
func declared(d ast.Decl) map[string]ast.Node {
	names := map[string]ast.Node{}
	switch d := d.(type) {
	case *ast.FuncDecl:
		names[d.Name.Name] = d
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, name := range v.Names {
					names[name.Name] = v
				}
			}
		}
	}
	return names
}

// namesIn are the names that are used in a declaration; kit is that of testkit.
func namesIn(n ast.Node, kit string) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && kit != "" && x.Name == kit {
				names["testkit."+n.Sel.Name] = true
			}
		case *ast.Ident:
			names[n.Name] = true
		}
		return true
	})
	return names
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package musubi_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// ban forbids names of a standard package in some of the files.
type ban struct {
	pkg   string   // import path
	names []string // nil: the import itself
	in    func(source) bool
	why   string
	allow map[string]string // files that may, and why
}

var clockNames = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

const (
	injected = "clock, ids and randomness are injected (engine.Env or a parameter): simulation and tests replay the same run"
	outbound = "outbound requests go through internal/safehttp, which caps size and time and checks addresses; tests, harnesses and examples make their own client"
)

// The ways past internal/safehttp to an address that somebody else chose:
// sockets, names that are looked up, and clients that others have built in.
// Not among them are the drivers of the store, which connect to the database
// of the configuration and are imported in internal/store alone.
var (
	netDials = []string{
		"Dial", "DialTimeout", "DialIP", "DialTCP", "DialUDP", "DialUnix", "Dialer", "FileConn",
		"DefaultResolver", "LookupAddr", "LookupCNAME", "LookupHost", "LookupIP", "LookupMX", "LookupNS", "LookupPort", "LookupSRV", "LookupTXT",
		"ResolveIPAddr", "ResolveTCPAddr", "ResolveUDPAddr",
	}
	tlsDials    = []string{"Dial", "DialWithDialer", "Dialer"}
	syscallDial = []string{"Connect", "Socket", "Sendto"}
	jwkFetches  = []string{"Fetch", "Fetcher", "FetcherFunc", "NewCache", "NewCachedSet", "NewFetcher"}
	ldLoaders   = []string{
		"NewDefaultDocumentLoader", "NewCachingDocumentLoader", "NewRFC7324CachingDocumentLoader", "NewJsonLdOptions",
		"DefaultDocumentLoader", "RFC7324CachingDocumentLoader",
	}
)

var bans = []ban{
	{"time", clockNames, inDomain, injected, nil},
	{"math/rand", nil, inDomain, injected, nil},
	{"math/rand/v2", nil, inDomain, injected, nil},
	{"crypto/rand", nil, inDomain, injected, nil},
	{"time", []string{"Sleep"}, source.isTest, "a test that sleeps is slow where it is right and wrong where the machine is slow: wait on a channel or a condition", nil},
	{"net/http", []string{"DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm"}, everywhere, outbound, nil},
	{"net/http", []string{"Client", "Transport"}, inProduct, outbound, ownClients},
	{"net", netDials, inProduct, outbound, nil},
	{"crypto/tls", tlsDials, inProduct, outbound, nil},
	{"syscall", syscallDial, inProduct, outbound, nil},
	{"net/http/httputil", []string{"ReverseProxy", "NewSingleHostReverseProxy", "ClientConn", "NewClientConn", "NewProxyClientConn"}, inProduct, outbound, nil},
	{"net/rpc", nil, inProduct, outbound, nil},
	{"net/smtp", nil, inProduct, outbound, nil},
	{"os/exec", nil, inProduct, outbound + "; another program goes where it likes", nil},
	{"golang.org/x/sys/unix", nil, inProduct, outbound, nil},
	{"golang.org/x/net/websocket", nil, inProduct, outbound, nil},
	{"github.com/lestrrat-go/jwx/v2/jwk", jwkFetches, inProduct, outbound, nil},
	{"github.com/piprate/json-gold/ld", ldLoaders, inProduct, outbound, ownLoaders},
	{"context", []string{"Background", "TODO"}, inLibrary, "a context comes from the caller, so that Stop and time-outs reach everything below", lifecycle},
	{"os", []string{"Exit"}, inLibrary, "only a program may end the process", nil},
	{"log", nil, inLibrary, "the one logger is log/slog, given by the caller", nil},
}

// lifecycle lists the files that begin a context: work that outlives the call
// that started it and is ended by Stop, or that must not be cut in the middle.
var lifecycle = map[string]string{
	"connector/connector.go":           "New opens a store that lives until Stop",
	"connector/dataplane.go":           "NewDataPlane opens a store that lives until Stop",
	"internal/store/sqlite_session.go": "the writer's statements are never cut off: who gives up does so before the step begins",
}

// ownClients lists the files of the product that make a client of their own.
var ownClients = map[string]string{
	"cmd/musubi/api.go": "the command line calls the management API of the operator's own connector, at the address that the operator configured or typed: " +
		"no counterparty has a say in it, and it is private or loopback as a rule",
}

// ownLoaders lists the files that use options whose loader fetches by default.
var ownLoaders = map[string]string{
	"internal/wire/expand.go": "the options get a loader that holds the contexts known here and fetches nothing, in the next line",
}

func everywhere(source) bool { return true }

// inLibrary: not in programs, tests or harnesses.
func inLibrary(s source) bool {
	r := rowOf(s.dir)
	return !s.isTest() && !s.isSuite() && !s.isMain() && r != nil && !slices.Contains(programs, r.folder)
}

// inProduct: what is shipped, the commands included, but for the one way out.
func inProduct(s source) bool {
	command := within(s.dir, "cmd") && !s.isTest()
	return (inLibrary(s) || command) && !within(s.dir, "internal/safehttp")
}

// inDomain: what decides, and must decide the same again when it is replayed.
func inDomain(s source) bool {
	return inLibrary(s) && slices.ContainsFunc(
		[]string{"catalog", "negotiation", "transfer", "trust", "internal/engine", "internal/wire"},
		func(folder string) bool { return within(s.dir, folder) })
}

// TestCalls enforces the bans.
func TestCalls(t *testing.T) {
	t.Logf("%d bans", len(bans))
	enforce(t, "uses of packages with a ban", callRule)
	try(t, callRule, []fixture{
		{"clock in a domain", "catalog/x.go", "package catalog\nimport \"time\"\nvar _ = time.Now()", 1},
		{"clock as a value", "internal/engine/x.go", "package engine\nimport \"time\"\nvar now = time.Now", 1},
		{"clock under another name", "trust/policy/x.go", "package policy\nimport t \"time\"\nvar now = t.Now", 1},
		{"clock elsewhere", "internal/web/x.go", "package web\nimport \"time\"\nvar now = time.Now", 0},
		{"types of time", "catalog/x.go", "package catalog\nimport \"time\"\nvar d time.Duration = time.Second", 0},
		{"a variable named like the package", "catalog/x.go", "package catalog\nimport \"time\"\nvar _ time.Time\nfunc f(time interface{ Now() }) { time.Now() }", 0},
		{"randomness in a domain", "transfer/x.go", "package transfer\nimport _ \"math/rand/v2\"", 1},
		{"sleep in a test", "internal/web/x_test.go", "package web\nimport \"time\"\nfunc f() { time.Sleep(1) }", 1},
		{"default client in a test", "internal/web/x_test.go", "package web\nimport \"net/http\"\nvar c = http.DefaultClient", 1},
		{"get in a program", "cmd/x/x.go", "package main\nimport \"net/http\"\nfunc f() { http.Get(\"\") }", 1},
		{"own client in a command", "cmd/x/x.go", "package main\nimport \"net/http\"\nvar c http.Client", 1},
		{"own client in an example", "examples/x/x.go", "package main\nimport \"net/http\"\nvar c http.Client", 0},
		{"own client in a test of a command", "cmd/x/x_test.go", "package main\nimport \"net/http\"\nvar c http.Client", 0},
		{"own client with a reason", "cmd/musubi/api.go", "package main\nimport \"net/http\"\nvar c http.Client", 0},
		{"dial", "catalog/x.go", "package catalog\nimport \"net\"\nvar d = net.Dial", 1},
		{"a dialer in the way out", "internal/safehttp/x.go", "package safehttp\nimport \"net\"\nvar d net.Dialer", 0},
		{"lookup", "internal/did/x.go", "package did\nimport \"net\"\nvar d = net.LookupHost", 1},
		{"addresses are no calls", "connector/x.go", "package connector\nimport \"net\"\nvar d = net.SplitHostPort", 0},
		{"dial with TLS", "trust/dcp/x.go", "package dcp\nimport \"crypto/tls\"\nvar d tls.Dialer", 1},
		{"a proxy", "internal/web/x.go", "package web\nimport \"net/http/httputil\"\nvar p httputil.ReverseProxy", 1},
		{"another program", "connector/x.go", "package connector\nimport \"os/exec\"\nvar c exec.Cmd", 1},
		{"keys fetched by a library", "internal/jose/x.go", "package jose\nimport \"github.com/lestrrat-go/jwx/v2/jwk\"\nvar f = jwk.Fetch", 1},
		{"contexts fetched by a library", "internal/wire/x.go", "package wire\nimport \"github.com/piprate/json-gold/ld\"\nvar l = ld.NewDefaultDocumentLoader", 1},
		{"own client in the product", "connector/x.go", "package connector\nimport \"net/http\"\nvar c http.Client", 1},
		{"the outbound client", "internal/safehttp/x.go", "package safehttp\nimport \"net/http\"\nvar c http.Client", 0},
		{"background", "internal/web/x.go", "package web\nimport \"context\"\nvar c = context.Background()", 1},
		{"background in a program", "examples/x/x.go", "package main\nimport \"context\"\nvar c = context.Background()", 0},
		{"background in a test", "internal/web/x_test.go", "package web\nimport \"context\"\nvar c = context.Background()", 0},
		{"exit", "connector/x.go", "package connector\nimport \"os\"\nfunc f() { os.Exit(1) }", 1},
	})
}

// TestAllowances: an exception that nothing needs any more is taken away.
func TestAllowances(t *testing.T) {
	parsed := make(map[string]source)
	for _, s := range sources(t) {
		parsed[s.path] = s
	}
	looked := 0
	for _, b := range bans {
		for file, why := range b.allow {
			looked++
			s, ok := parsed[file]
			if !ok || len(b.uses(s)) == 0 {
				t.Errorf("%s is allowed to use %s.{%s} (%s) but does not: remove it from the list", file, b.pkg, strings.Join(b.names, ","), why)
			}
		}
	}
	t.Logf("looked at %d exceptions", looked)
}

func callRule(s source) (findings []finding, looked int) {
	for _, b := range bans {
		uses := b.uses(s)
		looked += len(uses)
		if _, ok := b.allow[s.path]; ok || !b.in(s) {
			continue
		}
		for _, n := range uses {
			findings = append(findings, s.at(n, fmt.Sprintf("%s in %s: %s", describe(n, b.pkg), s.dir, b.why)))
		}
	}
	return findings, looked
}

// uses returns where a file uses what the ban names, allowed or not.
func (b ban) uses(s source) (nodes []ast.Node) {
	for name, p := range s.imports() {
		if p != b.pkg {
			continue
		}
		if b.names == nil {
			for _, spec := range s.file.Imports {
				if importPath(spec) == p {
					nodes = append(nodes, spec)
				}
			}
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(b.names, sel.Sel.Name) {
				// Obj is set where the name is a variable of the file.
				if id, ok := sel.X.(*ast.Ident); ok && id.Name == name && id.Obj == nil {
					nodes = append(nodes, sel)
				}
			}
			return true
		})
	}
	return nodes
}

func describe(n ast.Node, pkg string) string {
	if sel, ok := n.(*ast.SelectorExpr); ok {
		return pkg + "." + sel.Sel.Name
	}
	return "package " + pkg
}

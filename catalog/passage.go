// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// Passage is what of an HTTP source a consumer may use. The zero value lets it
// read the source's own URL.
type Passage struct {
	// Paths are the paths below the URL and the methods that each has.
	Paths []PathRule `json:"paths,omitempty" yaml:"paths"`
	// Query are the names of parameters that a consumer may add; "*" is any.
	Query []string `json:"query,omitempty" yaml:"query"`
	// Request and Response change which headers pass.
	Request  HeaderRules `json:"request,omitzero" yaml:"request"`
	Response HeaderRules `json:"response,omitzero" yaml:"response"`
	// PassErrors lets the source's answers 4xx reach the consumer as they are.
	PassErrors bool `json:"passErrors,omitempty" yaml:"passErrors"`
	// Idle is how long a body may stand still, such as 5m.
	Idle string `json:"idle,omitempty" yaml:"idle"`
	// Rate bounds the bytes a second that all consumers together get through
	// one process.
	Rate int64 `json:"rate,omitempty" yaml:"rate"`
	// Renew makes tokens short-lived and renewed, also in the format
	// HttpData-PULL.
	Renew bool `json:"renew,omitempty" yaml:"renew"`
}

// PathRule allows methods (none: GET and HEAD) under a path: "/" is the URL
// itself, "*" stands for one name, and "**" at the end for any number.
type PathRule struct {
	Path    string   `json:"path" yaml:"path"`
	Methods []string `json:"methods,omitempty" yaml:"methods"`
}

// HeaderRules change which headers pass.
type HeaderRules struct {
	Pass []string          `json:"pass,omitempty" yaml:"pass"`
	Drop []string          `json:"drop,omitempty" yaml:"drop"`
	Set  map[string]string `json:"set,omitempty" yaml:"set"`
}

// IsZero reports whether there is no rule.
func (r HeaderRules) IsZero() bool { return len(r.Pass) == 0 && len(r.Drop) == 0 && len(r.Set) == 0 }

// IsZero reports whether nothing is said.
func (p Passage) IsZero() bool {
	return len(p.Paths) == 0 && len(p.Query) == 0 && p.Request.IsZero() && p.Response.IsZero() && !p.PassErrors && p.Idle == "" && p.Rate == 0 && !p.Renew
}

// IdleTime is Idle; zero: the default.
func (p Passage) IdleTime() time.Duration {
	d, _ := time.ParseDuration(p.Idle)
	return d
}

func (p Passage) equal(q Passage) bool { return reflect.DeepEqual(p, q) }

// Clone returns a copy that shares nothing.
func (p Passage) Clone() Passage {
	p.Paths, p.Query = slices.Clone(p.Paths), slices.Clone(p.Query)
	for i := range p.Paths {
		p.Paths[i].Methods = slices.Clone(p.Paths[i].Methods)
	}
	p.Request, p.Response = p.Request.clone(), p.Response.clone()
	return p
}

func (r HeaderRules) clone() HeaderRules {
	return HeaderRules{Pass: slices.Clone(r.Pass), Drop: slices.Clone(r.Drop), Set: maps.Clone(r.Set)}
}

// passable are the methods that a rule may name: those that a proxy
// understands and that have a meaning of their own.
var passable = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// Validate reports, as a *Refusal, why it cannot be that of a source.
func (p Passage) Validate() error {
	if failed := p.check(); failed != nil {
		return failed
	}
	return nil
}

func (p Passage) check() *Refusal {
	if len(p.Paths) > maxEntries || len(p.Query) > maxEntries {
		return refuse(CodeTooMany, "the source has more than %d paths or parameters", maxEntries)
	}
	for _, rule := range p.Paths {
		if failed := rule.check(); failed != nil {
			return failed
		}
	}
	for _, name := range p.Query {
		if name == "" || !checkText(name) {
			return refuse(CodeSource, "the parameter %.100q is not usable; name one of the query", name)
		}
	}
	if d, err := time.ParseDuration(p.Idle); p.Idle != "" && (err != nil || d < time.Second || d > 24*time.Hour) {
		return refuse(CodeSource, "idle is %.40q; take a time from 1s to 24h, such as 5m", p.Idle)
	}
	if p.Rate < 0 {
		return refuse(CodeSource, "rate is %d; take a number of bytes a second, or leave it out", p.Rate)
	}
	for _, rules := range []HeaderRules{p.Request, p.Response} {
		if failed := rules.check(); failed != nil {
			return failed
		}
	}
	return nil
}

func (r PathRule) check() *Refusal {
	if !strings.HasPrefix(r.Path, "/") || len(r.Path) > maxText || !checkText(r.Path) {
		return refuse(CodeSource, "the path %.100q is not usable; begin with /, as in /orders/**", r.Path)
	}
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	for i, part := range parts {
		switch {
		case len(parts) == 1 && part == "", part == "*", part == "**" && i == len(parts)-1:
		case part == "" || part == "." || part == ".." || strings.ContainsAny(part, `*\:;?#%`):
			return refuse(CodeSource, "the path %.100q is not usable; between / are plain names, * for one name, and at the end ** for any", r.Path)
		}
	}
	for _, method := range r.Methods {
		if !slices.Contains(passable, method) {
			return refuse(CodeSource, "the method %.40q cannot pass; %s can", method, strings.Join(passable, ", "))
		}
	}
	return nil
}

func (r HeaderRules) check() *Refusal {
	if len(r.Pass) > maxEntries || len(r.Drop) > maxEntries || len(r.Set) > maxEntries {
		return refuse(CodeTooMany, "the source has more than %d rules for headers", maxEntries)
	}
	for _, name := range slices.Concat(r.Pass, r.Drop, slices.Collect(maps.Keys(r.Set))) {
		if name == "" || len(name) > maxText || strings.ContainsFunc(name, notToken) || slices.Contains(ownHeaders, strings.ToLower(name)) || slices.Contains(identifying, strings.ToLower(name)) {
			return refuse(CodeSource, "no rule can be about the header %.100q; remove it", name)
		}
	}
	for name, value := range r.Set {
		if value == "" || len(value) > maxText || !checkText(value) {
			return refuse(CodeSource, "the value of the header %.100q is not usable; what is secret belongs in headers, not in set", name)
		}
	}
	return nil
}

// identifying are headers that prove who somebody is. They end here: the
// source has the provider's own.
var identifying = []string{"authorization", "proxy-authorization", "proxy-authenticate", "www-authenticate", "expect", "x-trackingid", "forwarded", "x-forwarded-for"}

// SecretNames returns the named secrets (trust.SecretStore) that a header value
// refers to, as in "Bearer {secret:erp}".
func SecretNames(value string) (names []string) {
	for _, found := range secretReference.FindAllStringSubmatch(value, -1) {
		names = append(names, found[1])
	}
	return names
}

// WithSecrets puts the secrets into a header value.
func WithSecrets(value string, secret func(name string) (string, error)) (string, error) {
	var failed error
	out := secretReference.ReplaceAllStringFunc(value, func(reference string) string {
		text, err := secret(SecretNames(reference)[0])
		if err != nil {
			failed = err
		}
		return text
	})
	return out, failed
}

var secretReference = regexp.MustCompile(`\{secret:([^{}]*)\}`)

// checkReferences takes header values whose secrets could be there.
func checkReferences(name, value string) *Refusal {
	for _, secret := range SecretNames(value) {
		if !trust.ValidSecretName(secret) {
			return refuse(CodeSource, "the header %.100q names the secret %.100q; a name has up to 64 letters, digits, and . _ - inside", name, secret)
		}
	}
	return nil
}

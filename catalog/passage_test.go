// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"errors"
	"strings"
	"testing"
)

func TestPassage(t *testing.T) {
	for name, tc := range map[string]struct {
		p     Passage
		wrong string // in the reason; empty: it is right
	}{
		"nothing":              {Passage{}, ""},
		"everything":           {Passage{Paths: []PathRule{{Path: "/"}, {Path: "/orders/*/lines", Methods: []string{"GET", "PUT"}}, {Path: "/日/**"}}, Query: []string{"page", "*"}, Request: HeaderRules{Pass: []string{"X-A"}, Drop: []string{"Accept"}, Set: map[string]string{"X-B": "1"}}, Idle: "5m", Rate: 1, Renew: true, PassErrors: true}, ""},
		"path without a slash": {Passage{Paths: []PathRule{{Path: "orders"}}}, "orders"},
		"path that leads up":   {Passage{Paths: []PathRule{{Path: "/a/../b"}}}, "/a/../b"},
		"empty name":           {Passage{Paths: []PathRule{{Path: "/a//b"}}}, "/a//b"},
		"** inside":            {Passage{Paths: []PathRule{{Path: "/**/b"}}}, "/**/b"},
		"half a star":          {Passage{Paths: []PathRule{{Path: "/a*"}}}, "/a*"},
		"escaped":              {Passage{Paths: []PathRule{{Path: "/a%2fb"}}}, "%2fb"},
		"odd method":           {Passage{Paths: []PathRule{{Path: "/", Methods: []string{"CONNECT"}}}}, "CONNECT"},
		"small letters":        {Passage{Paths: []PathRule{{Path: "/", Methods: []string{"get"}}}}, "get"},
		"empty parameter":      {Passage{Query: []string{""}}, "parameter"},
		"token passed on":      {Passage{Request: HeaderRules{Pass: []string{"Authorization"}}}, "Authorization"},
		"token set":            {Passage{Response: HeaderRules{Set: map[string]string{"Www-Authenticate": "x"}}}, "Www-Authenticate"},
		"of the connection":    {Passage{Request: HeaderRules{Pass: []string{"Te"}}}, "Te"},
		"header injection":     {Passage{Response: HeaderRules{Set: map[string]string{"X-A": "1\r\nX-B: 2"}}}, "X-A"},
		"no header":            {Passage{Request: HeaderRules{Drop: []string{"X A"}}}, "X A"},
		"idle for ever":        {Passage{Idle: "300h"}, "300h"},
		"idle of nothing":      {Passage{Idle: "soon"}, "soon"},
		"rate below zero":      {Passage{Rate: -1}, "-1"},
		"too many":             {Passage{Paths: make([]PathRule, maxEntries+1)}, "more than"},
	} {
		err := tc.p.Validate()
		refused, ok := errors.AsType[*Refusal](err)
		if tc.wrong == "" && err != nil || tc.wrong != "" && (!ok || !strings.Contains(refused.Reason, tc.wrong)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsInHeaders(t *testing.T) {
	values := map[string]string{"erp": "s3cr3t", "a.b": "{secret:erp}"}
	secret := func(name string) (string, error) {
		if v, ok := values[name]; ok {
			return v, nil
		}
		return "", errors.New("none")
	}
	for in, want := range map[string]string{
		"Bearer {secret:erp}": "Bearer s3cr3t", "{secret:erp}{secret:erp}": "s3cr3ts3cr3t", "plain": "plain", "{secret erp}": "{secret erp}",
		"{secret:a.b}": "{secret:erp}", // what stands in a secret names none
	} {
		if got, err := WithSecrets(in, secret); err != nil || got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	if _, err := WithSecrets("{secret:none}", secret); err == nil {
		t.Error("a secret that is not there")
	}
	if failed := (Source{Type: SourceHTTP, URL: "https://a.example", Headers: map[string]string{"X-A": "{secret:../b}"}}).check(); failed == nil {
		t.Error("a name that no secret has")
	}
}

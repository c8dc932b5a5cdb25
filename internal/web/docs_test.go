// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/internal/web"
)

// TestDocumentation: the page says what the table of routes says.
func TestDocumentation(t *testing.T) {
	testkit.Golden(t, "docs/management-api.md", web.Documentation())
}

// TestExamplesAreRead: what the page shows as a body is taken as one.
func TestExamplesAreRead(t *testing.T) {
	read := 0
	for _, r := range web.Routes() {
		if r.Try == nil {
			continue
		}
		read++
		if err := r.Try([]byte(r.Example)); err != nil {
			t.Errorf("%s %s: %v", r.Method, r.Path, err)
		}
	}
	if read == 0 {
		t.Error("no route reads a body: the test checks nothing")
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestExplainPage: what docs/explain.md shows as facts is read as such, and
// each of its templates can be published.
func TestExplainPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(testkit.ModuleRoot(t), "docs", "explain.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, block := range regexp.MustCompile("(?s)```(json|yaml)\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		seen[block[1]]++
		if block[1] == "json" {
			var s policy.Sample
			d := json.NewDecoder(strings.NewReader(block[2]))
			d.DisallowUnknownFields()
			if err := d.Decode(&s); err != nil {
				t.Errorf("facts: %v", err)
			}
			if f, err := s.Facts(policy.AtNegotiation, time.Now()); err != nil || len(f.Claims.Identifiers()) != 1 || len(f.Declared) != 1 {
				t.Errorf("the facts are %+v: %v", f, err)
			}
			continue
		}
		p, err := connector.ReadPolicy([]byte(block[2]))
		if err == nil {
			err = policy.NewRegistry().CheckUsage(p)
		}
		if err != nil {
			t.Errorf("%s\n%v", block[2], err)
		}
	}
	if seen["json"] != 1 || seen["yaml"] != len(policy.Templates()) {
		t.Errorf("the page shows %v", seen)
	}
}

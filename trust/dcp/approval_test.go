// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust/dcp"
)

// yaml stands for a YAML decoder: it fills in what a file says.
func yaml(t *testing.T, holder string, claims map[string]map[string]any) func(any) error {
	t.Helper()
	return func(to any) error {
		in, ok := to.(*struct {
			Holder string                    `yaml:"holder"`
			Claims map[string]map[string]any `yaml:"claims"`
		})
		if !ok {
			t.Fatalf("read into a %T", to)
		}
		in.Holder, in.Claims = holder, claims
		return nil
	}
}

func TestApproval_UnmarshalYAML(t *testing.T) {
	var a dcp.Approval
	err := a.UnmarshalYAML(yaml(t, "*", map[string]map[string]any{
		"MembershipCredential": {"membershipNumber": "42", "role": []any{"provider"}, "n": map[string]any{"x": 1}},
		"Empty":                {},
	}))
	if err != nil || a.Holder != "*" || len(a.Claims) != 2 {
		t.Fatalf("%+v, %v", a, err)
	}
	for name, want := range map[string]string{
		"MembershipCredential": `{"membershipNumber":"42","n":{"x":1},"role":["provider"]}`,
		"Empty":                `{}`,
	} {
		if diff := cmp.Diff(want, string(a.Claims[name])); diff != "" {
			t.Error(diff)
		}
	}
}

func TestApproval_UnmarshalYAML_Faults(t *testing.T) {
	var a dcp.Approval
	wrong := errors.New("line 3")
	if err := a.UnmarshalYAML(func(any) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("error %v, want the decoder's", err)
	}
	err := a.UnmarshalYAML(yaml(t, "*", map[string]map[string]any{"Membership": {"n": math.NaN()}})) // .nan in YAML
	if err == nil || !strings.Contains(err.Error(), "claims of Membership") {
		t.Errorf("error %v; want one that names the type", err)
	}
}

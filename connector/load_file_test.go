// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/connector"
)

// TestLoadSecretsFromFiles: of a connector and of a data plane alike, ${file:PATH}
// is what the file holds, whatever that looks like.
func TestLoadSecretsFromFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key := "Bearer ${HOME} ${file:/etc/passwd} \"# [x]"
	from := "${file:" + write("secret", key+"\r\n\n") + "}"

	cfg, err := load(t, "management: {apiKeys: ['"+from+"', 'a ${file:"+filepath.Join(dir, "secret")+"}']}\n", none)
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.Management.APIKeys; len(got) != 2 || string(got[0]) != key || string(got[1]) != "a "+key {
		t.Errorf("the keys of the connector are %q", []string{string(got[0]), string(got[1])})
	}

	plane, err := connector.LoadDataPlane(write("plane.yaml", "controlPlanes:\n  - {id: a, signaling: 'https://a.example', inbound: '"+from+"', outbound: '${OUT}'}\n"), env(map[string]string{"OUT": "out"}))
	if err != nil {
		t.Fatal(err)
	}
	if c := plane.ControlPlanes[0]; string(c.Inbound) != key || c.Outbound != "out" {
		t.Errorf("the data plane shows %q and expects %q", string(c.Outbound), string(c.Inbound))
	}
}

// TestLoadSecretFileRefused: a file that holds no secret is named, and what it
// holds is not.
func TestLoadSecretFileRefused(t *testing.T) {
	dir := t.TempDir()
	for name, tc := range map[string]struct{ text, want string }{
		"absent": {"", "name a file that exists"}, "empty": {"\n\r\n", "it is empty"}, "large": {strings.Repeat("hush", 20_000), "more than"}, ".": {"", "no file"},
	} {
		path := filepath.Join(dir, name)
		if tc.text != "" {
			if err := os.WriteFile(path, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := load(t, "management: {apiKeys: ['${file:"+path+"}', '${UNSET}']}\n", none)
		if !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "UNSET") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

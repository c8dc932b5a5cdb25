// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/connector"
)

// none is an environment without variables.
func none(string) string { return "" }

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// load reads a configuration from a file with the text.
func load(t *testing.T, text string, getenv func(string) string) (connector.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "musubi.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return connector.Load(path, getenv)
}

// TestLoad reads every member, in the order file, environment.
func TestLoad(t *testing.T) {
	const file = `
store: postgres://musubi@db.example/musubi   # a comment may name ${ANYTHING}
keyFile: /etc/musubi/key
devMode: false
protocol:
  listen: 127.0.0.1:9000
  publicUrl: https://connector.example.com
  tls: {certFile: cert.pem, keyFile: key.pem}
  trustedProxies: [10.0.0.0/8, "fd00::/8"]
  maxBody: 2097152
management:
  listen: "[::1]:9001"
  apiKeys: ["${FIRST}", "a${SECOND}z"]
egress:
  allow: [10.20.0.0/16]
  proxy: http://proxy.example:3128
  caFile: ca.pem
  timeout: 5s
sink:
  dir: ${SECOND}
  maxBytes: 4096
participants:
  - context: acme
    id: urn:example:acme
    name: Acme (fictional)
    publicUrl: https://connector.example.com/acme
    profile: preshared
    peers:
      - id: urn:example:supplier
        url: https://supplier.example.com/dsp/2025-1
        inbound: Bearer ${FIRST}
        outbound: "Bearer ${SECOND}"
logLevel: warn
replica: one
lease: 45s
`
	// No value of a variable changes the structure, whatever it holds.
	got, err := load(t, file, env(map[string]string{
		"FIRST": `f"irst: # [x]`, "SECOND": "${FIRST}", "MUSUBI_LOG_LEVEL": "debug", "MUSUBI_REPLICA": "two",
		"MUSUBI_API_KEY": "third", "MUSUBI_STORE": "sqlite:env.db", "MUSUBI_KEY": strings.Repeat("0a", 32),
		"MUSUBI_KEY_FILE": "env.key", "MUSUBI_PUBLIC_URL": "https://env.example", "MUSUBI_PROTOCOL_LISTEN": "127.0.0.1:1",
		"MUSUBI_MANAGEMENT_LISTEN": "127.0.0.1:2", "MUSUBI_SINK_DIR": "env.data",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := connector.Config{
		Store: "sqlite:env.db", KeyFile: "env.key", Key: connector.Secret(strings.Repeat("0a", 32)),
		Protocol: connector.Listener{
			Listen: "127.0.0.1:1", PublicURL: "https://env.example",
			TrustedProxies: []string{"10.0.0.0/8", "fd00::/8"}, MaxBody: 2 << 20,
		},
		Management: connector.Management{
			Listener: connector.Listener{Listen: "127.0.0.1:2"},
			APIKeys:  []connector.Secret{`f"irst: # [x]`, "a${FIRST}z", "third"},
		},
		Egress: connector.Egress{Allow: []string{"10.20.0.0/16"}, Proxy: "http://proxy.example:3128", CAFile: "ca.pem", Timeout: 5 * time.Second},
		Sink:   connector.SinkConfig{Dir: "env.data", MaxBytes: 4096},
		Participants: []connector.ParticipantConfig{{
			Context: "acme", ID: "urn:example:acme", Name: "Acme (fictional)", PublicURL: "https://connector.example.com/acme", Profile: "preshared",
			Peers: []connector.PeerConfig{{
				ID: "urn:example:supplier", URL: "https://supplier.example.com/dsp/2025-1",
				Inbound: `Bearer f"irst: # [x]`, Outbound: "Bearer ${FIRST}",
			}},
		}},
		LogLevel: "debug", Replica: "two", Lease: 45 * time.Second,
	}
	want.Protocol.TLS.CertFile, want.Protocol.TLS.KeyFile = "cert.pem", "key.pem"
	if diff := cmp.Diff(revealed(want), revealed(got)); diff != "" {
		t.Error(diff)
	}
}

// revealed turns the secrets into texts, so that a difference shows.
func revealed(c connector.Config) any {
	secrets := []string{string(c.Key)}
	for _, k := range c.Management.APIKeys {
		secrets = append(secrets, string(k))
	}
	for _, p := range c.Participants {
		for _, q := range p.Peers {
			secrets = append(secrets, string(q.Inbound), string(q.Outbound))
		}
	}
	return map[string]any{"config": c, "secrets": secrets}
}

// TestLoadNothing: no file and no variables are the default, which is valid.
func TestLoadNothing(t *testing.T) {
	got, err := connector.Load("", none)
	if diff := cmp.Diff(connector.Default(), got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, empty := range []string{"", "# nothing\n", "{}", "---\n", "protocol:\nparticipants:\n"} {
		if got, err := load(t, empty, none); err != nil || got.Store != connector.Default().Store || got.Protocol.Listen == "" {
			t.Errorf("%q: %+v: %v", empty, got, err)
		}
	}
}

// TestLoadFaults: what cannot be read is named with its line, and no value of
// it is repeated, since it may be a secret in the wrong place.
func TestLoadFaults(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"unknown member":          {"sotre: x\n", `line 1: there is no member "sotre"; docs/configuration.md`},
		"unknown member inside":   {"protocol:\n  port: 1\n", `line 2: there is no member "port"`},
		"member twice":            {"store: a\nstore: b\n", "already"},
		"no YAML":                 {"store: [\n", "line 1"},
		"a tab":                   {"protocol:\n\tlisten: x\n", "line 2: found character that cannot start any token; indent by blanks"},
		"a colon":                 {"store: memory:\n", `into quotes, as in "memory:"`},
		"a list for a text":       {"store: [hunter2]\n", "line 1: a text is needed here, and this is a list"},
		"a text for a list":       {"management:\n  apiKeys: hunter2\n", "line 2: a list is needed here, and this is a text"},
		"a long text for a list":  {"management: {apiKeys: hunter2-hunter2-hunter2}\n", "line 1: a list is needed here"},
		"a text for an object":    {"management: \"hunter2` into x\"\n", "line 1: an object is needed here"},
		"lines for a number":      {"protocol: {maxBody: \"hunter2\\n` into y\"}\n", "line 1: a number is needed here, and this is a text"},
		"a text for a time":       {"lease: hunter2\n", "line 1: a time such as 30s is needed here"},
		"a text for a switch":     {"devMode: hunter2\n", "true or false is needed here"},
		"two faults":              {"lease: hunter2\negress: 3\n", "; line 2: an object is needed here, and this is a number"},
		"many faults":             {many(), "; and 25 more"},
		"two documents":           {"store: sqlite:a\n---\nstore: sqlite:b\n", "more than one YAML document"},
		"variables that are not":  {"management: {apiKeys: ['${NO_SUCH}', '${NOR_THIS}']}\n", "not set: NO_SUCH, NOR_THIS"},
		"binary":                  {"\x00\x01hunter2", "control characters"},
		"a key that is no member": {"? [a]\n: b\n", "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, c.file, none)
			switch {
			case !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "musubi.yaml"):
				t.Errorf("%v, want %q", err, c.want)
			case strings.Contains(err.Error(), "hunter2"):
				t.Errorf("it repeats the value: %v", err)
			}
		})
	}
	if _, err := connector.Load(filepath.Join(t.TempDir(), "absent.yaml"), none); !errors.Is(err, connector.ErrConfig) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}

// many has thirty members that nobody reads.
func many() string {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "x%d: y\n", i)
	}
	return b.String()
}

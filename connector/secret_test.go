// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-ods/musubi/connector"
)

// TestSecretsNeverPrinted: by no way that a program prints a value.
func TestSecretsNeverPrinted(t *testing.T) {
	cfg := whole()
	cfg.Store = "postgres://musubi:hunter2@db.example/musubi?password=hunter2"
	cfg.Egress.Proxy = "http://musubi:hunter2@proxy.example"
	cfg.Key = "hunter2"
	cfg.Management.APIKeys = []connector.Secret{"hunter2"}
	peer := &cfg.Participants[0].Peers[0]
	peer.Inbound, peer.Outbound = "hunter2", "hunter2"
	printed := map[string]string{"String": cfg.Key.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%f", "%U", "%c", "%5v"} {
		for name, v := range map[string]any{
			"a config": cfg, "a pointer": &cfg, "a secret": cfg.Key, "a list": cfg.Management.APIKeys, "management": cfg.Management,
			"a participant": cfg.Participants[0], "a peer": peer, "a struct": struct{ C connector.Config }{cfg},
			"a map": map[connector.Secret]connector.Secret{cfg.Key: cfg.Key},
		} {
			printed[verb+" of "+name] = fmt.Sprintf(verb, v)
		}
	}
	asJSON, err := json.Marshal(map[string]any{"config": cfg, "peer": peer})
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	printed["JSON"], printed["YAML"] = string(asJSON), string(asYAML)
	var text, structured bytes.Buffer
	for _, l := range []*slog.Logger{slog.New(slog.NewTextHandler(&text, nil)), slog.New(slog.NewJSONHandler(&structured, nil))} {
		l.Info("start", "config", cfg, "pointer", &cfg, "key", cfg.Key, "keys", cfg.Management.APIKeys, "peer", peer)
	}
	printed["log as text"], printed["log as JSON"] = text.String(), structured.String()
	for how, out := range printed {
		for _, form := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), fmt.Sprintf("%X", "hunter2")} {
			if strings.Contains(out, form) {
				t.Errorf("%s: %s", how, out)
			}
		}
	}
	for _, how := range []string{"%v of a config", "%#v of a config", "JSON", "YAML", "log as text"} {
		if out := printed[how]; !strings.Contains(out, "db.example") || !strings.Contains(out, "(secret)") || !strings.Contains(out, "urn:example:acme") {
			t.Errorf("%s shows too little: %s", how, out)
		}
	}
}

// TestKeyFile: one is made beside a new database, for its owner alone, and
// only that one opens the database again.
func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "new", "folder", "musubi.db")
	file := db + ".key"
	cfg := settings("sqlite:"+db, "acme")
	open := func() error {
		c, err := connector.New(cfg)
		if err == nil {
			stop(t, c)
		}
		return err
	}
	if err := open(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has the mode %v", info.Mode())
	}
	key, err := os.ReadFile(file)
	if err != nil || len(strings.TrimSpace(string(key))) != 64 {
		t.Fatalf("the key is %d long: %v", len(key), err)
	}
	if err := open(); err != nil {
		t.Errorf("the second time: %v", err)
	}

	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Repeat("ab", 32))
	if err := open(); err == nil || !strings.Contains(err.Error(), "does not fit this database") {
		t.Errorf("another key: %v", err)
	}
	for _, text := range []string{"", "hunter2", strings.Repeat("ab", 31), strings.Repeat("zz", 32)} {
		write(text)
		if err := open(); !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), file+" must hold 64 hex digits") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("no key: %v", err)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := open(); !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), file+" is missing") {
		t.Errorf("without the key file: %v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("another key file was made, which hides the loss: %v", err)
	}
	cfg.Key = connector.Secret(strings.TrimSpace(string(key)))
	if err := open(); err != nil {
		t.Errorf("by the key itself: %v", err)
	}
	cfg.Key, cfg.KeyFile = "", filepath.Join(dir, "elsewhere.key")
	if err := os.WriteFile(cfg.KeyFile, append(key, "\r\n "...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(); err != nil {
		t.Errorf("by another file: %v", err)
	}
}

// TestKeyFileMissing: only a new SQLite database gets a key by itself.
func TestKeyFileMissing(t *testing.T) {
	cfg := settings("postgres://127.0.0.1:1/x", "acme")
	cfg.KeyFile = filepath.Join(t.TempDir(), "absent.key")
	if _, err := connector.New(cfg); !errors.Is(err, connector.ErrConfig) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

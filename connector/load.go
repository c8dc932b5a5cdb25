// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ErrConfig is every fault of a configuration. Its text says what is wrong
// and what to do.
var ErrConfig = errors.New("configuration")

// Load reads a configuration: Default, then the YAML file (path may be
// empty), then the environment, and validates it. getenv is os.Getenv but in
// tests. In the file, ${NAME} stands for a variable of the environment.
func Load(path string, getenv func(string) string) (Config, error) {
	cfg := Default()
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return cfg, fmt.Errorf("%w: %w; name a file that exists with -config", ErrConfig, err)
		}
		if err := decode(text, getenv, &cfg); err != nil {
			return cfg, fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
		}
	}
	cfg.environment(getenv)
	return cfg, cfg.Validate()
}

// decode reads YAML strictly: a member that nobody reads is a mistake.
func decode(text []byte, getenv func(string) string, cfg *Config) error {
	text, err := expand(text, getenv)
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(cfg); err != nil && !errors.Is(err, io.EOF) {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("more than one YAML document; keep the first")
	}
	return nil
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// expand replaces ${NAME}. A variable that is not set is an error, since an
// empty secret would be one that anybody knows.
func expand(text []byte, getenv func(string) string) ([]byte, error) {
	var missing []string
	out := variable.ReplaceAllFunc(text, func(m []byte) []byte {
		name := string(variable.FindSubmatch(m)[1])
		value := getenv(name)
		if value == "" {
			missing = append(missing, name)
		}
		return []byte(value)
	})
	if len(missing) > 0 {
		return nil, fmt.Errorf("these environment variables are named and not set: %s", strings.Join(missing, ", "))
	}
	return out, nil
}

// environment lets single settings be given without a file.
func (c *Config) environment(getenv func(string) string) {
	for name, field := range map[string]*string{
		"MUSUBI_STORE":             &c.Store,
		"MUSUBI_KEY_FILE":          &c.KeyFile,
		"MUSUBI_PROTOCOL_LISTEN":   &c.Protocol.Listen,
		"MUSUBI_PUBLIC_URL":        &c.Protocol.PublicURL,
		"MUSUBI_MANAGEMENT_LISTEN": &c.Management.Listen,
		"MUSUBI_LOG_LEVEL":         &c.LogLevel,
		"MUSUBI_REPLICA":           &c.Replica,
	} {
		if v := getenv(name); v != "" {
			*field = v
		}
	}
	if v := getenv("MUSUBI_KEY"); v != "" {
		c.Key = Secret(v)
	}
	if v := getenv("MUSUBI_API_KEY"); v != "" {
		c.Management.APIKeys = append(c.Management.APIKeys, Secret(v))
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ErrConfig is every fault of a configuration. Its text says what is wrong
// and what to do.
var ErrConfig = errors.New("configuration")

// Load reads a configuration: Default, then the YAML file (path may be
// empty), then the environment, and validates it. getenv is os.Getenv but in
// tests. In the texts of the file, ${NAME} stands for a variable of the
// environment, and ${file:PATH} for what a file holds, such as a secret that is
// mounted: without the line breaks at its end.
func Load(path string, getenv func(string) string) (Config, error) {
	cfg := Default()
	if err := readConfig(path, getenv, &cfg); err != nil {
		return cfg, err
	}
	cfg.environment(getenv)
	return cfg, cfg.Validate()
}

// readConfig reads a file over what cfg is by default. The path may be empty.
func readConfig(path string, getenv func(string) string, cfg any) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%w: %w; name a file that exists with -config", ErrConfig, err)
	}
	if err := decode(text, getenv, cfg); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	return nil
}

// decode reads YAML strictly: a member that nobody reads is a mistake.
func decode(text []byte, getenv func(string) string, cfg any) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(cfg); err != nil && !errors.Is(err, io.EOF) {
		return explainYAML(err, pageOf(cfg))
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("more than one YAML document; keep the first")
	}
	e := expander{getenv: getenv}
	e.expand(reflect.ValueOf(cfg).Elem())
	if len(e.missing) > 0 {
		e.faults = append(e.faults, fmt.Errorf("these environment variables are named and not set: %s", strings.Join(e.missing, ", ")))
	}
	return errors.Join(e.faults...)
}

var variable = regexp.MustCompile(`\$\{(?:([A-Za-z_][A-Za-z0-9_]*)|file:([^{}]+))\}`)

// expander replaces ${NAME} and ${file:PATH} in the texts of a configuration,
// after it was parsed: no value can change the structure, or name another one. A
// variable that is not set and a file that is empty are errors, since an empty
// secret would be one that anybody knows.
type expander struct {
	getenv  func(string) string
	missing []string
	faults  []error
}

func (e *expander) expand(v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // the others hold no secret
	case reflect.Struct:
		for _, field := range v.Fields() {
			e.expand(field)
		}
	case reflect.Slice:
		for i := range v.Len() {
			e.expand(v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			e.expand(v.Elem())
		}
	case reflect.Map:
		for _, name := range v.MapKeys() {
			entry := reflect.New(v.Type().Elem()).Elem() // what is in a map cannot be set
			entry.Set(v.MapIndex(name))
			e.expand(entry)
			v.SetMapIndex(name, entry)
		}
	case reflect.String:
		v.SetString(variable.ReplaceAllStringFunc(v.String(), e.value))
	}
}

func (e *expander) value(named string) string {
	parts := variable.FindStringSubmatch(named)
	if path := parts[2]; path != "" {
		value, err := readSecret(path)
		if err != nil {
			e.faults = append(e.faults, fmt.Errorf("${file:%s}: %w", path, err))
		}
		return value
	}
	value := e.getenv(parts[1])
	if value == "" {
		e.missing = append(e.missing, parts[1])
	}
	return value
}

// maxSecret bounds a file that holds a secret, in bytes.
const maxSecret = 64 << 10

// readSecret reads a file that holds nothing but a secret. What is no regular
// file may never come to an end.
func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w; name a file that exists", err)
	case !info.Mode().IsRegular() || info.Size() > maxSecret:
		return "", fmt.Errorf("it is no file, or one of more than %d bytes; name one that holds the secret alone", maxSecret)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	value := strings.TrimRight(string(text), "\r\n")
	if value == "" {
		return "", errors.New("it is empty; write the secret into it")
	}
	return value, nil
}

// environment lets single settings be given without a file.
func (c *Config) environment(getenv func(string) string) {
	overlay(getenv, map[string]*string{
		"MUSUBI_STORE":             &c.Store,
		"MUSUBI_KEY_FILE":          &c.KeyFile,
		"MUSUBI_PROTOCOL_LISTEN":   &c.Protocol.Listen,
		"MUSUBI_PUBLIC_URL":        &c.Protocol.PublicURL,
		"MUSUBI_MANAGEMENT_LISTEN": &c.Management.Listen,
		"MUSUBI_LOG_LEVEL":         &c.LogLevel,
		"MUSUBI_REPLICA":           &c.Replica,
		"MUSUBI_SINK_DIR":          &c.Sink.Dir,
	})
	if v := getenv("MUSUBI_KEY"); v != "" {
		c.Key = Secret(v)
	}
	if v := getenv("MUSUBI_API_KEY"); v != "" {
		c.Management.APIKeys = append(c.Management.APIKeys, Secret(v))
	}
}

// overlay sets the fields whose variables are set.
func overlay(getenv func(string) string, fields map[string]*string) {
	for name, field := range fields {
		if v := getenv(name); v != "" {
			*field = v
		}
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-ods/musubi/trust/policy"
)

// ReadPolicy reads a policy as people write it: compact JSON, the same in YAML,
// or a template with its parameters (policy.ParseAny).
func ReadPolicy(text []byte) (policy.Policy, error) {
	text = bytes.TrimSpace(text)
	if bytes.HasPrefix(text, []byte("{")) && json.Valid(text) {
		return policy.ParseAny(text)
	}
	var value yamlObject
	d := yaml.NewDecoder(bytes.NewReader(text))
	switch err := d.Decode(&value); {
	case errors.Is(err, io.EOF):
		return policy.Policy{}, fmt.Errorf("%w: the text is empty", policy.ErrMalformed)
	case err != nil:
		return policy.Policy{}, fmt.Errorf("%w: %w", policy.ErrMalformed, explainYAML(err, "docs/policy.md"))
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return policy.Policy{}, fmt.Errorf("%w: more than one YAML document; keep the first", policy.ErrMalformed)
	}
	if name, ok := value["template"].(string); ok && onlyTemplate(value) {
		with, _ := value["with"].(yamlObject)
		return policy.FromTemplate(name, with)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return policy.Policy{}, fmt.Errorf("%w: the name of a member has to be a text", policy.ErrMalformed)
	}
	return policy.ParseAny(raw)
}

// yamlObject has a name that the words about a wrong type know.
type yamlObject map[string]any

// onlyTemplate reports whether nothing stands beside a template: what does is
// refused as it is in JSON.
func onlyTemplate(value yamlObject) bool {
	for name, v := range value {
		if _, object := v.(yamlObject); name != "template" && (name != "with" || !object) {
			return false
		}
	}
	return true
}

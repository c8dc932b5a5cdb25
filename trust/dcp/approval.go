// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"encoding/json"
	"fmt"
)

// UnmarshalYAML reads an approval from a configuration file, in which the
// claims are written as YAML.
func (a *Approval) UnmarshalYAML(decode func(any) error) error {
	var in struct {
		Holder string                    `yaml:"holder"`
		Claims map[string]map[string]any `yaml:"claims"`
	}
	if err := decode(&in); err != nil {
		return err
	}
	a.Holder, a.Claims = in.Holder, make(map[string]json.RawMessage, len(in.Claims))
	for credentialType, claims := range in.Claims {
		text, err := json.Marshal(claims)
		if err != nil {
			return fmt.Errorf("claims of %s: %w", credentialType, err)
		}
		a.Claims[credentialType] = text
	}
	return nil
}

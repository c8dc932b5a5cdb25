// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"fmt"
	"time"
)

// Duration is a time.Duration that is written as a text, such as "90s" or
// "24h", in JSON and in YAML.
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	read, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is no duration such as \"90s\" or \"24h\"", text)
	}
	*d = Duration(read)
	return nil
}

// String is the duration as it is written.
func (d Duration) String() string { return time.Duration(d).String() }

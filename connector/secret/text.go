// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"fmt"
	"io"
)

// Text is a text that is never printed: not by fmt under any verb, not by a log,
// not as JSON or YAML.
type Text string

// Hidden is what is printed instead.
const Hidden = "(secret)"

// String hides the text from whoever asks for one.
func (Text) String() string { return Hidden }

// Format hides the text from fmt, also under verbs that do not fit a text.
func (Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Hidden) }

// MarshalText hides the text from encoders and logs.
func (Text) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// Key is a private key that is imported at the start: PKCS #8 in PEM, itself or in
// a file.
type Key struct {
	PEM  Text   `yaml:"pem"` // the key itself, as in ${ACME_IDENTITY_KEY}
	File string `yaml:"file"`
}

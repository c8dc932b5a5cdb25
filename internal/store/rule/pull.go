// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"errors"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// Access reports why a cannot be kept.
func Access(a transfer.Access) error {
	var wrong error
	if len(a.Doc) == 0 || a.Version < 0 {
		wrong = errors.New("it is empty, or of a version below zero")
	}
	return invalid("access", key("context", a.Context, "process", a.Process), wrong)
}

// maxSecret bounds a named secret, in bytes.
const maxSecret = 8 << 10

// Secret reports why a value cannot be kept under a name.
func Secret(context, name, value string, now time.Time) error {
	var wrong error
	switch {
	case !trust.ValidSecretName(name):
		wrong = errors.New("the name")
	case value == "" || len(value) > maxSecret:
		wrong = errors.New("the length of the value")
	}
	return invalid("secret", key("context", context), wrong, positive(now))
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"errors"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Refused takes apart an error that Refuse made. ok is false for any other.
func Refused(err error) (code, reason string, ok bool) {
	refusal, ok := errors.AsType[*engine.Refusal](err)
	if !ok {
		return "", "", false
	}
	return refusal.Code, refusal.Reason, true
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"github.com/musubi-ods/musubi/internal/store/rule"
)

// write returns the statements that store a row of the domain as part of a
// process's step. Each type has one case here and one in package memory.
func write(_ string, row any) ([]statement, error) {
	switch row.(type) {
	default:
		return nil, fmt.Errorf("%w: %T", rule.ErrUnknownWrite, row)
	}
}

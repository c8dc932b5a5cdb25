// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// judgeWrites refuses rows of types that the store does not know, and those
// that cannot be written. A case here has its twin in applyWrites.
func judgeWrites(_ *part, _ *process, c engine.Commit) error {
	for _, row := range c.Writes {
		switch row.(type) {
		default:
			return fmt.Errorf("%w: %T", rule.ErrUnknownWrite, row)
		}
	}
	return nil
}

// applyWrites stores rows of the domain.
func (pt *part) applyWrites(rows []any) {
	for _, row := range rows {
		switch row.(type) {
		}
	}
}

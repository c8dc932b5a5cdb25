// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"strings"
)

// Place returns where in a policy an error of this package is, such as
// permission[0].constraint[1]; empty: it is about the policy as a whole.
func Place(err error) string {
	if p, ok := errors.AsType[*placed](err); ok {
		return strings.TrimPrefix(p.place, ".")
	}
	return ""
}

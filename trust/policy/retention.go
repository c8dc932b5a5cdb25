// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

// Deletes reports whether an obligation asks the consumer to delete the data,
// on whichever event: one that is not known here may come at any time.
func (c *Compiled) Deletes() bool {
	for i := range c.rules {
		if c.rules[i].kind == obligation && c.rules[i].action == Delete {
			return true
		}
	}
	return false
}

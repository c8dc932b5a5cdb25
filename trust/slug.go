// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import "strings"

// maxSlug is that of a label of the domain name system.
const maxSlug = 63

// ValidSlug reports whether a text can be the context of a participant: 1 to 63
// lower-case letters, digits and hyphens, the first of them no hyphen. It
// stands in paths of URLs and of files as it is.
func ValidSlug(s string) bool {
	return s != "" && len(s) <= maxSlug && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

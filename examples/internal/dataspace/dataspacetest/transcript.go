// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspacetest

import (
	"fmt"
	"regexp"
)

var (
	uuid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	port = regexp.MustCompile(`localhost(:|%3A)\d+`)
	date = regexp.MustCompile(`\b20\d\d-\d\d-\d\d\b`)
)

// MaskDates hides the dates of a transcript.
func MaskDates(transcript string) string { return date.ReplaceAllString(transcript, "<date>") }

// Mask gives the ids of a transcript numbers, the same id the same number, and
// hides ports.
func Mask(transcript string) string {
	seen := map[string]string{}
	transcript = uuid.ReplaceAllStringFunc(transcript, func(id string) string {
		if seen[id] == "" {
			seen[id] = fmt.Sprintf("<%d>", len(seen)+1)
		}
		return seen[id]
	})
	return port.ReplaceAllString(transcript, "localhost${1}<port>")
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// normalScheme mends what people write for a scheme: the bare digits of an
// ICD, capitals. What we do not know stays as it is.
func normalScheme(s string) string {
	mended := strings.ToLower(narrow(s))
	if len(mended) == 4 && strings.Trim(mended, "0123456789") == "" {
		mended = "iso6523:" + mended
	}
	for known := range schemes {
		if strings.EqualFold(known, mended) {
			return known
		}
	}
	return s
}

// compact makes the normal form of a number: narrow, in capitals, without
// spaces and hyphens of any kind.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if isHyphen(r) {
			return -1
		}
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, narrow(s))
}

// narrow turns full-width characters into ASCII and drops spaces.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '\uff01' && r <= '\uff5e' {
			r -= '\uff01' - '!'
		}
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// isHyphen includes what Japanese keyboards give for one.
func isHyphen(r rune) bool {
	return r == '-' || r >= '\u2010' && r <= '\u2015' || r == '\u2212' || r == '\u30fc' || r == '\uff70'
}

// printable: ASCII that can be seen, without spaces.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// hidden reports whether a text has characters that show nothing, or that
// change how others are shown: controls, bidirectional overrides, invisible
// marks, line breaks, and what is no UTF-8. The two joiners of Indic and
// Persian writing are no such characters.
func hidden(s string) bool {
	for _, r := range s {
		switch {
		case r == '\u200c' || r == '\u200d':
		case r == utf8.RuneError, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return true
		}
	}
	return false
}

// clip shortens what is quoted in an error.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

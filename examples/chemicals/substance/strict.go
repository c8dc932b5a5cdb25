// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// texts is a list of strings, each parsed.
func texts[T any](into *[]T, maxLen int, parse func(string) (T, error)) strict.Reader {
	return strict.List(into, maxLen, func(raw []byte, item *T) error { return strict.Text(raw, item, parse) })
}

// number reads a whole number in a range; JSON writes it without quotes.
func number(into *int, least, most int) strict.Reader {
	return func(raw []byte) error {
		if raw[0] == 'n' || json.Unmarshal(raw, into) != nil || *into < least || *into > most {
			return fmt.Errorf("%s: a whole number from %d to %d is expected", strict.Quote(string(raw)), least, most)
		}
		return nil
	}
}

// oneOf accepts a word out of a few.
func oneOf[T ~string](words ...T) func(string) (T, error) {
	return func(text string) (T, error) {
		if !slices.Contains(words, T(text)) {
			return "", fmt.Errorf("%s is not one of %q", strict.Quote(text), words)
		}
		return T(text), nil
	}
}

// parseName accepts what is safe to print on a terminal and fits a line.
func parseName(text string) (string, error) { return printable(text, 120) }

// parseNote accepts a printable remark.
func parseNote(text string) (string, error) { return printable(text, 400) }

func printable(text string, most int) (string, error) {
	bad := func(r rune) bool { return !unicode.IsPrint(r) }
	if strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > most || strings.ContainsFunc(text, bad) {
		return "", fmt.Errorf("%s is not a text of 1 to %d printable characters", strict.Quote(text), most)
	}
	return text, nil
}

const (
	lower = "abcdefghijklmnopqrstuvwxyz0123456789-"
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// parseSlug accepts the id of a company: it names a participant and stands in URLs.
func parseSlug(text string) (string, error) { return identifier(text, lower) }

// parseID accepts the id of a part, a list entry or a group: TP-12, CL-DBDPE.
func parseID(text string) (string, error) { return identifier(text, lower+upper+"._") }

func identifier(text, letters string) (string, error) {
	const most = 40
	bad := func(r rune) bool { return !strings.ContainsRune(letters, r) }
	if text == "" || len(text) > most || strings.TrimLeft(text, "-._") != text || strings.ContainsFunc(text, bad) {
		return "", fmt.Errorf("%s is not an id: 1 to %d of %s", strict.Quote(text), most, letters)
	}
	return text, nil
}

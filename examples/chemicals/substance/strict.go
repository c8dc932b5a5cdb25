// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reader reads one JSON value into a place of its own.
type reader func(raw []byte) error

// object reads a JSON object whose keys are exactly the given ones. encoding/json
// would let an unknown, a repeated, an absent key and one in another case pass,
// and a misspelt "substances" would be a part that contains nothing.
func object(raw []byte, required, optional map[string]reader) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return errors.New("an object {...} is expected")
	}
	seen := make(map[string]bool)
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string) // a key is always a string
		read := required[key]
		if read == nil {
			read = optional[key]
		}
		if read == nil || seen[key] {
			return fmt.Errorf("%s is unknown or repeated", quote(key))
		}
		seen[key] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		if err := read(value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return absentKeys(seen, required)
}

func absentKeys(seen map[string]bool, required map[string]reader) error {
	var missing []string
	for key := range required {
		if !seen[key] {
			missing = append(missing, key)
		}
	}
	if missing == nil {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("%q must be given", missing)
}

// document checks what holds for a whole text: its size, its encoding, its
// syntax (naming the line), and that nothing follows the value.
func document(raw []byte, maxSize int) ([]byte, error) {
	if len(raw) > maxSize {
		return nil, fmt.Errorf("longer than %d bytes", maxSize)
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff")) // some editors put this mark first
	if !utf8.Valid(raw) {
		return nil, errors.New("not UTF-8")
	}
	var value json.RawMessage
	err := json.Unmarshal(raw, &value)
	if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
		line := 1 + bytes.Count(raw[:min(int(syntax.Offset), len(raw))], []byte("\n"))
		return nil, fmt.Errorf("line %d: not JSON: %w", line, err)
	}
	return value, err
}

func list[T any](into *[]T, maxLen int, read func([]byte, *T) error) reader {
	return func(raw []byte) error {
		var items []json.RawMessage
		if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
			return errors.New("a list [...] is expected")
		}
		if len(items) > maxLen {
			return fmt.Errorf("%d entries, more than %d", len(items), maxLen)
		}
		for i, item := range items {
			var value T
			if err := read(item, &value); err != nil {
				return fmt.Errorf("entry %d: %w", i+1, err)
			}
			*into = append(*into, value)
		}
		return nil
	}
}

// parsed reads a JSON string and hands it to a parser of its own.
func parsed[T any](into *T, parse func(string) (T, error)) reader {
	return func(raw []byte) error { return readText(raw, into, parse) }
}

func readText[T any](raw []byte, into *T, parse func(string) (T, error)) error {
	var text string
	if raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
		return fmt.Errorf("%s is not a string; numbers with units too are written in quotes, as \"1.5 g\"", quote(string(raw)))
	}
	var err error
	*into, err = parse(text)
	return err
}

// texts is a list of strings, each parsed.
func texts[T any](into *[]T, maxLen int, parse func(string) (T, error)) reader {
	return list(into, maxLen, func(raw []byte, item *T) error { return readText(raw, item, parse) })
}

// number reads a whole number in a range; JSON writes it without quotes.
func number(into *int, least, most int) reader {
	return func(raw []byte) error {
		if raw[0] == 'n' || json.Unmarshal(raw, into) != nil || *into < least || *into > most {
			return fmt.Errorf("%s: a whole number from %d to %d is expected", quote(string(raw)), least, most)
		}
		return nil
	}
}

func flag(into *bool) reader {
	return func(raw []byte) error {
		if raw[0] == 'n' || json.Unmarshal(raw, into) != nil {
			return errors.New("true or false is expected")
		}
		return nil
	}
}

// oneOf accepts a word out of a few.
func oneOf[T ~string](words ...T) func(string) (T, error) {
	return func(text string) (T, error) {
		if !slices.Contains(words, T(text)) {
			return "", fmt.Errorf("%s is not one of %q", quote(text), words)
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
		return "", fmt.Errorf("%s is not a text of 1 to %d printable characters", quote(text), most)
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
		return "", fmt.Errorf("%s is not an id: 1 to %d of %s", quote(text), most, letters)
	}
	return text, nil
}

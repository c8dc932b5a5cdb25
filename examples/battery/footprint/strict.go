// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/trust"
)

// reader reads one JSON value into a place of its own.
type reader func(raw []byte) error

// object reads a JSON object whose keys are exactly the given ones: a key that is
// unknown, spelt in another case, repeated or (if required) absent is an error.
// encoding/json alone would let all four pass, and a misspelt "main" would be a
// silent hole in somebody's footprint.
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
	return func(raw []byte) error {
		var text string
		if raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
			return fmt.Errorf("%s is not a string; decimals too are written in quotes, as \"10.5\"", quote(string(raw)))
		}
		var err error
		*into, err = parse(text)
		return err
	}
}

// value reads a decimal, or null for a number that is not known.
func value(into *Value) reader {
	return func(raw []byte) error {
		if string(raw) == "null" {
			*into = Withheld()
			return nil
		}
		var d Decimal
		err := parsed(&d, ParseDecimal)(raw)
		*into = Known(d)
		return err
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

// parseName accepts what is safe to print on a terminal and fits a line.
func parseName(text string) (string, error) {
	const most = 80
	bad := func(r rune) bool { return !unicode.IsPrint(r) }
	if text == "" || utf8.RuneCountInString(text) > most || slices.ContainsFunc([]rune(text), bad) {
		return "", fmt.Errorf("%s is not a name of 1 to %d printable characters", quote(text), most)
	}
	return text, nil
}

// parseID accepts a slug: it names a participant and stands in URLs.
func parseID(text string) (string, error) {
	const most, letters = 40, "abcdefghijklmnopqrstuvwxyz0123456789-"
	bad := func(r rune) bool { return !slices.Contains([]rune(letters), r) }
	if text == "" || len(text) > most || text[0] == '-' || slices.ContainsFunc([]rune(text), bad) {
		return "", fmt.Errorf("%s is not an id: 1 to %d of a-z, 0-9 and -", quote(text), most)
	}
	return text, nil
}

// parseCorporateNumber accepts a corporate number as people write it, and
// returns it as it is registered. That its check digit is right does not mean
// that any company has it.
func parseCorporateNumber(text string) (string, error) {
	number, err := trust.ParseIdentifier(trust.CorporateNumber, text, false)
	return number.Value, err
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Reader reads one JSON value into a place of its own.
type Reader func(raw []byte) error

// Object reads a JSON object whose keys are exactly the given ones: a key that is
// unknown, spelt in another case, repeated or (if required) absent is an error.
// encoding/json alone would let all four pass, and a misspelt key would be a
// silent hole in what somebody says.
func Object(raw []byte, required, optional map[string]Reader) error {
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
			return fmt.Errorf("%s is unknown or repeated", Quote(key))
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

func absentKeys(seen map[string]bool, required map[string]Reader) error {
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

// Document checks what holds for a whole text: its size, its encoding, its
// syntax (naming the line), and that nothing follows the value.
func Document(raw []byte, maxSize int) ([]byte, error) {
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

// List reads a list of at most maxLen entries.
func List[T any](into *[]T, maxLen int, read func([]byte, *T) error) Reader {
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

// Parsed reads a JSON string and hands it to a parser of its own.
func Parsed[T any](into *T, parse func(string) (T, error)) Reader {
	return func(raw []byte) error { return Text(raw, into, parse) }
}

// Text is Parsed for one value that is at hand.
func Text[T any](raw []byte, into *T, parse func(string) (T, error)) error {
	var text string
	if raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
		return fmt.Errorf("%s is not a string; decimals too are written in quotes, with their unit if they have one", Quote(string(raw)))
	}
	var err error
	*into, err = parse(text)
	return err
}

// Flag reads true or false.
func Flag(into *bool) Reader {
	return func(raw []byte) error {
		if raw[0] == 'n' || json.Unmarshal(raw, into) != nil {
			return errors.New("true or false is expected")
		}
		return nil
	}
}

// Quote shows what somebody wrote, or the beginning of it.
func Quote(text string) string {
	const most = 48
	if len(text) > most {
		return fmt.Sprintf("%+q...", text[:most])
	}
	return fmt.Sprintf("%q", text)
}

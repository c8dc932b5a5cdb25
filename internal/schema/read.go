// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

const (
	// maxSchema and maxDocument bound a text, in bytes.
	maxSchema   = 256 << 10
	maxDocument = 256 << 10
	// maxDepth bounds how deep objects and arrays lie in each other.
	maxDepth = 64
	// maxDigits and maxExponent bound a number as it is written: the module
	// computes with exact fractions, and 1e999999999 is a long one.
	maxDigits   = 64
	maxExponent = 308
)

var (
	errJSON   = errors.New("it is not one JSON value")
	errDepth  = errors.New("it is nested too deeply")
	errNumber = errors.New("it has a number out of range")
)

// read parses one JSON value, with its numbers as they are written, and counts
// the values in it.
func read(raw []byte) (value any, count int, err error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, 0, errJSON
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, 0, errJSON
	}
	count, err = tally(value, 0)
	return value, count, err
}

func tally(value any, depth int) (int, error) {
	if depth > maxDepth {
		return 0, errDepth
	}
	count := 1
	add := func(child any) error {
		n, err := tally(child, depth+1)
		count += n
		return err
	}
	switch v := value.(type) {
	case map[string]any:
		for _, child := range v {
			if err := add(child); err != nil {
				return 0, err
			}
		}
	case []any:
		for _, child := range v {
			if err := add(child); err != nil {
				return 0, err
			}
		}
	case json.Number:
		return 1, sane(string(v))
	}
	return count, nil
}

func sane(number string) error {
	mantissa, exponent := number, ""
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		mantissa, exponent = number[:i], number[i+1:]
	}
	if len(mantissa) > maxDigits {
		return errNumber
	}
	if exponent == "" {
		return nil
	}
	n, err := strconv.Atoi(exponent)
	if err != nil || n > maxExponent || n < -maxExponent {
		return errNumber
	}
	return nil
}

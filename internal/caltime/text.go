// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package caltime

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrSyntax marks a text that is not the value asked for, or one beyond the
// limits. The reason with it holds nothing of the text, and is safe to show.
var ErrSyntax = errors.New("not a calendar value")

func fault(reason string) error { return fmt.Errorf("%w: %s", ErrSyntax, reason) }

// digits cuts the decimal digits from the front of s.
func digits(s string) (number, rest string) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

// fixed returns the number that is all of s, and whether s has that many
// digits and nothing else.
func fixed(s string, width int) (int, bool) {
	number, rest := digits(s)
	if len(number) != width || rest != "" {
		return 0, false
	}
	n, err := strconv.Atoi(number)
	return n, err == nil
}

// fraction cuts ".5" from the front of s and returns it in nanoseconds. Zeros
// may follow the ninth digit, nothing else.
func fraction(s string) (nanos int64, rest string, err error) {
	s, ok := strings.CutPrefix(s, ".")
	if !ok {
		return 0, s, nil
	}
	number, rest := digits(s)
	if number == "" {
		return 0, "", fault("a point without digits after it")
	}
	number = strings.TrimRight(number, "0")
	if len(number) > 9 {
		return 0, "", fault("finer than a nanosecond")
	}
	nanos, err = strconv.ParseInt(number+"000000000"[len(number):], 10, 64)
	return nanos, rest, err
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
)

// Contains reports whether a text stands in a content, in any case of its
// letters, or as Base64. What is too short is found by chance.
func Contains(content []byte, text string) bool {
	low := bytes.ToLower(content)
	for _, form := range forms(text) {
		if bytes.Contains(low, bytes.ToLower([]byte(form))) {
			return true
		}
	}
	return false
}

// forms are a text and what it can look like inside of something that is Base64:
// its beginning may fall on any of three places in a group of four.
func forms(text string) []string {
	list := []string{text}
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
			list = append(list, encoded[(shift*8+5)/6:len(encoded)-1])
		}
	}
	return list
}

// token is a signed token: header, payload, signature.
var token = regexp.MustCompile(`([A-Za-z0-9_-]{10,})\.([A-Za-z0-9_-]{10,})\.[A-Za-z0-9_-]{10,}`)

// Readable has the payloads of all tokens in a content in place of the tokens, and
// of the tokens in these: what a person would read in it.
func Readable(content []byte) []byte {
	return token.ReplaceAllFunc(content, func(t []byte) []byte {
		var text []byte
		for _, part := range token.FindSubmatch(t)[1:] {
			plain, err := base64.RawURLEncoding.DecodeString(string(part))
			if err != nil {
				return t
			}
			text = append(append(text, Readable(plain)...), ' ')
		}
		return text
	})
}

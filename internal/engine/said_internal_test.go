// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import "testing"

// TestSaid: a peer's error is told in its words, without the envelope.
func TestSaid(t *testing.T) {
	for body, want := range map[string]string{
		`{"@type":"TransferError","code":"not-authenticated","reason":["no proof; support id 7"]}`: "not-authenticated: no proof; support id 7",
		`{"code":"401","reason":["Unauthorized","really",{"x":1}]}`:                                "401: Unauthorized; really",
		`{"code":"busy"}`:                 "busy",
		`{"reason":"a text"}`:             `{"reason":"a text"}`,
		`<html>It works!</html>`:          `<html>It works!</html>`,
		`{"other":"members of no error"}`: `{"other":"members of no error"}`,
		``:                                ``,
	} {
		if got := said([]byte(body)); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

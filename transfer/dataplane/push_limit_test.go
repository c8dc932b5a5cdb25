// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestInboxIsBounded: whoever pushes cannot fill the disk through one transfer,
// whatever keys and lengths it gives its bodies.
func TestInboxIsBounded(t *testing.T) {
	type push struct {
		letter letter
		status int
	}
	post := func(key, body string, status int) push {
		return push{letter{method: http.MethodPost, header: map[string]string{"Idempotency-Key": key}, body: strings.NewReader(body)}, status}
	}
	unsaid := func(body string, status int) push {
		return push{letter{method: http.MethodPost, body: chunks([]byte(body))}, status}
	}
	patch := func(header map[string]string, body string, status int) push {
		return push{letter{method: http.MethodPatch, header: header, body: chunks([]byte(body))}, status}
	}
	for name, c := range map[string]struct {
		bodies, total int64
		pushes        []push
		kept          []string
	}{
		"bodies":                 {2, 0, []push{post("a", "1", 201), post("b", "2", 201), post("c", "3", 413), unsaid("4", 413)}, []string{"1", "2"}},
		"a body that is known":   {1, 0, []push{post("a", "1", 201), post("a", "1", 201), post("b", "2", 413)}, []string{"1"}},
		"bytes":                  {0, 10, []push{post("a", "123456", 201), post("b", "12345", 413), post("c", "1234", 201), post("d", "", 413)}, []string{"123456", "1234"}},
		"bytes that are unsaid":  {0, 10, []push{unsaid("123456", 201), unsaid("12345", 413), unsaid("1234", 201), unsaid("1", 413)}, []string{"123456", "1234"}},
		"one body of more":       {0, 4, []push{post("a", "12345", 413), unsaid("12345", 413), post("b", "1234", 201)}, []string{"1234"}},
		"an upload of more":      {0, 4, []push{patch(map[string]string{"Upload-Offset": "0", "Upload-Length": "5"}, "12345", 413), patch(at(0), "12345", 413), patch(at(0), "1234", 201)}, []string{"1234"}},
		"in parts, of more":      {0, 4, []push{patch(map[string]string{"Upload-Offset": "0", "Upload-Complete": "?0"}, "123", 201), patch(at(3), "45", 413), patch(at(0), "1234", 201)}, []string{"1234"}},
		"an end that is too far": {0, 4, []push{patch(map[string]string{"Upload-Offset": "0", "Upload-Complete": "?0"}, "123", 201), patch(map[string]string{"Upload-Offset": "3", "Upload-Length": "5"}, "4", 413)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLetterbox(t)
			l.maxBodies, l.maxTotal = c.bodies, c.total
			l.opens()
			for i, p := range c.pushes {
				status, code, _ := l.send(p.letter)
				if status != p.status || status == 413 && code != "transfer-full" {
					t.Errorf("push %d: %d %s, want %d", i, status, code, p.status)
				}
			}
			l.kept(c.kept...)
		})
	}
}

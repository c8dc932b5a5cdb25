// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"fmt"
	"strings"
	"testing"
)

// FuzzDecode reads any text as a configuration. It never panics, and what the
// environment holds is in no error and not in what a printed Secret shows.
func FuzzDecode(f *testing.F) {
	f.Add("store: sqlite:x.db\nmanagement: {apiKeys: ['${A}']}\n")
	f.Add("participants: [{context: a, id: b, peers: [{id: c, url: 'http://d', inbound: '${A}', outbound: x}]}]\nlease: 3s\n")
	f.Add("egress: {timeout: '${A}'}\n")
	f.Add("a: &a [*a]\n")
	f.Add("---\n---\n")
	f.Add("\xff\xfe\x00")
	const secret = "hunter2-hunter2"
	f.Fuzz(func(t *testing.T, text string) {
		cfg := Default()
		err := decode([]byte(text), func(string) string { return secret }, &cfg)
		if err != nil {
			if strings.Contains(err.Error(), secret) && !strings.Contains(text, secret) {
				t.Fatalf("the error tells a secret: %v", err)
			}
			return
		}
		for _, k := range cfg.Management.APIKeys {
			if got := fmt.Sprintf("%v %#v %d", k, k, k); got != hidden+" "+hidden+" "+hidden {
				t.Fatalf("it prints as %s", got)
			}
		}
		_ = cfg.Validate()
		_ = fmt.Sprintf("%+v", cfg)
	})
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"testing"
)

// BenchmarkDomain judges what a counterparty presents by default, as happens
// on each message.
func BenchmarkDomain(b *testing.B) {
	m, c := aMembership(), aCompany()
	m.credential.Subject, _ = json.Marshal(m.subject)
	c.credential.Subject, _ = json.Marshal(c.subject)
	list := []Credential{m.credential, c.credential}
	for b.Loop() {
		for i := range list {
			if err := m.domain.Check(list[i]); err != nil {
				b.Fatal(err)
			}
		}
		if err := m.domain.Together(aHolder, list); err != nil {
			b.Fatal(err)
		}
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// realistic is an agreement of the size that they have: 4 KiB each of document
// and dataset, two credentials, two declared values.
func realistic(id string) negotiation.Agreement {
	text, hash := strings.Repeat("x", 4000), strings.Repeat("0", 64)
	credential := trust.Credential{
		ID: "urn:uuid:c", Issuer: "did:web:issuer.example", Types: []string{"VerifiableCredential", "MembershipCredential"},
		Subject: json.RawMessage(`{"id":"did:web:oem.example","member":"` + text[:400] + `"}`), ValidFrom: time.Unix(1, 0),
		Status: []trust.StatusEntry{{ID: "s", Type: "BitstringStatusListEntry", Purpose: "revocation", List: "https://issuer.example/1"}},
	}
	return negotiation.Agreement{
		Context: "c", ID: id, Role: "provider", Peer: "did:web:oem.example", Negotiation: "n", Target: "dataset-1", Concluded: time.Unix(1, 0),
		Document: []byte(text), Policy: json.RawMessage(text[:800]), Dataset: json.RawMessage(text), DocumentHash: hash, PolicyHash: hash,
		Claims: trust.Claims{Participant: "did:web:oem.example", Profile: "dcp", Credentials: []trust.Credential{credential, credential}},
		Final:  true, Offer: "offer-1", Declared: map[string]json.RawMessage{
			"https://example.org/ns#purpose": json.RawMessage(`"passport"`), "https://example.org/ns#trade": json.RawMessage(`"t-1"`),
		},
	}
}

// What a running transfer costs each second.
func BenchmarkPolicy(b *testing.B) {
	for name, dsn := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "bench.db") },
		"postgres": func() string { return PostgresDSN(b) },
		"memory":   func() string { return "memory:" },
	} {
		b.Run(name, func(b *testing.B) {
			s, err := Open(b.Context(), Config{DSN: dsn()})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = s.Close() })
			for i := range 1000 {
				if err := s.PutAgreement(b.Context(), realistic(fmt.Sprint(i))); err != nil {
					b.Fatal(err)
				}
			}
			for i := range 2000 {
				c := step(fmt.Sprint(i))
				if c.Record.Final = i >= 100; c.Record.Final {
					c.Record.State = "COMPLETED"
				}
				if err := s.For("c").Commit(b.Context(), c); err != nil {
					b.Fatal(err)
				}
			}
			for name, f := range map[string]func(i int) error{
				"agreement": func(i int) error { _, err := s.Agreement(b.Context(), "c", fmt.Sprint(i%1000)); return err },
				"usage":     func(int) error { _, err := s.Usage(b.Context(), "c", "1"); return err },
				"take":      func(int) error { _, err := s.TakeBytes(b.Context(), "c", "1", "p", 1, -1); return err },
				"relations": func(int) error { _, err := s.Relations(b.Context(), "c", []string{"p", "q"}); return err },
				"open of 100 in 2000": func(int) error {
					list, err := s.OpenTransfers(b.Context(), engine.Change{}, 1000)
					if len(list) != 100 {
						b.Fatal(len(list))
					}
					return err
				},
			} {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						if err := f(i); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

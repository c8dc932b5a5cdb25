// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// BenchmarkDataRequest is what one request of data costs before its first
// byte: the records alone, and with policies judged.
func BenchmarkDataRequest(b *testing.B) {
	member := trust.Credential{
		ID: "m", Types: []string{trust.MembershipCredential}, ValidFrom: lawTime.AddDate(0, -1, 0), ValidUntil: lawTime.AddDate(1, 0, 0),
		Subject: []byte(`{"id":"urn:example:maker","dataspace":"x","membershipNumber":"1"}`),
	}
	claims := trust.Claims{Participant: "urn:example:maker", Profile: preshared, Credentials: []trust.Credential{member}}
	for _, store := range []string{"memory", "sqlite"} {
		dsn := "memory:"
		if store == "sqlite" {
			dsn = "sqlite:" + filepath.Join(b.TempDir(), "b.db")
		}
		c := lawConnector(b, dsn)
		for name, usage := range map[string]policy.Policy{
			"records-alone": policy.Permit("use"),
			"use":           policy.Permit("use"),
			"constraints":   policy.Permit("use", policy.ActiveMember(), policy.Until(lawTime.AddDate(1, 0, 0)), policy.AtMost("P1Y")),
			"counters":      policy.Permit("use", policy.ActiveMember(), policy.Times(3), policy.Volume(1_000_000)),
		} {
			err := func() error {
				_, err := c.catalog.Publish(b.Context(), lawContext,
					[]catalog.Asset{{ID: "urn:example:data:" + name, Properties: map[string]any{"dct:title": "x"}}},
					[]catalog.Offer{{ID: "urn:example:offer:" + name, Assets: catalog.Selector{IDs: []string{"urn:example:data:" + name}}, Access: policy.Permit("use", policy.ActiveMember()), Usage: usage}})
				return err
			}()
			if err != nil {
				b.Fatal(err)
			}
			raw, err := usage.JSON()
			if err != nil {
				b.Fatal(err)
			}
			a := negotiation.Agreement{
				Context: lawContext, ID: "a-" + name, Role: "provider", Peer: claims.Participant, Target: "urn:example:data:" + name, Offer: "urn:example:offer:" + name,
				Concluded: lawTime, Document: []byte(`{}`), Policy: raw, PolicyHash: usage.Hash(), DocumentHash: usage.Hash(), Claims: claims, Final: true, Imported: true,
			}
			if err := c.store.PutAgreement(b.Context(), a); err != nil {
				b.Fatal(err)
			}
			id := runningTransfer(b, c, claims, a)
			b.Run(store+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					var err error
					if name == "records-alone" {
						if _, err = c.store.For(lawContext).Load(b.Context(), id); err == nil {
							_, err = c.store.Agreement(b.Context(), lawContext, a.ID)
						}
					} else {
						_, err = c.transfers.Running(b.Context(), lawContext, id)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

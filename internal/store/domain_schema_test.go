// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// impossibleDomain are changes that the database itself refuses, as those in
// impossible.
var impossibleDomain = map[string]string{
	"participant without a context":       `UPDATE participant SET context = ''`,
	"participant without an id":           `UPDATE participant SET id = ''`,
	"peer of no participant":              `UPDATE peer SET context = ''`,
	"peer without an id":                  `UPDATE peer SET id = ''`,
	"secret that is not sealed":           `UPDATE peer SET inbound = ''`,
	"key for nothing":                     `UPDATE signing_key SET use = ''`,
	"key of number zero":                  `UPDATE signing_key SET number = 0`,
	"two keys of one number":              `INSERT INTO signing_key (context, id, use, number, pem) SELECT context, 'x', use, number, pem FROM signing_key`,
	"two probes":                          `INSERT INTO seal (one, probe) VALUES (2, 'x')`,
	"agreement of no participant":         `UPDATE agreement SET context = ''`,
	"agreement in an unknown role":        `UPDATE agreement SET role = 'x'`,
	"agreement without a document":        `UPDATE agreement SET document = NULL`,
	"agreement with half a hash":          `UPDATE agreement SET document_hash = 'abc'`,
	"import from a negotiation":           `UPDATE agreement SET imported = true, negotiation = 'x'`,
	"policy with half a hash":             `UPDATE policy SET hash = 'abc'`,
	"policy gone, its offer left":         `DELETE FROM policy`,
	"offer under an unknown policy":       `UPDATE offer SET usage = access || 'x'`,
	"offer of no participant":             `UPDATE offer SET context = ''`,
	"asset without an id":                 `UPDATE asset SET id = ''`,
	"source without a type":               `UPDATE asset SET source_type = ''`,
	"term of no asset":                    `UPDATE asset_term SET asset = 'x'`,
	"two least terms of a name":           `INSERT INTO asset_term (context, asset, name, value, least) SELECT context, asset, name, value || 'x', true FROM asset_term`,
	"label of no asset":                   `UPDATE asset_label SET asset = 'x'`,
	"label of no offer":                   `UPDATE offer_label SET offer = 'x'`,
	"name of no offer":                    `UPDATE offer_name SET offer = 'x'`,
	"pair of no asset":                    `UPDATE offer_asset SET asset = 'x'`,
	"pair of no offer":                    `UPDATE offer_asset SET offer = 'x'`,
	"pair seen by others than its offer":  `UPDATE offer_asset SET access = access || 'x'`,
	"offer seen by others than its pairs": `UPDATE offer SET access = (SELECT hash FROM policy p WHERE p.context = offer.context AND p.hash <> offer.access)`,
}

func TestImpossibleDomainRows(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s, d := openDomain(t, dsn)
		keepSecrets(t, s, "c")
		hash := strings.Repeat("0", 64)
		open, other := policy.Permit(policy.Use), policy.Permit("https://example.org/ns#look")
		if err := errors.Join(
			s.PutParticipant(t.Context(), trust.Participant{Context: "c", ID: "id"}),
			s.PutAgreement(t.Context(), negotiation.Agreement{Context: "c", ID: "a", Role: "consumer", Negotiation: "n", DocumentHash: hash, PolicyHash: hash}),
			s.Publish(t.Context(), "c", catalog.Batch{
				Assets: []catalog.Asset{{ID: "asset", Labels: map[string]string{"k": "v"}, Properties: map[string]any{"dct:title": "x"}, Source: catalog.Source{Type: catalog.SourceFile, Path: "x"}}},
				Offers: []catalog.Offer{
					{ID: "labelled", Assets: catalog.Selector{Labels: map[string]string{"k": "v"}}, Access: open, Usage: other},
					{ID: "named", Assets: catalog.Selector{IDs: []string{"asset"}}, Access: open, Usage: other},
				},
			})); err != nil {
			t.Fatal(err)
		}
		undone := errors.New("undone")
		for name, change := range impossibleDomain {
			err := d.transact(t.Context(), func(tx transaction) error {
				if err := tx.exec(t.Context(), statement{query: change, want: anyRows}); err != nil {
					return err
				}
				return undone
			})
			if errors.Is(err, undone) {
				t.Errorf("%s: the database allows it", name)
			} else if !strings.Contains(strings.ToLower(err.Error()), "constraint") {
				t.Errorf("%s: refused for another reason: %v", name, err)
			}
		}
	})
}

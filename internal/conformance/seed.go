// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust/policy"
)

// The names that the kit's settings give.
const (
	Context     = "tck"
	Participant = "CONNECTOR_UNDER_TEST"
	Kit         = "TCK_PARTICIPANT"
	KitToken    = "Bearer TCK"
	Format      = "HttpData-PULL"
)

// Seed publishes the datasets and imports the agreements that the kit's tests
// name. It may run again, and on several replicas.
func Seed(ctx context.Context, p *connector.Participant, dataFile string) error {
	var assets []catalog.Asset
	var offers []catalog.Offer
	for _, id := range datasets() {
		assets = append(assets, catalog.Asset{
			ID: id, Formats: []string{Format}, Source: catalog.Source{Type: catalog.SourceFile, Path: dataFile},
		})
		offers = append(offers, catalog.Offer{
			ID: "CD123:" + id + ":456", Assets: catalog.Selector{IDs: []string{id}},
			Access: policy.Permit("use"), Usage: policy.Permit("use"),
		})
	}
	if err := p.Publish(ctx, assets, offers); err != nil {
		return err
	}
	for _, a := range agreements() {
		if _, err := p.ImportAgreement(ctx, a); err != nil && !errors.Is(err, negotiation.ErrAgreementExists) {
			return err
		}
	}
	return nil
}

func datasets() []string {
	ids := []string{"CAT0101", "CAT0102"}
	for id := range negotiations {
		if len(id) == len("ACN0101") {
			ids = append(ids, id)
		}
	}
	return ids
}

// agreements are those of the kit's settings: five, five and six per role.
func agreements() []negotiation.Imported {
	var list []negotiation.Imported
	for prefix, role := range map[string]string{"ATP": "provider", "ATPC": "consumer"} {
		for group, n := range []int{5, 5, 6} {
			for i := range n {
				list = append(list, negotiation.Imported{
					ID: fmt.Sprintf("%s%02d%02d", prefix, group+1, i+1), Role: role, Peer: Kit,
					Target: "ACN0101", Policy: policy.Permit("use"),
				})
			}
		}
	}
	return list
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// company is one company at work: its own row of the chain, its own connector
// with its own store and port, and what its suppliers told it.
type company struct {
	footprint.Company
	*dataspace.Member
	wait       time.Duration               // for the answer to one question
	customers  []*company                  // those who buy its part
	peers      map[string]string           // by company id, the names on the wire of those it deals with
	agreements map[string]string           // by part, the agreement under which its supplier answers
	transfers  []string                    // those that brought data
	answers    map[string]footprint.Answer // by part
	result     footprint.Result            // the sum of it all
}

// datasetID names the footprint of a part.
func datasetID(part string) string { return "urn:example:footprint:" + part }

// open starts the connector of a company. Without a corporate number in its
// file it has the one that is given.
func open(ctx context.Context, c footprint.Company, home string, wait time.Duration, number string, identity dcp.Settings) (*company, error) {
	p := dataspace.Profile{
		Slug: c.ID, Title: c.Label(), Number: c.CorporateNumber, MadeUp: c.Fictional, Folder: c.ID, Identity: identity,
	}
	if p.Number == "" {
		p.Number, p.MadeUp = number, true
	}
	m, err := dataspace.Join(ctx, home, p)
	if err != nil {
		return nil, err
	}
	return &company{
		Company: c, Member: m, wait: wait,
		peers: map[string]string{}, agreements: map[string]string{}, answers: map[string]footprint.Answer{},
	}, nil
}

// introduce makes a customer and its supplier known to each other.
func introduce(ctx context.Context, customer, supplier *company) error {
	supplier.customers = append(supplier.customers, customer)
	customer.peers[supplier.ID], supplier.peers[customer.ID] = supplier.DID, customer.DID
	return errors.Join(customer.Meet(ctx, supplier.Member), supplier.Meet(ctx, customer.Member))
}

// rollUp adds up what the company knows, and offers the answer to its
// customers, whoever has been introduced.
func (c *company) rollUp(ctx context.Context) error {
	result, err := footprint.RollUp(c.Company, c.answers)
	if err != nil {
		return fmt.Errorf("%s: %w", c.ID, err)
	}
	c.result = result
	document, err := c.Answer(result).Encode()
	if err != nil {
		return fmt.Errorf("%s: %w", c.ID, err)
	}
	file := filepath.Join(c.Dir, "answer.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		return err
	}
	dataset := datasetID(c.Part.ID)
	return c.Participant.Publish(ctx,
		[]catalog.Asset{{
			ID:         dataset,
			Properties: map[string]any{"dct:title": "Carbon footprint: " + c.Part.Name},
			Source:     catalog.Source{Type: catalog.SourceFile, Path: file},
		}},
		c.offers())
}

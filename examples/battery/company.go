// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/trust/policy"
)

// company is one company at work: its own row of the chain, its own connector
// with its own store and port, and what its suppliers told it.
type company struct {
	footprint.Company
	dir         string        // for its files; its database among them
	wait        time.Duration // for the answer to one question
	connector   *connector.Connector
	participant *connector.Participant
	url         string                      // its DSP base URL
	agreements  map[string]string           // by part, the agreement under which its supplier answers
	transfers   []string                    // those that brought data
	answers     map[string]footprint.Answer // by part
	result      footprint.Result            // the sum of it all
}

// participantID is a company's name on the wire.
func participantID(id string) string { return "urn:example:company:" + id }

// datasetID names the footprint of a part.
func datasetID(part string) string { return "urn:example:footprint:" + part }

// open starts the connector of a company.
func open(ctx context.Context, c footprint.Company, home string, wait time.Duration) (*company, error) {
	dir := filepath.Join(home, c.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = "sqlite:"+filepath.Join(dir, "musubi.db"), true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	cfg.Participants = []connector.ParticipantConfig{{Context: c.ID, ID: participantID(c.ID), Name: c.Label()}}
	node, err := connector.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.ID, err)
	}
	if err := node.Start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", c.ID, err), node.Stop(ctx))
	}
	p, err := node.Participant(ctx, c.ID)
	if err != nil {
		return nil, errors.Join(err, node.Stop(ctx))
	}
	address, _ := node.Addresses()
	return &company{
		Company: c, dir: dir, wait: wait,
		connector: node, participant: p, url: "http://" + address + "/" + c.ID + "/dsp/2025-1",
		agreements: map[string]string{}, answers: map[string]footprint.Answer{},
	}, nil
}

// introduce makes a customer and its supplier known to each other, with a
// secret for either direction.
func introduce(ctx context.Context, customer, supplier *company) error {
	up, down := connector.Secret("Bearer "+rand.Text()), connector.Secret("Bearer "+rand.Text())
	err := customer.participant.PutPeer(ctx, connector.PeerConfig{
		ID: participantID(supplier.ID), URL: supplier.url, Inbound: down, Outbound: up,
	})
	return errors.Join(err, supplier.participant.PutPeer(ctx, connector.PeerConfig{
		ID: participantID(customer.ID), URL: customer.url, Inbound: up, Outbound: down,
	}))
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
	file := filepath.Join(c.dir, "answer.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		return err
	}
	dataset := datasetID(c.Part.ID)
	return c.participant.Publish(ctx,
		[]catalog.Asset{{
			ID:         dataset,
			Properties: map[string]any{"dct:title": "Carbon footprint: " + c.Part.Name},
			Source:     catalog.Source{Type: catalog.SourceFile, Path: file},
		}},
		[]catalog.Offer{{
			ID:     "urn:example:offer:" + c.Part.ID,
			Assets: catalog.Selector{IDs: []string{dataset}},
			Access: policy.Permit("use"), Usage: policy.Permit("use"),
		}})
}

// stop stops the connector in good order, also when the program is interrupted.
func (c *company) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settling)
	defer cancel()
	return c.connector.Stop(ctx)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Two fictional companies in one program: one publishes a file, the other
// finds it, concludes a contract and pulls the data, over HTTP.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "musubi-example-")
	must(err)
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "footprint.json")
	must(os.WriteFile(file, []byte(`{"kgCO2e": "12.5"}`), 0o600))

	cfg := connector.Default()
	cfg.Store, cfg.DevMode = "memory:", true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	cfg.Participants = []connector.ParticipantConfig{{Context: "seats", ID: "urn:example:seats", Profile: "preshared"}, {Context: "cars", ID: "urn:example:cars", Profile: "preshared"}}
	c, err := connector.New(cfg)
	must(err)
	defer func() { must(c.Stop(ctx)) }()
	must(c.Start(ctx))

	seats, err := c.Participant(ctx, "seats")
	must(err)
	cars, err := c.Participant(ctx, "cars")
	must(err)
	address, _ := c.Addresses()
	must(seats.PutPeer(ctx, connector.PeerConfig{ID: "urn:example:cars", URL: "http://" + address + "/cars/dsp/2025-1", Inbound: "Bearer 1", Outbound: "Bearer 2"}))
	must(cars.PutPeer(ctx, connector.PeerConfig{ID: "urn:example:seats", URL: "http://" + address + "/seats/dsp/2025-1", Inbound: "Bearer 2", Outbound: "Bearer 1"}))

	must(seats.Publish(ctx,
		[]catalog.Asset{{ID: "urn:example:seat", Source: catalog.Source{Type: catalog.SourceFile, Path: file}}},
		[]catalog.Offer{{ID: "urn:example:offer", Assets: catalog.Selector{IDs: []string{"urn:example:seat"}}, Access: policy.Permit("use"), Usage: policy.Permit("use")}}))

	found, err := cars.Dataset(ctx, "urn:example:seats", "urn:example:seat")
	must(err)
	n, err := cars.Negotiate(ctx, negotiation.Proposal{
		Peer: "urn:example:seats", Dataset: found.ID, Snapshot: found.Document,
		Terms: negotiation.Terms{OfferID: found.Offers[0].ID, Policy: found.Offers[0].Policy},
	})
	must(err)
	n, err = cars.AwaitNegotiation(ctx, n.ID, time.Minute, func(n negotiation.Negotiation) bool { return n.WaitingFor == "" })
	must(err)
	fmt.Println("negotiation:", n.State)

	p, err := cars.Request(ctx, transfer.RequestArgs{Agreement: n.AgreementID, Format: "HttpData-PULL"})
	must(err)
	_, err = cars.AwaitTransfer(ctx, p.ID, time.Minute, func(p transfer.Process) bool { return p.Open })
	must(err)
	body, err := cars.Pull(ctx, p.ID)
	must(err)
	defer body.Close()
	data, err := io.ReadAll(body)
	must(err)
	fmt.Printf("data: %s\n", data)
	// Output:
	// negotiation: FINALIZED
	// data: {"kgCO2e": "12.5"}
}

func must(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package connector is Musubi as a library: an Open Data Spaces connector in
// one value.
//
//	c, err := connector.New(cfg)      // opens the store, wires everything
//	err = c.Start(ctx)                // listens, seeds participants, works
//	p, err := c.Participant("acme")   // what a participant can do: publish,
//	...                               // negotiate, transfer, pull
//	err = c.Stop(ctx)
//
//	HTTP ──> internal/web ──> catalog | negotiation | transfer ──> internal/engine ──> internal/store
//	peer <── sender (token per attempt, internal/safehttp) <── worker <── outbox ──┘
package connector

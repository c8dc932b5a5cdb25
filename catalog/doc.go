// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package catalog holds what participants offer, shows each counterparty what
// it may see of it, and reads the catalogues of others (DSP 2025-1, Catalog
// Protocol).
//
//	provider, private ──────────────────┬── public
//	Asset: source, labels, properties ──┼─> Dataset: id, properties, formats
//	Offer: selector, access, usage ─────┼─> its offers: id, usage policy
//
//	publish: Service.Publish, PublishAll ──> checks ──> Store: all or nothing, of any size
//
//	request: body, claims ──> Service.Request ──> filter, token
//	              access hashes ──> which are open to this counterparty?
//	              Store.Datasets(those hashes, filter, cursor) ──> rows
//	              usage policies by hash ──> Catalog ──> Page, tokens for its neighbours
//
//	ask:     Client.Catalog ──> POST, Link next, POST, ... ──> datasets and problems
//
// Visibility is part of the store's query, never a filter over its answer: a
// page costs the same number of statements for one row or a hundred, and no
// page comes out shorter than it should. List, single dataset and negotiation
// (Resolve) ask through the same view, so they agree.
//
// A policy is named by the hash of its canonical form and kept once. Each
// distinct access policy is judged once for each request, by what the
// counterparty has proved, our own records of it and the clock.
package catalog

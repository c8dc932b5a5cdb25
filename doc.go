// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package musubi is the root of an Open Data Spaces connector: one binary and
// one library. Each participant, a company, publishes a catalogue, negotiates
// usage contracts and runs transfers with other participants. The root holds
// no code, only the tests that keep the house in order (repo_*_test.go).
//
// A message takes this way through the folders, and its answer the same way
// back:
//
//	peer ──> internal/web        one check, one proven fact; limits; who is it?
//	           └> internal/wire    the message as a typed, validated struct
//	               └> catalog, negotiation, transfer
//	                    │            the transition table: Step, without I/O
//	                    └> internal/engine ──> internal/store
//	                         state, outbox and journal in one transaction
//	                         └> internal/safehttp ──> peer
//
// The map:
//
//	connector/           the public entry: New, Start, Stop; wires all others
//	catalog/             assets, offers, datasets: publish, query, ask a peer
//	negotiation/         contract negotiation, agreements, deciders
//	transfer/            transfer processes; dataplane/ moves the bytes
//	trust/               who a peer is; policy/ what may be done
//	cmd/musubi/          the binary, a thin main over the public packages
//	examples/            runnable mains, each with a test
//	internal/            what embedders need not name
//	docs/                guides, dependencies, decisions (docs/adr)
//
// To embed a connector begin with package connector; to run one, with
// cmd/musubi; to see one work, with examples/battery.
package musubi

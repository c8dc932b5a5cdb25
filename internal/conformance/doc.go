// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package conformance makes an ordinary connector the system under test of
// the Dataspace Protocol kit, by the public API alone.
//
//	kit ──DSP──> connector (package connector) ──> Script, a decider of its own ──> what the test expects
//	kit ──hook──> Hooks ──> Participant.Negotiate, Participant.Request
//
// The kit asks the connector to behave differently for each dataset and each
// agreement: Script is that table. Seed publishes the datasets and imports
// the agreements that it names. cmd/cut is the connector as a process,
// cmd/tckdsp the whole run on both stores; Main and its neighbours are what such
// programs begin with.
package conformance

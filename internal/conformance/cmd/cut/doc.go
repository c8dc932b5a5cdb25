// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command cut is the connector under test of the Dataspace Protocol kit: one
// participant, one peer (the kit), and the kit's script for a decider.
//
//	kit ──DSP──> -listen ──> connector ──> conformance.Script
//	kit ──hook──> -hooks ──> Participant.Negotiate, Participant.Request
//
// It prints "ready" once both listeners serve, and stops on SIGTERM.
package main

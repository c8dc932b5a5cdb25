// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package dps makes an ordinary connector the control plane under test of the
// Data Plane Signaling kit, by the public API alone, and holds what that kit
// does as tests of our own: kit_test.go is the kit's side, cp_test.go its ten
// tests of a control plane. dp_kit_test.go is the kit as the control plane of
// `musubi dataplane serve`, dp_test.go and dp_http_test.go its 28 tests of a
// data plane.
//
//	kit ──trigger──> ControlPlane.Trigger ──> Participant.Request
//	kit ──DSP──────> connector ──signaling──> kit, as data plane
//	kit ──signaling callbacks──> connector
//	kit, as control plane ──signaling──> data plane ──callbacks──> kit
//
// cmd/cutdps is the same connector as a process, and prints the settings with
// which the official kit is run against it.
package dps

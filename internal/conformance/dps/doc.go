// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package dps holds the tests of the Data Plane Signaling kit, each under the
// kit's own name, as black-box tests over HTTP: cp_*_test.go those of a control
// plane, dp_*_test.go those of a data plane. For the former it makes an ordinary
// connector the control plane under test, by the public API alone:
//
//	kit ──trigger──> ControlPlane.Trigger ──> Participant.Request
//	kit ──DSP──────> connector ──signaling──> kit, as data plane
//	kit ──signaling callbacks──> connector
//
// cmd/cutdps is the same connector as a process, and prints the settings with
// which the official kit is run against it.
package dps

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package signaling is Data Plane Signaling 1.0 over HTTP, both ways:
//
//	control plane ──> Client (a transfer.DataPlane) ──> POST /dataflows/... ──> Server ──> a transfer.DataPlane
//	Notify <──────────────────────── POST /transfers/{process}/dataflow/... <── Reporter <── its flow
//
// A control plane that drives another's data plane needs Client and Callbacks;
// a data plane that serves another's control plane needs Server and Reporter.
package signaling

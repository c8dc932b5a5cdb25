// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package served holds the parts of connector.DataPlaneConfig: whom a data plane
// that runs alone serves, and with what.
//
//	ControlPlane ──signaling──> data plane ──> Source of a Dataset ──> counterparty
//	     speaks for a Participant     └──────> folder (Receive) <───── counterparty
package served

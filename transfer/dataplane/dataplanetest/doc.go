// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package dataplanetest proves that a transfer.DataPlane keeps its contract,
// wherever it runs and whoever made it: the suite calls its verbs as the
// control plane does, and reads or takes the data as the counterparty does.
//
//	Run(t, open) ──> open(t, Control) gives a plane ──> one subtest per sentence of the contract
//	RunInbox     ──> the same for a consumer's plane, to which the suite pushes
//	Faulty(plane) ──> each call fails before its effect, then after it, then comes through
//
// Control stands in for the control plane: it says whether a transfer may flow,
// as transfer.Service does, for planes that ask. It also has the source of the
// data, and for a push the place where it goes.
package dataplanetest

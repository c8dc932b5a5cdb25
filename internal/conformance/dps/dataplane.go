// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps

import (
	"fmt"
	"strings"
)

// DataPlane is a data plane under test: what `musubi dataplane serve` is
// configured with, and what the kit is told of it.
type DataPlane struct {
	Kit       string // base URL of the kit, its callback address
	Signaling string // host:port to listen on for the kit
	Data      string // host:port to listen on for data
	Dir       string // for what is pushed to it
	Store     string // default memory:
}

// What the kit and the data plane under test know of each other.
const (
	// PlaneAuthorization is what the kit shows, by default.
	PlaneAuthorization = "dummy-authorization"
	// PlaneParticipant is the participant for which it asks.
	PlaneParticipant = "did:web:dataplane.example:tck"
	// AsyncDataset is the dataset whose flows are begun after the answer.
	AsyncDataset = "async"
)

// KitDID is the kit's did:web.
func (d DataPlane) KitDID() string {
	host := strings.TrimPrefix(strings.TrimPrefix(d.Kit, "https://"), "http://")
	return "did:web:" + strings.ReplaceAll(host, ":", "%3A")
}

// File is the configuration file. The DID document of the kit changes with each
// of its tests. Nothing has a source, so that there is nothing to move: what
// would move it is done as soon as it has started.
func (d DataPlane) File() string {
	return fmt.Sprintf(`store: %q
devMode: true
logLevel: warn
data: {listen: %q}
signaling: {listen: %q}
completes: whenDone
receive: {dir: %q}
controlPlanes:
  - {id: tck, signaling: %q, inbound: %q}
participants:
  - {context: tck, id: %q, controlPlane: tck}
datasets:
  - id: "*"
  - {id: %q, async: true}
`, or(d.Store, "memory:"), d.Data, d.Signaling, d.Dir, d.Kit, PlaneAuthorization, PlaneParticipant, AsyncDataset)
}

// AsyncTests are the kit's tests of flows that are begun after the answer.
var AsyncTests = []string{"DP_C_PULL_04_01", "DP_P_PULL_04_01", "DP_C_PUSH_04_01", "DP_P_PUSH_04_01"}

// Properties are the settings with which the official kit tests the data plane,
// and whatever else it is told of.
func (d DataPlane) Properties() string {
	var b strings.Builder
	set := func(name, value string) { fmt.Fprintf(&b, "%s=%s\n", name, value) }
	set("dataspacetck.test.package", "org.eclipse.dataspacetck.dps.verification")
	set("dataspacetck.callback.address", d.Kit)
	set("dataspacetck.dps.dataplane.url", "http://"+d.Signaling)
	set("dataspacetck.dps.dataplane.authorization", PlaneAuthorization)
	set("dataspacetck.dps.dataplane.provider.id", PlaneParticipant)
	set("dataspacetck.dps.dataplane.counterparty.id", d.KitDID())
	for _, id := range AsyncTests {
		set(id+"_DATASETID", AsyncDataset)
	}
	return b.String()
}

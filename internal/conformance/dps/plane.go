// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/connector/served"
)

// What the kit's settings of a data plane give.
const (
	// PlaneParticipant is dataplane.provider.id: whom the data plane works for.
	PlaneParticipant = "did:web:plane.example:tck"
	// PlaneAuthorization is dataplane.authorization.
	PlaneAuthorization = "dummy-authorization"
	// AsyncDataset is the DATASETID of the tests that want an asynchronous
	// answer: nothing else in the kit's requests tells them apart.
	AsyncDataset = "async"
)

// AsyncTests are the kit's tests that want an asynchronous answer.
var AsyncTests = []string{"DP_C_PULL_04_01", "DP_P_PULL_04_01", "DP_C_PUSH_04_01", "DP_P_PUSH_04_01"}

// KitDID is who the kit is where it asks for a token anew, and has to be its
// dataplane.counterparty.id: tokens are bound to the counterparty.
func KitDID(kit string) (string, error) {
	u, err := url.Parse(kit)
	if err != nil {
		return "", err
	}
	return "did:web:" + strings.ReplaceAll(strings.TrimSuffix(u.Host, ":443"), ":", "%3A"), nil
}

// PlaneSettings are the configuration of the data plane under test: the kit is
// its one control plane, and everything that it is asked for is there.
func PlaneSettings(c Config) connector.DataPlaneConfig {
	cfg := connector.DefaultDataPlane()
	cfg.Store, cfg.DevMode = or(c.Store, "memory:"), true
	cfg.Data.Listen, cfg.Signaling.Listen = "127.0.0.1:0", or(c.Listen, "127.0.0.1:0")
	cfg.Completes, cfg.Receive.Dir = "whenDone", c.Received
	cfg.Datasets = []served.Dataset{{ID: "*"}, {ID: AsyncDataset, Async: true}}
	cfg.ControlPlanes = []served.ControlPlane{{ID: "kit", Signaling: c.Kit, Inbound: PlaneAuthorization}}
	cfg.Participants = []served.Participant{{Context: Context, ID: PlaneParticipant, ControlPlane: "kit"}}
	return cfg
}

// StartPlane starts the data plane under test and returns the base URL of what
// control planes call.
func StartPlane(ctx context.Context, c Config, opts ...connector.Option) (p *connector.DataPlane, base string, err error) {
	if c.Received == "" {
		if c.Received, err = os.MkdirTemp("", "dps-received"); err != nil {
			return nil, "", err
		}
	}
	if p, err = connector.NewDataPlane(PlaneSettings(c), opts...); err != nil {
		return nil, "", err
	}
	if err := p.Start(ctx); err != nil {
		return nil, "", err
	}
	_, address := p.Addresses()
	return p, "http://" + address, nil
}

// PlaneProperties are the settings with which the official kit tests a data plane
// at a base URL.
func PlaneProperties(c Config, base string) (string, error) {
	did, err := KitDID(c.Kit)
	var b strings.Builder
	for _, s := range [][2]string{
		{"dataspacetck.dps.dataplane.url", base},
		{"dataspacetck.dps.dataplane.authorization", PlaneAuthorization},
		{"dataspacetck.dps.dataplane.provider.id", PlaneParticipant},
		{"dataspacetck.dps.dataplane.counterparty.id", did},
	} {
		fmt.Fprintf(&b, "%s=%s\n", s[0], s[1])
	}
	for _, test := range AsyncTests {
		fmt.Fprintf(&b, "%s_DATASETID=%s\n", test, AsyncDataset)
	}
	return b.String(), err
}

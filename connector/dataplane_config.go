// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// DataPlaneConfig is the whole configuration of a data plane that runs alone
// and does what control planes tell it by Data Plane Signaling (NewDataPlane).
type DataPlaneConfig struct {
	// ID is how it names itself to control planes; default "musubi-data-plane".
	ID string `yaml:"id"`
	// Store, KeyFile, Key, DevMode, Egress and LogLevel are as in Config. The
	// default of Store is "sqlite:musubi-data-plane.db".
	Store    string `yaml:"store"`
	KeyFile  string `yaml:"keyFile"`
	Key      Secret `yaml:"key"`
	DevMode  bool   `yaml:"devMode"`
	Egress   Egress `yaml:"egress"`
	LogLevel string `yaml:"logLevel"`
	// Data is where counterparties fetch and bring data, Signaling where control
	// planes call.
	Data      Listener `yaml:"data"`
	Signaling Listener `yaml:"signaling"`
	// Applications is where our participants' own applications use pulls.
	Applications struct {
		// Listener has no default: without Listen there is none.
		Listener `yaml:",inline"`
		Keys     []served.Application `yaml:"keys"`
	} `yaml:"applications"`
	// ControlPlanes are those that are served, Participants the companies for
	// which data moves.
	ControlPlanes []served.ControlPlane `yaml:"controlPlanes"`
	Participants  []served.Participant  `yaml:"participants"`
	// Datasets are what can be sent. A flow for another one is refused.
	Datasets []served.Dataset `yaml:"datasets"`
	// Receive is where data is kept that is pushed to our participants.
	Receive served.Receive `yaml:"receive"`
	// Completes says when a flow is reported as completed, where its dataset
	// does not say: whenDone or never. Default: whenDone for what this plane
	// moves by itself, never for what others fetch. With whenDone written here, a
	// flow that has nothing to move is done as soon as it has started.
	Completes string `yaml:"completes"`
	// Profiles are the formats that control planes are told of; default: all
	// that are built in.
	Profiles []string `yaml:"profiles"`
}

// The values of served.ControlPlane.Verdicts and of Completes.
const (
	verdictsAuto     = "auto"
	verdictsRequired = "required"
	verdictsNever    = "never"

	completesWhenDone = "whenDone"
	completesNever    = "never"
)

// receiveLimit is how many bytes a body has that is kept, at most.
func (c DataPlaneConfig) receiveLimit() int64 { return orBytes(c.Receive.MaxBytes, defaultMaxBytes) }

// owner is the context of the participant whose dataset it is; empty: nobody's.
func (c DataPlaneConfig) owner(d served.Dataset) string {
	if d.Participant == "" && len(c.Participants) == 1 {
		return c.Participants[0].Context
	}
	return d.Participant
}

// planeSource is a source as the data plane has it.
func planeSource(s served.Source) dataplane.Source {
	headers := make(map[string]string, len(s.Headers))
	for name, value := range s.Headers {
		headers[name] = string(value)
	}
	out := passing(s.Passage)
	out.Type, out.URL, out.Headers, out.Path = s.Type, s.URL, headers, s.Path
	out.ContentType, out.SubPaths = s.ContentType, s.SubPaths
	return out
}

// DefaultDataPlane returns the configuration that LoadDataPlane starts from.
func DefaultDataPlane() DataPlaneConfig {
	return DataPlaneConfig{
		ID: "musubi-data-plane", Store: "sqlite:musubi-data-plane.db", LogLevel: "info",
		Data:      Listener{Listen: "127.0.0.1:8284"},
		Signaling: Listener{Listen: "127.0.0.1:8285"},
	}
}

// common is what it shares with a connector.
func (c DataPlaneConfig) common() Config {
	return Config{Store: c.Store, KeyFile: c.KeyFile, Key: c.Key, DevMode: c.DevMode, Egress: c.Egress, LogLevel: c.LogLevel}
}

// plainPlane is a DataPlaneConfig without its methods, of which the printed
// forms are made.
type plainPlane DataPlaneConfig

func (c DataPlaneConfig) printable() plainPlane {
	common := c.common().printable()
	c.Store, c.Egress = common.Store, common.Egress
	return plainPlane(c)
}

// Format prints a DataPlaneConfig without its secrets.
func (c DataPlaneConfig) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), c.printable())
}

// LogValue logs a DataPlaneConfig without its secrets.
func (c DataPlaneConfig) LogValue() slog.Value { return slog.AnyValue(c.printable()) }

// MarshalJSON writes a DataPlaneConfig without its secrets: it cannot be read
// back.
func (c DataPlaneConfig) MarshalJSON() ([]byte, error) { return json.Marshal(c.printable()) }

// MarshalYAML writes a DataPlaneConfig without its secrets: it cannot be read
// back.
func (c DataPlaneConfig) MarshalYAML() (any, error) { return c.printable(), nil }

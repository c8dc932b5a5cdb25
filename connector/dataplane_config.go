// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/musubi-ods/musubi/catalog"
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
	Applications ApplicationsConfig `yaml:"applications"`
	// ControlPlanes are those that are served, Participants the companies for
	// which data moves.
	ControlPlanes []ControlPlaneConfig     `yaml:"controlPlanes"`
	Participants  []PlaneParticipantConfig `yaml:"participants"`
	// Datasets are what can be sent. A flow for another one is refused.
	Datasets []PlaneDatasetConfig `yaml:"datasets"`
	// Receive is where data is kept that is pushed to our participants.
	Receive ReceiveConfig `yaml:"receive"`
	// Completes says when a flow is reported as completed, where its dataset
	// does not say: whenDone or never. Default: whenDone for what this plane
	// moves by itself, never for what others fetch. With whenDone written here, a
	// flow that has nothing to move is done as soon as it has started.
	Completes string `yaml:"completes"`
	// Profiles are the formats that control planes are told of; default: all
	// that are built in.
	Profiles []string `yaml:"profiles"`
}

// ReceiveConfig is a folder for data that comes.
type ReceiveConfig struct {
	// Dir is the folder: each body is a file in it, with a second one that says
	// what it is. How long it may stay is the operator's to see to. Without one
	// nothing can be pushed to us.
	Dir string `yaml:"dir"`
	// Pull has this plane fetch the data of pulls by itself, and keep it there.
	Pull bool `yaml:"pull"`
	// MaxBytes bounds one body; default 1 GiB.
	MaxBytes int64 `yaml:"maxBytes"`
	// MaxBodies and MaxTransferBytes bound what is kept of the pushes of one flow
	// together; default 1000 bodies, and ten times MaxBytes.
	MaxBodies        int64 `yaml:"maxBodies"`
	MaxTransferBytes int64 `yaml:"maxTransferBytes"`
	// Rate bounds what is fetched, in bytes a second; 0: nothing does.
	Rate int64 `yaml:"rate"`
}

// limit is how many bytes a body has that is kept, at most.
func (c ReceiveConfig) limit() int64 { return orBytes(c.MaxBytes, defaultMaxBytes) }

// ControlPlaneConfig is a control plane that is served.
type ControlPlaneConfig struct {
	ID string `yaml:"id"`
	// Signaling is the base URL that reports go to.
	Signaling string `yaml:"signaling"`
	// Inbound is the exact Authorization value that it sends, Outbound the one
	// that we send; without Outbound none is sent.
	Inbound  Secret `yaml:"inbound"`
	Outbound Secret `yaml:"outbound"`
	// Register has this plane announce itself at each start (PUT /dataplanes).
	Register bool `yaml:"register"`
	// Verdicts says whether the control plane is asked, while data is sent, if
	// it still may: auto, the default, where it offers that (Musubi does);
	// required, else nothing is sent; or never: its signals alone rule.
	Verdicts string `yaml:"verdicts"`
}

// The values of ControlPlaneConfig.Verdicts and of Completes.
const (
	verdictsAuto     = "auto"
	verdictsRequired = "required"
	verdictsNever    = "never"

	completesWhenDone = "whenDone"
	completesNever    = "never"
)

// PlaneParticipantConfig is a company for which data moves.
type PlaneParticipantConfig struct {
	// Context is a slug, the first segment of its routes; ID its participant id
	// on the wire; ControlPlane the one that speaks for it, by its id.
	Context      string `yaml:"context"`
	ID           string `yaml:"id"`
	ControlPlane string `yaml:"controlPlane"`
	// PublicURL is where counterparties reach its data, context included;
	// default: data.publicUrl, followed by the context.
	PublicURL string `yaml:"publicUrl"`
	// Keys are private keys by use (identity), as in ParticipantConfig: with it
	// this plane proves to providers that it is the participant's.
	Keys map[string]KeyConfig `yaml:"keys"`
}

// PlaneDatasetConfig is a dataset that can be sent.
type PlaneDatasetConfig struct {
	// ID is the dataset's id, or "*" for all of the participant's that have no
	// entry of their own.
	ID string `yaml:"id"`
	// Participant is the context of the one whose dataset it is: it is sent in no
	// flow of another's. It may be left out where there is only one.
	Participant string `yaml:"participant"`
	// Async has its flows begun after the control plane was answered, which is
	// told later: for sources that take long.
	Async bool `yaml:"async"`
	// Completes is as in DataPlaneConfig, for this dataset.
	Completes string `yaml:"completes"`
	// Source is where the data is; without a type there is none to be sent.
	Source PlaneSourceConfig `yaml:"source"`
}

// PlaneSourceConfig is where data is, as dataplane.Source.
type PlaneSourceConfig struct {
	Type        string            `yaml:"type"` // http or file
	URL         string            `yaml:"url"`
	Headers     map[string]Secret `yaml:"headers"` // some are secrets
	Path        string            `yaml:"path"`
	ContentType string            `yaml:"contentType"`
	SubPaths    bool              `yaml:"subPaths"`
	// What of a URL consumers may use, as in docs/transfers.md.
	catalog.Passage `yaml:",inline"`
}

// owner is the context of the participant whose dataset it is; empty: nobody's.
func (c DataPlaneConfig) owner(d PlaneDatasetConfig) string {
	if d.Participant == "" && len(c.Participants) == 1 {
		return c.Participants[0].Context
	}
	return d.Participant
}

func (s PlaneSourceConfig) source() dataplane.Source {
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

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package served

import (
	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector/secret"
)

// Receive is a folder for data that comes.
type Receive struct {
	// Dir is the folder: each body is a file in it, with a second one that says
	// what it is. It is deleted when the control plane says that it may not be
	// used any more; else how long it may stay is the operator's to see to.
	// Without a folder nothing can be pushed to us.
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

// ControlPlane is a control plane that is served.
type ControlPlane struct {
	ID string `yaml:"id"`
	// Signaling is the base URL that reports go to.
	Signaling string `yaml:"signaling"`
	// Inbound is the exact Authorization value that it sends, Outbound the one
	// that we send; without Outbound none is sent.
	Inbound  secret.Text `yaml:"inbound"`
	Outbound secret.Text `yaml:"outbound"`
	// Register has this plane announce itself at each start (PUT /dataplanes).
	Register bool `yaml:"register"`
	// Verdicts says whether the control plane is asked, while data is sent, if
	// it still may: auto, the default, where it offers that (Musubi does);
	// required, else nothing is sent; or never: its signals alone rule.
	Verdicts string `yaml:"verdicts"`
}

// Participant is a company for which data moves.
type Participant struct {
	// Context is a slug, the first segment of its routes; ID its participant id
	// on the wire; ControlPlane the one that speaks for it, by its id.
	Context      string `yaml:"context"`
	ID           string `yaml:"id"`
	ControlPlane string `yaml:"controlPlane"`
	// PublicURL is where counterparties reach its data, context included;
	// default: data.publicUrl, followed by the context.
	PublicURL string `yaml:"publicUrl"`
	// Keys are private keys by use (identity), as in connector.ParticipantConfig:
	// with it this plane proves to providers that it is the participant's.
	Keys map[string]secret.Key `yaml:"keys"`
}

// Dataset is a dataset that can be sent.
type Dataset struct {
	// ID is the dataset's id, or "*" for all of the participant's that have no
	// entry of their own.
	ID string `yaml:"id"`
	// Participant is the context of the one whose dataset it is: it is sent in no
	// flow of another's. It may be left out where there is only one.
	Participant string `yaml:"participant"`
	// Async has its flows begun after the control plane was answered, which is
	// told later: for sources that take long.
	Async bool `yaml:"async"`
	// Completes is as in connector.DataPlaneConfig, for this dataset.
	Completes string `yaml:"completes"`
	// Source is where the data is; without a type there is none to be sent.
	Source Source `yaml:"source"`
}

// Source is where data is, as dataplane.Source.
type Source struct {
	Type        string                 `yaml:"type"` // http or file
	URL         string                 `yaml:"url"`
	Headers     map[string]secret.Text `yaml:"headers"` // some are secrets
	Path        string                 `yaml:"path"`
	ContentType string                 `yaml:"contentType"`
	SubPaths    bool                   `yaml:"subPaths"`
	// What of a URL consumers may use, as in docs/transfers.md.
	catalog.Passage `yaml:",inline"`
}

// Application is one that is let in, by a key.
type Application struct {
	Key secret.Text `yaml:"key"`
	// Participant is the context of the one whose pulls it opens; default: any.
	Participant string `yaml:"participant"`
}

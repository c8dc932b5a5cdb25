// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/trust"
)

// LoadDataPlane reads the configuration of a data plane, as Load does that of
// a connector.
func LoadDataPlane(path string, getenv func(string) string) (DataPlaneConfig, error) {
	cfg := DefaultDataPlane()
	if err := readConfig(path, getenv, &cfg); err != nil {
		return cfg, err
	}
	overlay(getenv, map[string]*string{
		"MUSUBI_STORE":               &cfg.Store,
		"MUSUBI_KEY_FILE":            &cfg.KeyFile,
		"MUSUBI_DATA_LISTEN":         &cfg.Data.Listen,
		"MUSUBI_DATA_URL":            &cfg.Data.PublicURL,
		"MUSUBI_SIGNALING_LISTEN":    &cfg.Signaling.Listen,
		"MUSUBI_SIGNALING_URL":       &cfg.Signaling.PublicURL,
		"MUSUBI_APPLICATIONS_LISTEN": &cfg.Applications.Listen,
		"MUSUBI_LOG_LEVEL":           &cfg.LogLevel,
	})
	if v := getenv("MUSUBI_KEY"); v != "" {
		cfg.Key = Secret(v)
	}
	return cfg, cfg.Validate()
}

// Validate says what is wrong with a configuration, in words for the person
// who wrote it. NewDataPlane calls it again.
func (c DataPlaneConfig) Validate() error {
	checks := []func() error{
		c.common().checkStore, c.common().checkEgress, c.checkListeners, c.checkControlPlanes, c.checkParticipants, c.checkDatasets,
		c.checkApplications,
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return fmt.Errorf("%w: %w", ErrConfig, err)
		}
	}
	return nil
}

func (c DataPlaneConfig) checkListeners() error {
	if c.ID == "" {
		return fmt.Errorf("id is empty: control planes know this data plane by it")
	}
	if err := c.Data.validate("data", c.DevMode); err != nil {
		return err
	}
	return c.Signaling.validate("signaling", c.DevMode)
}

func (c DataPlaneConfig) checkControlPlanes() error {
	ids, tokens := map[string]bool{}, map[Secret]bool{}
	for _, p := range c.ControlPlanes {
		switch {
		case p.ID == "":
			return fmt.Errorf("a control plane has no id")
		case ids[p.ID]:
			return fmt.Errorf("control plane %q is there twice", p.ID)
		case p.Inbound == "":
			return fmt.Errorf("control plane %q: inbound is missing, the exact Authorization value that it sends", p.ID)
		case tokens[p.Inbound]:
			return fmt.Errorf("control plane %q has the inbound value of another one: nobody could tell the two apart", p.ID)
		case !slices.Contains([]string{"", verdictsAuto, verdictsRequired, verdictsNever}, p.Verdicts):
			return fmt.Errorf("control plane %q: verdicts %q: write auto, required or never", p.ID, p.Verdicts)
		}
		if err := checkBase("control plane "+p.ID+": signaling", p.Signaling); err != nil {
			return err
		}
		ids[p.ID], tokens[p.Inbound] = true, true
	}
	return nil
}

func (c DataPlaneConfig) checkParticipants() error {
	contexts, ids := map[string]bool{}, map[string]bool{}
	for _, p := range c.Participants {
		known := slices.ContainsFunc(c.ControlPlanes, func(cp served.ControlPlane) bool { return cp.ID == p.ControlPlane })
		switch {
		case !trust.ValidSlug(p.Context):
			return fmt.Errorf("participant context %q: write a slug of a-z, 0-9 and -, at most 63 long; it becomes part of every URL", p.Context)
		case p.ID == "":
			return fmt.Errorf("participant %q: id is missing; it is the name that counterparties know", p.Context)
		case contexts[p.Context] || ids[p.ID]:
			return fmt.Errorf("participant %q or its id is there twice", p.Context)
		case !known:
			return fmt.Errorf("participant %q: there is no control plane %q", p.Context, p.ControlPlane)
		case c.Data.Listen == "-" && p.PublicURL == "" && c.Data.PublicURL == "":
			return fmt.Errorf("participant %q: without a listener of our own, publicUrl must be given", p.Context)
		}
		if p.PublicURL != "" {
			if err := checkBase("participant "+p.Context+": publicUrl", p.PublicURL); err != nil {
				return err
			}
		}
		for use, key := range p.Keys {
			if use != trust.UseIdentity || (key.PEM == "") == (key.File == "") {
				return fmt.Errorf("participant %q: keys.%s: write identity, with either pem or file", p.Context, use)
			}
		}
		contexts[p.Context], ids[p.ID] = true, true
	}
	return nil
}

func (c DataPlaneConfig) checkDatasets() error {
	completes := []string{"", completesWhenDone, completesNever}
	if !slices.Contains(completes, c.Completes) {
		return fmt.Errorf("completes %q: write whenDone or never", c.Completes)
	}
	switch {
	case min(c.Receive.MaxBytes, c.Receive.MaxTransferBytes, c.Receive.MaxBodies, c.Receive.Rate) < 0:
		return fmt.Errorf("receive: write maxBytes, maxTransferBytes, maxBodies and rate as numbers, or leave them out")
	case c.Receive.Pull && c.Receive.Dir == "":
		return fmt.Errorf("receive.pull needs receive.dir, a folder for what is fetched")
	}
	seen := map[[2]string]bool{}
	for _, d := range c.Datasets {
		owner := c.owner(d)
		known := slices.ContainsFunc(c.Participants, func(p served.Participant) bool { return p.Context == owner })
		switch {
		case d.ID == "":
			return fmt.Errorf("a dataset has no id")
		case owner == "" && len(c.Participants) > 1:
			return fmt.Errorf("dataset %q: participant is missing: name the context of the one whose dataset it is, since there are several", d.ID)
		case owner != "" && !known:
			return fmt.Errorf("dataset %q: there is no participant %q", d.ID, owner)
		case seen[[2]string{owner, d.ID}]:
			return fmt.Errorf("dataset %q is there twice", d.ID)
		case !slices.Contains(completes, d.Completes):
			return fmt.Errorf("dataset %q: completes %q: write whenDone or never", d.ID, d.Completes)
		}
		seen[[2]string{owner, d.ID}] = true
		if err := checkSource(d.Source); err != nil {
			return fmt.Errorf("dataset %q: source: %w", d.ID, err)
		}
	}
	return nil
}

func checkSource(s served.Source) error {
	if err := s.Validate(); err != nil {
		return err
	}
	switch {
	case s.Type == "" && s.URL == "" && s.Path == "":
		return nil
	case s.Type == dataplane.SourceFile && s.Path != "" && s.URL == "":
		return nil
	case s.Type == dataplane.SourceHTTP && s.URL != "" && s.Path == "":
		if !strings.HasPrefix(s.URL, "http://") && !strings.HasPrefix(s.URL, "https://") {
			return fmt.Errorf("url: write one that begins with https:// or http://")
		}
		return nil
	}
	return fmt.Errorf("write type http with url, or type file with path")
}

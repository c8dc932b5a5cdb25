// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/musubi-ods/musubi/trust"
)

const examplePeer = `{
  "url": "https://connector.example.com/supplier/dsp/2025-1",
  "inbound": "the exact Authorization value that the peer sends",
  "outbound": "the exact Authorization value that we send"
}`

// peerInput is a peer as it is written. Its id is in the path.
type peerInput struct {
	URL      string `json:"url"`
	Profile  string `json:"profile"`
	Inbound  string `json:"inbound"`
	Outbound string `json:"outbound"`
	// Conformance is strict or lenient, FormatNames profile or legacy.
	Conformance string `json:"conformance"`
	FormatNames string `json:"formatNames"`
	// WithoutRules is refuse or use.
	WithoutRules string `json:"withoutRules"`
}

// peerView is a peer as it is shown: that there are secrets, never which.
type peerView struct {
	ID          string `json:"id"`
	URL         string `json:"url"`
	Profile     string `json:"profile,omitempty"`
	HasInbound  bool   `json:"hasInbound"`
	HasOutbound bool   `json:"hasOutbound"`
	Conformance string `json:"conformance"`
	FormatNames string `json:"formatNames,omitempty"`
	// WithoutRules is what an offer without rules counts as; none: it is refused.
	WithoutRules string `json:"withoutRules,omitempty"`
}

// refuseWithoutRules is the default of withoutRules by its name, to go back
// to it.
const refuseWithoutRules = "refuse"

func viewPeer(p trust.Peer) peerView {
	return peerView{
		ID: p.ID, URL: p.URL, Profile: p.Profile, HasInbound: p.Inbound != "", HasOutbound: p.Outbound != "",
		Conformance: string(cmp.Or(p.Conformance, trust.Strict)), FormatNames: p.FormatNames,
		WithoutRules: p.WithoutRules,
	}
}

func listPeers(c *call) (answer, error) {
	all, err := c.m.Peers.Peers(c.ctx, c.contextID)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(all, len(all)+1, viewPeer, nil)}, nil
}

func getPeer(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	p, err := c.m.Peers.Peer(c.ctx, c.contextID, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewPeer(p)}, nil
}

func deletePeer(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	return answer{}, c.m.Peers.DeletePeer(c.ctx, c.contextID, id)
}

func putPeer(c *call, in peerInput) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	known, err := c.m.Peers.Peer(c.ctx, c.contextID, id)
	status := http.StatusOK
	if errors.Is(err, trust.ErrUnknownPeer) {
		status, err = http.StatusCreated, nil
	}
	if err != nil {
		return answer{}, err
	}
	p := trust.Peer{
		ID: id, URL: strings.TrimRight(cmp.Or(in.URL, known.URL), "/"), Profile: cmp.Or(in.Profile, known.Profile),
		Inbound: cmp.Or(in.Inbound, known.Inbound), Outbound: cmp.Or(in.Outbound, known.Outbound),
		Conformance: cmp.Or(trust.Conformance(in.Conformance), known.Conformance), FormatNames: cmp.Or(in.FormatNames, known.FormatNames),
		WithoutRules: known.WithoutRules,
	}
	switch in.WithoutRules {
	case "":
	case refuseWithoutRules:
		p.WithoutRules = ""
	default:
		p.WithoutRules = in.WithoutRules
	}
	if err := c.checkPeer(p); err != nil {
		return answer{}, err
	}
	if err := c.m.Peers.PutPeer(c.ctx, c.contextID, p); err != nil {
		return answer{}, err
	}
	return answer{status: status, body: viewPeer(p), location: c.location("peers", id)}, nil
}

// checkPeer refuses a peer that could not be called, or not be told from
// another.
func (c *call) checkPeer(p trust.Peer) error {
	u, err := url.Parse(p.URL)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return problemf(http.StatusBadRequest, "url-invalid", "url has to be the peer's DSP base URL").
			hint("such as https://connector.example.com/supplier/dsp/2025-1: the address below which it has /catalog/request")
	case !header(p.Inbound) || !header(p.Outbound):
		return problemf(http.StatusBadRequest, "secret-invalid", "inbound and outbound have to be what a header can hold: visible ASCII characters")
	case p.Conformance != "" && p.Conformance != trust.Strict && p.Conformance != trust.Lenient:
		return problemf(http.StatusBadRequest, "conformance-invalid", "conformance is strict or lenient")
	case p.FormatNames != "" && p.FormatNames != trust.ProfileNames && p.FormatNames != trust.LegacyNames:
		return problemf(http.StatusBadRequest, "format-names-invalid", "formatNames is profile or legacy")
	case p.WithoutRules != "" && p.WithoutRules != trust.PermitsUse:
		return problemf(http.StatusBadRequest, "without-rules-invalid", "withoutRules is refuse or use")
	case cmp.Or(p.Profile, participantOf(c.ctx).Profile) != "preshared":
		return nil
	case p.Inbound == "" || p.Outbound == "":
		return problemf(http.StatusBadRequest, "secret-missing", "inbound and outbound are needed").
			hint("they are the exact Authorization values of the two directions")
	}
	all, err := c.m.Peers.Peers(c.ctx, c.contextID)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID != p.ID && other.Inbound == p.Inbound {
			return problemf(http.StatusConflict, "secret-in-use", "another peer sends this inbound value").
				hint("give every peer one of its own: it is all that tells them apart")
		}
	}
	return nil
}

// header reports whether a text can be the value of a header as it stands.
func header(s string) bool {
	return len(s) <= 8<<10 && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

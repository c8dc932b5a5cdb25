// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// The names that the kit's settings give.
const (
	Context     = "tck"
	Participant = "CONNECTOR_UNDER_TEST"
	Format      = "HttpData-PULL"

	// Consumer and Provider are who the kit says it is, by default.
	Consumer = "consumerId"
	Provider = "providerId"
	// AgreementAsConsumer and AgreementAsProvider are concluded beforehand, by
	// our role in them.
	AgreementAsConsumer = "ADPSC"
	AgreementAsProvider = "ADPSP"
	dataset             = "dps-dataset"
)

// Config says where everything is.
type Config struct {
	Kit    string // base URL of the kit: its callback address
	Store  string // default memory:
	Listen string // of the protocol listener; default: a free port of 127.0.0.1
	// Plane is the base URL of the data plane, if that is not the kit itself.
	Plane string
	// Received is the data plane's folder for what is pushed to it; default: a
	// temporary one.
	Received string
}

// ControlPlane is a connector that serves as control plane under test.
type ControlPlane struct {
	*connector.Connector
	participant *connector.Participant
	kit         string
}

// peer is the kit in one of its two names. The whole value of its header
// Authorization is JSON text.
func peer(id, url string) connector.PeerConfig {
	return connector.PeerConfig{ID: id, URL: url, Inbound: connector.Secret(`{"clientId":"` + id + `"}`), Outbound: connector.Secret("Bearer " + id)}
}

// Settings are the configuration of the control plane under test: one data
// plane, the kit, that proves nothing when it calls.
func Settings(c Config) connector.Config {
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = or(c.Store, "memory:"), true
	cfg.Protocol.Listen, cfg.Management.Listen = or(c.Listen, "127.0.0.1:0"), "-"
	cfg.Participants = []connector.ParticipantConfig{{
		Context: Context, ID: Participant, Name: "Control plane under test", Profile: "preshared",
		Peers: []connector.PeerConfig{peer(Consumer, c.Kit), peer(Provider, c.Kit)},
	}}
	cfg.Dataplanes = []connector.RemotePlaneConfig{{ID: "tck", Endpoint: or(c.Plane, c.Kit), Profiles: []string{Format}, Anonymous: true}}
	return cfg
}

// Start starts the control plane under test and concludes its agreements.
func Start(ctx context.Context, c Config, opts ...connector.Option) (*ControlPlane, error) {
	inner, err := connector.New(Settings(c), opts...)
	if err != nil {
		return nil, err
	}
	p := &ControlPlane{Connector: inner, kit: c.Kit}
	if err := p.begin(ctx); err != nil {
		return nil, errors.Join(err, inner.Stop(ctx))
	}
	return p, nil
}

func (p *ControlPlane) begin(ctx context.Context) (err error) {
	if err := p.Start(ctx); err != nil {
		return err
	}
	if p.participant, err = p.Participant(ctx, Context); err != nil {
		return err
	}
	for _, a := range []negotiation.Imported{
		{ID: AgreementAsConsumer, Role: "consumer", Peer: Provider},
		{ID: AgreementAsProvider, Role: "provider", Peer: Consumer},
	} {
		a.Target, a.Policy = dataset, policy.Permit("use")
		if _, err := p.participant.ImportAgreement(ctx, a); err != nil && !errors.Is(err, negotiation.ErrAgreementExists) {
			return err
		}
	}
	return nil
}

// Protocol and Signaling are the base URLs of its two interfaces.
func (p *ControlPlane) Protocol() string { return p.base() + "/dsp/2025-1" }

// Signaling is the base URL of what data planes call.
func (p *ControlPlane) Signaling() string { return p.base() + "/signaling" }

func (p *ControlPlane) base() string {
	address, _ := p.Addresses()
	return "http://" + strings.Replace(address, "127.0.0.1", "localhost", 1) + "/" + Context
}

// Trigger is the call by which the kit has the connector begin a transfer as
// consumer. It is the harness's, not the product's.
func (p *ControlPlane) Trigger() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /dataflows/trigger", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ AgreementID, DspURL string }
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		id, err := p.request(r.Context(), in.AgreementID, in.DspURL)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":%q}`, id)
	})
	return mux
}

func (p *ControlPlane) request(ctx context.Context, agreement, dsp string) (id string, err error) {
	if dsp != "" && dsp != p.kit {
		if err := p.participant.PutPeer(ctx, peer(Provider, dsp)); err != nil {
			return "", err
		}
	}
	t, err := p.participant.Request(ctx, transfer.RequestArgs{Agreement: agreement, Format: Format})
	return t.ID, err
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

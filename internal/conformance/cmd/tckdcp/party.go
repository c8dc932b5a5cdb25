// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/freeport"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

const (
	clientID     = "holder"
	clientSecret = "secret-of-the-kit"
	correlation  = "9f1f9f3e-6a1c-4f0e-8a52-6d1c0b7a5a11" // the holderPid of all deliveries
)

// party is the connector under test and the kit's hook.
type party struct {
	connector *connector.Connector
	protocol  string // host:port by which the kit calls
	kit       string // host:port of the kit
	hook      *http.Server
	hookURL   string
	strict    bool
}

// open starts a connector with a participant for each role.
func open(ctx context.Context, strict bool) (*party, error) {
	kitPort, err := freeport.Find()
	if err != nil {
		return nil, err
	}
	p := &party{kit: fmt.Sprintf("localhost:%d", kitPort), strict: strict}
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = "memory:", true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	level := slog.LevelWarn
	if os.Getenv("TCK_LOG") != "" {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	if p.connector, err = connector.New(cfg, connector.WithLogger(log)); err != nil {
		return nil, err
	}
	if err := p.connector.Start(ctx); err != nil {
		return nil, errors.Join(err, p.connector.Stop(ctx))
	}
	address, _ := p.connector.Addresses()
	p.protocol = strings.Replace(address, "127.0.0.1", "localhost", 1)
	if err := p.join(ctx); err != nil {
		return nil, errors.Join(err, p.connector.Stop(ctx))
	}
	return p, p.listen(ctx)
}

// join adds the participants.
func (p *party) join(ctx context.Context) error {
	conformance, names, overscoped := trust.Lenient, trust.LegacyNames, "refuse"
	if p.strict {
		conformance, names, overscoped = trust.Strict, "", "reduce"
	}
	settings := map[string]dcp.Settings{
		"verifier": {},
		"holder":   {Overscoped: overscoped, Presents: []string{"MembershipCredential", "SensitiveDataCredential"}},
		"issuer":   {Issues: issuance()},
	}
	for name, s := range settings {
		s.Requires = map[string][]string{"default": {trust.MembershipCredential}}
		s.PresentationCache = -1
		s.TrustedIssuers = []dcp.TrustedIssuer{{ID: p.kitDID("issuer"), Types: []string{"*"}, Conformance: conformance}}
		pc := connector.ParticipantConfig{Context: name, Name: name, Identity: s}
		if name == "holder" {
			pc.STS.ClientID, pc.STS.ClientSecret = clientID, clientSecret
		}
		for _, role := range []string{"holder", "issuer", "verifier", "thirdparty"} {
			pc.Peers = append(pc.Peers, connector.PeerConfig{
				ID: p.kitDID(role), URL: "http://" + p.kit, Conformance: conformance, FormatNames: names,
			})
		}
		added, err := p.connector.AddParticipant(ctx, pc)
		if err != nil {
			return err
		}
		if name != "holder" {
			continue
		}
		if err := added.Wallet().Expect(ctx, p.kitDID("issuer"), correlation); err != nil {
			return err
		}
	}
	return nil
}

// issuance gives everybody what the kit asks for: two types. The kit reads a
// credential with one status alone, so a membership has no second one.
func issuance() *dcp.Issuance {
	return &dcp.Issuance{
		Types: []string{trust.MembershipCredential, "SensitiveDataCredential"}, RevocationOnly: true,
		AutoApprove: []dcp.Approval{{Holder: "*", Claims: map[string]json.RawMessage{
			trust.MembershipCredential: json.RawMessage(`{"membershipNumber":"1","role":["consumer"]}`),
			"SensitiveDataCredential":  json.RawMessage(`{"data":"of the kit"}`),
		}}},
	}
}

func (p *party) kitDID(role string) string { return didOf(p.kit, role) }
func (p *party) ownDID(role string) string { return didOf(p.protocol, role) }

func didOf(host, role string) string {
	return "did:web:" + strings.Replace(host, ":", "%3A", 1) + ":" + role
}

// kitSettings are the kit's, for a round.
func (p *party) kitSettings(r round) []string {
	_, port, _ := net.SplitHostPort(p.kit)
	list := []string{
		"dataspacetck.port=" + port, "dataspacetck.callback.address=http://" + p.kit,
		"dataspacetck.vpp.trigger.endpoint=" + p.hookURL,
	}
	role := r.role
	if role == "storage" {
		role = "holder"
	}
	if role == "holder" {
		list = append(list, "dataspacetck.sts.url=http://"+p.protocol+"/holder/sts",
			"dataspacetck.sts.client.id="+clientID, "dataspacetck.sts.client.secret="+clientSecret,
			"dataspacetck.credentials.correlation.id="+correlation)
	}
	if r.status != "" {
		list = append(list, "dataspacetck.revocation.type="+r.status)
	}
	return append(list, "dataspacetck.did."+role+"="+p.ownDID(role))
}

// listen serves the kit's hook: its catalogue request is not one of this
// protocol, so a valid one is sent with the kit's token, and its status is the
// answer.
func (p *party) listen(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, p.connector.Stop(ctx))
	}
	p.hookURL = fmt.Sprintf("http://localhost:%d/tck/presentations", l.Addr().(*net.TCPAddr).Port)
	client := &http.Client{Timeout: 20 * time.Second}
	p.hook = &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const message = `{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":"CatalogRequestMessage"}`
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost,
			"http://"+p.protocol+"/verifier/dsp/2025-1/catalog/request", strings.NewReader(message))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		req.Header["Authorization"] = r.Header.Values("Authorization")
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
	})}
	go p.hook.Serve(l) //nolint:errcheck // ends with close
	return nil
}

func (p *party) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_ = p.hook.Close()
	if err := p.connector.Stop(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "tck-dcp:", err)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// dataspace is what the companies are members of.
const dataspace = "https://dataspace.example/battery"

// database is the file of a member's store, in its folder.
const database = "musubi.db"

// required are the credentials that each company shows, and asks of others. It
// is what a connector requires by default.
var required = []string{trust.MembershipCredential, trust.CorporateIdentityCredential}

// member is a connector with one participant, its own store and its own port:
// that of a company or of the registrar.
type member struct {
	slug        string // the participant's context
	label       string // the name for people, marked when it does not exist
	number      string // corporate number, as the company writes it
	madeUp      bool   // the number is no company's
	dir         string // for its files; its database among them
	connector   *connector.Connector
	participant *connector.Participant
	did         string // its name on the wire
	base        string // its public URL
}

// profile is what a member starts with.
type profile struct {
	slug, label, number string
	madeUp              bool
	folder              string // in the home of all
	identity            dcp.Settings
	options             []connector.Option
}

// join starts a member's connector. Who it is on the wire follows from where it
// listens: http://localhost:8282/cell is did:web:localhost%3A8282:cell.
func join(ctx context.Context, home string, p profile) (*member, error) {
	dir := filepath.Join(home, p.folder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = "sqlite:"+filepath.Join(dir, database), true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	cfg.Participants = []connector.ParticipantConfig{{Context: p.slug, Name: p.label, Identity: p.identity}}
	node, err := connector.New(cfg, p.options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.slug, err)
	}
	m := &member{slug: p.slug, label: p.label, number: p.number, madeUp: p.madeUp, dir: dir, connector: node}
	if err := m.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", p.slug, err), m.stop(ctx))
	}
	return m, nil
}

func (m *member) start(ctx context.Context) error {
	if err := m.connector.Start(ctx); err != nil {
		return err
	}
	var err error
	if m.participant, err = m.connector.Participant(ctx, m.slug); err != nil {
		return err
	}
	info, err := m.participant.Info(ctx)
	m.did, m.base = info.ID, info.PublicURL
	return err
}

// stop stops the connector in good order, also when the program is interrupted.
func (m *member) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settling)
	defer cancel()
	return m.connector.Stop(ctx)
}

// endpoint is where others send their messages.
func (m *member) endpoint() string { return m.base + "/dsp/2025-1" }

// numbered is the corporate number for people, marked when it does not exist.
func (m *member) numbered() string { return marked(m.number, m.madeUp) }

func marked(number string, madeUp bool) string {
	if madeUp {
		return number + " (fictional)"
	}
	return number
}

// meet makes another known: who it is and where. That it is who it says, its
// credentials prove with every message; there is no secret between the two.
func (m *member) meet(ctx context.Context, other *member) error {
	return m.participant.PutPeer(ctx, connector.PeerConfig{ID: other.did, URL: other.endpoint()})
}

// request asks an issuer for the credentials that every company needs.
func (m *member) request(ctx context.Context, issuer string) (holder.Request, error) {
	return m.participant.Wallet().Request(ctx, issuer, required...)
}

// holds returns the states of what is in the wallet, by type of credential.
func (m *member) holds(ctx context.Context) (map[string]holder.Stored, error) {
	list, err := m.participant.Wallet().Credentials(ctx)
	found := make(map[string]holder.Stored)
	for _, c := range list {
		for _, name := range required {
			if slices.Contains(c.Types, name) {
				found[name] = c
			}
		}
	}
	return found, err
}

// day prints a date.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

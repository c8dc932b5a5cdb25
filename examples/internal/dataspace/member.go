// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// Settling bounds the waits for what need not be waited for to have an answer:
// the end of the transfers, and each connector's stop.
const Settling = 10 * time.Second

// Database is the file of a member's store, in its folder.
const Database = "musubi.db"

// Required are the credentials that each company shows, and asks of others. It
// is what a connector requires by default.
var Required = []string{trust.MembershipCredential, trust.CorporateIdentityCredential}

// Member is a connector with one participant, its own store and its own port:
// that of a company or of the registrar.
type Member struct {
	Slug        string // the participant's context
	Title       string // the name for people, marked when it does not exist
	Number      string // corporate number, as the company writes it
	MadeUp      bool   // the number is no company's
	Dir         string // for its files; its database among them
	Connector   *connector.Connector
	Participant *connector.Participant
	DID         string // its name on the wire
	Base        string // its public URL
	front       *front // nil: the connector listens itself
}

// Profile is what a member starts with.
type Profile struct {
	Slug, Title, Number string
	MadeUp              bool
	Folder              string // in the home of all
	Identity            dcp.Settings
	Options             []connector.Option
	// Front stands before the connector and sees all that comes and goes; nil: nothing does.
	Front func(http.Handler) http.Handler
}

// Join starts a member's connector. Who it is on the wire follows from where it
// listens: http://localhost:8282/cell is did:web:localhost%3A8282:cell.
func Join(ctx context.Context, home string, p Profile) (*Member, error) {
	dir := filepath.Join(home, p.Folder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = "sqlite:"+filepath.Join(dir, Database), true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	cfg.Participants = []connector.ParticipantConfig{{Context: p.Slug, Name: p.Title, Identity: p.Identity}}
	m := &Member{Slug: p.Slug, Title: p.Title, Number: p.Number, MadeUp: p.MadeUp, Dir: dir}
	var err error
	if p.Front != nil {
		if m.front, err = openFront(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Slug, err)
		}
		cfg.Protocol.Listen, cfg.Protocol.PublicURL = "-", m.front.url
	}
	if m.Connector, err = connector.New(cfg, p.Options...); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", p.Slug, err), m.front.stop(ctx))
	}
	if p.Front != nil {
		m.front.serve(p.Front(m.Connector.ProtocolHandler()))
	}
	if err := m.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", p.Slug, err), m.Stop(ctx))
	}
	return m, nil
}

func (m *Member) start(ctx context.Context) error {
	if err := m.Connector.Start(ctx); err != nil {
		return err
	}
	var err error
	if m.Participant, err = m.Connector.Participant(ctx, m.Slug); err != nil {
		return err
	}
	info, err := m.Participant.Info(ctx)
	m.DID, m.Base = info.ID, info.PublicURL
	return err
}

// Stop stops the connector in good order, also when the program is interrupted.
func (m *Member) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Settling)
	defer cancel()
	return errors.Join(m.front.stop(ctx), m.Connector.Stop(ctx))
}

// Endpoint is where others send their messages.
func (m *Member) Endpoint() string { return m.Base + "/dsp/2025-1" }

// Numbered is the corporate number for people, marked when it does not exist.
func (m *Member) Numbered() string { return Marked(m.Number, m.MadeUp) }

// Marked is a corporate number for people.
func Marked(number string, madeUp bool) string {
	if madeUp {
		return number + " (fictional)"
	}
	return number
}

// Meet makes another known: who it is and where. That it is who it says, its
// credentials prove with every message; there is no secret between the two.
func (m *Member) Meet(ctx context.Context, other *Member) error {
	return m.Participant.PutPeer(ctx, connector.PeerConfig{ID: other.DID, URL: other.Endpoint()})
}

// Apply asks an issuer for the credentials that every company needs.
func (m *Member) Apply(ctx context.Context, issuer string) (holder.Request, error) {
	return m.Participant.Wallet().Request(ctx, issuer, Required...)
}

// Holds returns the states of what is in the wallet, by type of credential.
func (m *Member) Holds(ctx context.Context) (map[string]holder.Stored, error) {
	list, err := m.Participant.Wallet().Credentials(ctx)
	found := make(map[string]holder.Stored)
	for _, c := range list {
		for _, name := range Required {
			if slices.Contains(c.Types, name) {
				found[name] = c
			}
		}
	}
	return found, err
}

// Ended waits until the wallet has noticed that its credentials are over, and
// returns them.
func (m *Member) Ended(ctx context.Context) (map[string]holder.Stored, error) {
	ctx, cancel := context.WithTimeout(ctx, onboarding)
	defer cancel()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		held, err := m.Holds(ctx)
		if err != nil {
			return nil, err
		}
		over := 0
		for _, c := range held {
			if c.State == holder.Expired {
				over++
			}
		}
		if over == len(Required) {
			return held, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: its credentials have not ended: %w", m.Slug, ctx.Err())
		}
	}
}

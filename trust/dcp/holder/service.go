// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// Config is what Service needs.
type Config struct {
	Store  Store
	Auth   *dcp.Authenticator
	Tokens *dcp.Tokens
	Keys   trust.KeyStore
	DIDs   did.Resolver
	HTTP   did.Doer // safehttp.Clients.Foreign
	// Participant finds one of ours by its context.
	Participant func(ctx context.Context, contextID string) (trust.Participant, error)
	// Settings reads a participant's; nil: dcp.ReadSettings.
	Settings func(trust.Participant) (dcp.Settings, error)
	// Peer tells what is known of an issuer; trust.ErrUnknownPeer is nothing.
	// Nil: nothing of anybody.
	Peer func(ctx context.Context, contextID, did string) (trust.Peer, error)
	// Status judges status lists; *status.Checker. Nil: they are not looked at.
	Status StatusChecker
	// Prover proves what is imported; *vc.Checker. Nil: it is read only.
	Prover Prover
	// Relaxed is told each use of a relaxation; nil: it is logged.
	Relaxed func(contextID, did, what string)
	// CheckEvery is how often a credential's status is asked for: an hour if
	// zero, and at least once a day.
	CheckEvery time.Duration
	// Pause is the longest time between two passes of Work; 10 s if zero.
	Pause time.Duration
	Now   func() time.Time
	NewID func() string // a UUID of version 7
	Log   *slog.Logger  // nil discards
}

// StatusChecker judges status entries.
type StatusChecker interface {
	Check(ctx context.Context, e status.Entry) error
}

// Prover proves one credential.
type Prover interface {
	Credential(ctx context.Context, raw string, want vc.Want) (vc.Credential, error)
}

// Service is the wallet of all participants.
type Service struct {
	cfg  Config
	wake chan struct{}
}

// New makes a wallet.
func New(c Config) *Service {
	if c.Settings == nil {
		c.Settings = dcp.ReadSettings
	}
	if c.CheckEvery <= 0 {
		c.CheckEvery = time.Hour
	}
	c.CheckEvery = min(c.CheckEvery, day)
	if c.Pause <= 0 {
		c.Pause = 10 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Relaxed == nil {
		c.Relaxed = func(contextID, did, what string) {
			c.Log.Info("relaxed", slog.String("participant", contextID), slog.String("peer", did), slog.String("what", what))
		}
	}
	return &Service{cfg: c, wake: make(chan struct{}, 1)}
}

const day = 24 * time.Hour

// Routes are the endpoints below a participant's root. The address of the
// credential service is the participant's public URL with /dcp, that of the
// secure token service with /sts.
func (s *Service) Routes() []dcp.Route {
	protect := func(d dcp.Demand, next dcp.Protected) dcp.Handler { return s.whileOn(s.cfg.Auth.Protect(d, next)) }
	return []dcp.Route{
		{Method: http.MethodPost, Path: "/dcp/presentations/query", Serve: protect(dcp.Demand{AccessToken: true}, s.query)},
		{Method: http.MethodPost, Path: "/dcp/credentials", Serve: protect(dcp.Demand{}, s.receive)},
		{Method: http.MethodPost, Path: "/dcp/offers", Serve: protect(dcp.Demand{}, s.offered)},
		{Method: http.MethodPost, Path: "/sts/token", Serve: s.whileOn(s.token)},
	}
}

// whileOn answers 404 where the participant has switched the role off.
func (s *Service) whileOn(next dcp.Handler) dcp.Handler {
	return func(ctx context.Context, c dcp.Call) (dcp.Answer, error) {
		settings, err := s.settings(c.Own)
		if err != nil {
			return dcp.Answer{}, err
		}
		if off(settings) {
			return dcp.Answer{}, dcp.Faultf(http.StatusNotFound, "not_found", "there is no wallet here")
		}
		return next(ctx, c)
	}
}

func off(settings dcp.Settings) bool { return slices.Contains(settings.Off, dcp.HolderRole) }

func (s *Service) settings(own trust.Participant) (dcp.Settings, error) {
	settings, err := s.cfg.Settings(own)
	if err != nil {
		return dcp.Settings{}, fmt.Errorf("settings of %s: %w", own.Context, err)
	}
	return settings, nil
}

// ErrOff: the participant has switched its wallet off.
var ErrOff = errors.New("the wallet is switched off")

// participant returns one whose wallet is on.
func (s *Service) participant(ctx context.Context, contextID string) (trust.Participant, dcp.Settings, error) {
	own, err := s.cfg.Participant(ctx, contextID)
	if err != nil {
		return trust.Participant{}, dcp.Settings{}, err
	}
	settings, err := s.settings(own)
	if err == nil && off(settings) {
		err = fmt.Errorf("%w: %s", ErrOff, contextID)
	}
	return own, settings, err
}

// conformance says how strictly an issuer is judged: as the peer that it is,
// or else as the trusted issuer.
func (s *Service) conformance(ctx context.Context, own trust.Participant, settings dcp.Settings, issuer string) (trust.Conformance, error) {
	if s.cfg.Peer != nil {
		peer, err := s.cfg.Peer(ctx, own.Context, issuer)
		if err != nil && !errors.Is(err, trust.ErrUnknownPeer) {
			return trust.Strict, fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
		}
		if err == nil && peer.Conformance != "" {
			return peer.Conformance, nil
		}
	}
	for _, known := range settings.TrustedIssuers {
		if known.ID == issuer && known.Conformance.Lenient() {
			return trust.Lenient, nil
		}
	}
	return trust.Strict, nil
}

// Wake tells when there is something new to do, so that Work can run at once.
func (s *Service) Wake() <-chan struct{} { return s.wake }

func (s *Service) rouse() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake already
	}
}

var (
	_ StatusChecker = (*status.Checker)(nil)
	_ Prover        = (*vc.Checker)(nil)
)

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/internal/stripes"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// Config is what Service needs.
type Config struct {
	Store       Store
	Auth        *dcp.Authenticator
	Tokens      *dcp.Tokens
	Keys        trust.KeyStore
	DIDs        did.Resolver
	HTTP        did.Doer // safehttp.Clients.Foreign: wallets are where their owners say
	Participant func(ctx context.Context, contextID string) (trust.Participant, error)
	// Peer returns what is configured of a holder. trust.ErrUnknownPeer.
	Peer  func(ctx context.Context, contextID, did string) (trust.Peer, error)
	Now   func() time.Time
	NewID func() string // a UUID of version 7, bare or as urn:uuid
	// Rand chooses places in status lists: nobody is to guess from a place
	// when a credential was issued. crypto/rand.Reader outside of tests.
	Rand io.Reader
	// Schemas are the addresses of the JSON Schemas of credential types, for
	// the metadata.
	Schemas map[string]string
	// DevMode serves status lists as plain JSON too, unsigned, to those who
	// ask for that alone.
	DevMode bool
	// Log is told what a person may want to know; may be nil.
	Log func(contextID, text string, err error)
}

// Service is the issuer service of all participants that issue.
type Service struct {
	cfg  Config
	wake chan struct{}

	mu    sync.Mutex
	lists map[listKey]publishedList
	// changes counts the changes of credential states by participant: what was
	// made before one is not kept after it.
	changes map[string]int64

	// opening lets one request of a holder be opened at a time: of two that are
	// alike and come together, the second finds the first.
	opening stripes.Locks
}

// New makes a service.
func New(c Config) *Service {
	return &Service{cfg: c, wake: make(chan struct{}, 1), lists: map[listKey]publishedList{}, changes: map[string]int64{}}
}

// Path is the base of the issuer service below a participant's public URL; its
// DID document names it as IssuerService.
const Path = "/issuer"

// Routes are the endpoints (DCP 1.0, section 6) and the status lists.
func (s *Service) Routes() []dcp.Route {
	return []dcp.Route{
		{Method: http.MethodGet, Path: Path + "/metadata", Serve: s.issuing(s.metadata)},
		{Method: http.MethodPost, Path: Path + "/credentials", Serve: s.issuing(s.cfg.Auth.Protect(dcp.Demand{}, s.receive))},
		{Method: http.MethodGet, Path: Path + "/requests/:id", Serve: s.issuing(s.cfg.Auth.Protect(dcp.Demand{}, s.requestStatus))},
		{Method: http.MethodGet, Path: "/status/:id", Serve: s.issuing(s.statusList)},
	}
}

// issuing answers 404 for participants that are no issuers.
func (s *Service) issuing(next dcp.Handler) dcp.Handler {
	return func(ctx context.Context, c dcp.Call) (dcp.Answer, error) {
		nothing := dcp.Faultf(http.StatusNotFound, "no_issuer", "this participant is no issuer")
		if did.Owner(c.Own.ID) != c.Own.ID {
			return dcp.Answer{}, nothing // not under this profile
		}
		settings, err := dcp.ReadSettings(c.Own)
		switch {
		case err != nil:
			return dcp.Answer{}, err
		case !issues(settings):
			return dcp.Answer{}, nothing
		}
		return next(ctx, c)
	}
}

func issues(s dcp.Settings) bool { return s.Issues != nil && !slices.Contains(s.Off, dcp.IssuerRole) }

// own returns a participant that issues, with its settings. ErrNoIssuer.
func (s *Service) own(ctx context.Context, contextID string) (trust.Participant, dcp.Settings, error) {
	p, err := s.cfg.Participant(ctx, contextID)
	if err != nil {
		return p, dcp.Settings{}, err
	}
	settings, err := dcp.ReadSettings(p)
	if err == nil && !issues(settings) {
		err = ErrNoIssuer
	}
	return p, settings, err
}

// key returns the key that signs credentials and status lists.
func (s *Service) key(ctx context.Context, own trust.Participant) (jose.Key, error) {
	k, err := s.cfg.Keys.SigningKey(ctx, own.Context, trust.UseIssuer)
	if err != nil {
		return jose.Key{}, err
	}
	return jose.Key{ID: own.ID + "#" + k.ID, Signer: k.Signer}, nil
}

// Wake gives a signal when there is work to do sooner than Work has said.
func (s *Service) Wake() <-chan struct{} { return s.wake }

func (s *Service) signal() {
	select {
	case s.wake <- struct{}{}:
	default: // a signal is waiting already
	}
}

func (s *Service) log(contextID, text string, err error) {
	if s.cfg.Log != nil {
		s.cfg.Log(contextID, text, err)
	}
}

// newUUID returns a bare UUID.
func (s *Service) newUUID() string { return strings.TrimPrefix(s.cfg.NewID(), "urn:uuid:") }

func base(own trust.Participant) string { return strings.TrimSuffix(own.PublicURL, "/") }

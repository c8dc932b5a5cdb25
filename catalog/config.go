// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Config is what a Service needs.
type Config struct {
	Store Store
	// Participants returns one of our participants by context.
	Participants func(ctx context.Context, contextID string) (trust.Participant, error)
	Now          func() time.Time
	NewID        func() string // unique, for assets and offers without an id
	// Policies judges who sees an offer, and knows which terms can be offered.
	Policies *policy.Judge
	// Meters tells whether the data plane of a format counts transfers and
	// bytes; an offer whose policy needs it is refused else. Nil: none does.
	Meters func(contextID, format string) (count, bytes bool)
	// PageSize is how many datasets a page holds where the counterparty does
	// not say. Default 100.
	PageSize int
	Log      *slog.Logger
}

const (
	defaultPage = 100
	maxPage     = 500     // datasets
	maxPageSize = 8 << 20 // bytes: peers do not read what is too long
	listLimit   = 1000    // of a management list
)

// Service is the catalogue of our participants: what they publish, and what of
// it a counterparty is shown. It is safe for concurrent use.
type Service struct {
	config   Config
	policies policyCache
}

// NewService returns a Service. It fails where something it needs is absent.
func NewService(c Config) (*Service, error) {
	if c.Store == nil || c.Participants == nil || c.Now == nil || c.NewID == nil || c.Policies == nil {
		return nil, errors.New("catalog: Store, Participants, Now, NewID and Policies are needed")
	}
	if c.Meters == nil {
		c.Meters = func(string, string) (bool, bool) { return false, false }
	}
	if c.PageSize <= 0 || c.PageSize > maxPage {
		c.PageSize = defaultPage
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{config: c, policies: policyCache{judge: c.Policies}}, nil
}

// base is the URL to which the protocol's paths are appended. Its path is the
// one that the version document names.
func base(p trust.Participant) string {
	return strings.TrimRight(p.PublicURL, "/") + "/dsp/" + wire.Version
}

// dataService is where a participant speaks the protocol. Its id does not
// change from one answer to the next.
func dataService(p trust.Participant) wire.DataService {
	return wire.DataService{ID: base(p), EndpointURL: base(p)}
}

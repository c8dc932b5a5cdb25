// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
	"github.com/musubi-ods/musubi/trust/dcp/verifier"
)

// Errors of Open that a user can do something about.
var (
	// ErrInUse: another process has the SQLite file open.
	ErrInUse = errors.New("database in use by another process; stop it or use PostgreSQL")
	// ErrBehind: the schema is older than this program.
	ErrBehind = errors.New("database schema is older than this program; run `musubi migrate`")
	// ErrDSN: the data source name is not one of sqlite:, postgres: and memory:.
	ErrDSN = errors.New("data source name not understood")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("store closed")
	// ErrSeal: a secret was encrypted with another key, or its row was altered.
	ErrSeal = errors.New("the key file does not fit this database")
	// ErrNoSeal: a secret is to be kept or read, and Config has no Seal.
	ErrNoSeal = errors.New("no key to encrypt secrets with")
)

// Store is an opened store: what processes and the domain keep in it.
type Store interface {
	engine.Store
	catalog.Store
	negotiation.AgreementStore
	transfer.Meters
	transfer.OpenStore
	transfer.AccessStore
	transfer.JobStore
	transfer.PlaneStore
	trust.ParticipantStore
	trust.PeerStore
	trust.KeyRows
	trust.RelationStore
	trust.SecretStore
	dcp.ReplayStore
	verifier.Bindings
	trustlist.Store
	holder.Store
	issuer.Store
	sink.Store
	evidence.Store
	signaling.Flows
	signaling.ControlPlanes
	signaling.Untold
	// Close waits for what is under way and gives everything back.
	Close() error
}

// Config says where the data is.
type Config struct {
	// DSN is "sqlite:<path>", "postgres://user@host/database?..." or "memory:".
	DSN string
	// Fixed refuses to migrate: a schema older than the program is ErrBehind.
	Fixed bool
	// Seal encrypts secrets at rest. Every process on a database needs the
	// same key. Without one, secrets can be neither kept nor read (ErrNoSeal);
	// in memory they are kept as they are.
	Seal cipher.AEAD
	// Conns bounds the connections to PostgreSQL; zero means 16.
	Conns int
	// Log is told of lost connections; nil discards.
	Log *slog.Logger
}

// Open opens the store and, unless Fixed, brings its schema up to date. A Seal
// of another key than the database was first opened with is ErrSeal.
func Open(ctx context.Context, cfg Config) (Store, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	scheme, rest, _ := strings.Cut(cfg.DSN, ":")
	switch scheme {
	case "sqlite":
		return withDomain(ctx, cfg, func() (Store, error) { return openSQLite(ctx, cfg, rest) })
	case "postgres", "postgresql":
		return withDomain(ctx, cfg, func() (Store, error) { return openPostgres(ctx, cfg) })
	case "memory":
		return memory.New(), nil
	}
	return nil, fmt.Errorf("%w: use sqlite:<path>, postgres://... or memory: (not %q)", ErrDSN, scheme)
}

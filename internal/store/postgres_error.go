// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// explainPostgres turns what the server refused into the store's own errors.
func explainPostgres(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case "23505": // unique_violation
		return fmt.Errorf("%w: %w", engine.ErrExists, err)
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return fmt.Errorf("%w: %w", engine.ErrConflict, err)
	case "23502", "23503", "23514", "22021": // not_null, foreign_key, check, character_not_in_repertoire
		return fmt.Errorf("%w: %w", rule.ErrInvalid, err)
	case "53100": // disk_full
		return fmt.Errorf("the database server's disk is full: %w", err)
	case "55P03", "57014": // lock_not_available, query_canceled
		return fmt.Errorf("the database server took too long: %w", err)
	}
	return err
}

// lost says whether a connection broke before anything was committed on it, so
// that a statement may be repeated on another.
func lost(err error) bool {
	if errors.Is(err, errDoubt) {
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		// connection_exception; admin_shutdown, crash_shutdown, cannot_connect_now
		return strings.HasPrefix(e.Code, "08") || e.Code == "57P01" || e.Code == "57P02" || e.Code == "57P03"
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return false // there is no server: trying at once again would not help
	}
	var network *net.OpError
	return pgconn.SafeToRetry(err) || errors.As(err, &network) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

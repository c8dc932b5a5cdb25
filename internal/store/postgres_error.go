// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

const hintServer = "is the database server running, is it reachable, and does it let this user in?"

// explainPostgres turns what the server refused into the store's own errors.
func explainPostgres(err error) error {
	if err == nil || errors.Is(err, engine.ErrUnavailable) || errors.Is(err, context.Canceled) {
		return err
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return passing(hintServer, err)
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case !ok && (lost(err) || pgconn.Timeout(err)):
		return passing(hintServer, err)
	case !ok:
		return err
	}
	if hint := hintPostgres(e.Code); hint != "" {
		return passing(hint, err)
	}
	switch e.Code {
	case "23505": // unique_violation
		return fmt.Errorf("%w: %w", engine.ErrExists, err)
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return fmt.Errorf("%w: %w", engine.ErrConflict, err)
	case "23502", "23503", "23514", "22021": // not_null, foreign_key, check, character_not_in_repertoire
		return fmt.Errorf("%w: %w", rule.ErrInvalid, err)
	}
	return err
}

// hintPostgres says what to do about a code that passes by itself or by what
// an operator does; empty for the others, which are ours to judge.
func hintPostgres(code string) string {
	switch code {
	case "53100": // disk_full
		return "the database server's disk is full: make room"
	case "53300": // too_many_connections
		return "the database server has no connection left: raise its max_connections, or run fewer replicas"
	case "55P03", "57014": // lock_not_available, query_canceled
		return "the database server took too long: is it overloaded, or does a session of yours hold a lock?"
	case "25006": // read_only_sql_transaction
		return "the database server takes no writes: is it a standby, or is it set to read only? Name the primary, or all servers, in the data source name"
	}
	switch class := code[:min(len(code), 2)]; class {
	case "53", "58": // insufficient_resources, system_error
		return "the database server lacks memory, room or a sound disk: its log says more"
	case "08", "57": // connection_exception, operator_intervention
		return hintServer
	}
	return ""
}

func readOnly(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "25006"
}

// slow says whether a statement waited too long for a lock, or for an answer
// to too large a question: either is no fault of the server's.
func slow(err error, wrote bool) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "55P03" || e.Code == "57014" && !wrote)
}

// lost says whether a connection broke, or became useless, before anything was
// committed on it, so that a statement may be repeated on another.
func lost(err error) bool {
	if err == nil || errors.Is(err, engine.ErrUnavailable) {
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "57P01", "57P02", "57P03", "25006": // admin_shutdown, crash_shutdown, cannot_connect_now, read only
			return true
		}
		return strings.HasPrefix(e.Code, "08") // connection_exception
	}
	var network *net.OpError
	if c, ok := errors.AsType[*pgconn.ConnectError](err); ok && (c.Unwrap() == nil || errors.As(err, &network) && network.Op == "dial") {
		return false // there is no server: trying at once again would not help
	}
	return pgconn.SafeToRetry(err) || errors.Is(err, driver.ErrBadConn) || errors.As(err, &network) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

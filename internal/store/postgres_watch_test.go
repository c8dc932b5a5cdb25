// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"net"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
)

// refusing is the data source name of a server that lets nobody in.
func refusing(t *testing.T, code string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			server := pgproto3.NewBackend(conn, conn)
			if _, err := server.ReceiveStartupMessage(); err == nil {
				server.Send(&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: "no"})
				_ = server.Flush()
			}
			_ = conn.Close()
		}
	}()
	return "postgres://u:p@" + l.Addr().String() + "/d?sslmode=disable"
}

// A server that has no connection left for the watch serves those that are open.
func TestWatchTakesACrowdedServerForOneThatIsThere(t *testing.T) {
	t.Parallel()
	for code, there := range map[string]bool{"53300": true, "57P03": false, "28P01": false} {
		config, err := pgx.ParseConfig(refusing(t, code))
		if err != nil {
			t.Fatal(err)
		}
		s := &onPostgres{watched: config}
		if _, err := s.look(t.Context(), nil); err == nil || errors.Is(err, errSlow) != there {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// server is a PostgreSQL server of the test's own, which it may treat badly.
type server struct {
	dsn string
	ctl string // a program: pg_ctl for it
}

func newServer(t *testing.T) *server {
	t.Helper()
	dsn, ctl := testkit.StartPostgres(t)
	return &server{dsn: dsn, ctl: ctl}
}

// control runs pg_ctl.
func (s *server) control(args ...string) error {
	// Its output goes to no pipe: the server would inherit that, and keep it open.
	if err := exec.Command(s.ctl, args...).Run(); err != nil {
		return fmt.Errorf("pg_ctl %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// named is the data source name of another database of the server.
func (s *server) named(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + database
	return u.String()
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"bufio"
	"fmt"
	"os"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// server is a PostgreSQL server of the test's own, which it may treat badly.
type server struct {
	dsn string
	ctl string // a program: pg_ctl for it
}

// newServer starts one by hack/with-postgres, which ends it when the command
// that it runs ends: with the test.
func newServer(t *testing.T) *server {
	t.Helper()
	cmd := exec.Command(filepath.Join(testkit.ModuleRoot(t), "hack", "with-postgres"), "sh", "-c", `echo "$MUSUBI_POSTGRES"; echo "$MUSUBI_POSTGRES_CTL"; cat`)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MUSUBI_POSTGRES") })
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	said := func() string {
		if !lines.Scan() {
			t.Fatalf("no PostgreSQL server: %v", lines.Err())
		}
		return lines.Text()
	}
	return &server{dsn: said(), ctl: said()}
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

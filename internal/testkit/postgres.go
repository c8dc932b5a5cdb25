// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// StartPostgres starts a PostgreSQL server of the test's own by
// hack/with-postgres, which installs it where it can. dsn names its database,
// ctl is a program that is pg_ctl for it. It ends with the test.
func StartPostgres(t testing.TB) (dsn, ctl string) {
	t.Helper()
	// with-postgres ends the server when the command that it runs ends.
	const until = `echo "$MUSUBI_POSTGRES"; echo "$MUSUBI_POSTGRES_CTL"; cat`
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(ModuleRoot(t), "hack", "with-postgres"), "sh", "-c", until) //nolint:gosec // the module's own script
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
	return said(), said()
}

// PostgresPrograms reports whether the server's programs are installed.
func PostgresPrograms() bool {
	if _, err := exec.LookPath("initdb"); err == nil {
		return true
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	return len(found) > 0
}

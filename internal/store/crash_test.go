// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/internal/store/storetest"
	"github.com/musubi-ods/musubi/internal/testkit"
)

// victimDSN makes the test program a victim instead.
const victimDSN = "MUSUBI_TEST_VICTIM"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(victimDSN); dsn != "" {
		fmt.Fprintln(os.Stderr, victim(dsn))
		os.Exit(3)
	}
	testkit.AtOnce(6)
	code := m.Run()
	store.Leave()
	os.Exit(code)
}

func victim(dsn string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{DSN: dsn})
	if err != nil {
		return err
	}
	return storetest.Victim(ctx, s, fmt.Sprint("pid-", os.Getpid()), os.Stdout)
}

// killed kills a process that works on dsn, some times in a row, and looks
// after each.
func killed(t *testing.T, dsn string) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []int{1, 150, 700} {
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), victimDSN+"="+dsn)
		answered := storetest.Kill(t, cmd, after)
		s, err := store.Open(t.Context(), store.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		storetest.Autopsy(t, s, answered)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSQLiteKilled(t *testing.T) {
	t.Parallel()
	killed(t, "sqlite:"+filepath.Join(t.TempDir(), "killed.db"))
}

func TestPostgresClientKilled(t *testing.T) {
	t.Parallel()
	killed(t, store.PostgresDSN(t))
}

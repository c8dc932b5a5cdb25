// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// versionTable is where goose notes what it applied.
const versionTable = "schema_version"

// migrate brings the schema up to date or, if fixed, checks that it is. A
// schema newer than the program is fine: migrations only add until every
// replica has been replaced.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, folder string, fixed bool, opts ...goose.ProviderOption) error {
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return err
	}
	have, want := appliedVersion(ctx, db), newestVersion(files)
	if have >= want {
		return nil // without the lock, and without another look
	}
	if fixed {
		return fmt.Errorf("%w (schema %d, program %d)", ErrBehind, have, want)
	}
	opts = append(opts, goose.WithDisableGlobalRegistry(true), goose.WithTableName(versionTable))
	provider, err := goose.NewProvider(dialect, db, files, opts...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	return nil
}

// appliedVersion returns the schema's version, 0 where there is none yet.
func appliedVersion(ctx context.Context, db *sql.DB) int64 {
	var version sql.NullInt64
	row := db.QueryRowContext(ctx, "SELECT max(version_id) FROM "+versionTable+" WHERE is_applied")
	if err := row.Scan(&version); err != nil {
		return 0
	}
	return version.Int64
}

// newestVersion returns the highest number of a migration's file name.
func newestVersion(files fs.FS) (newest int64) {
	names, _ := fs.Glob(files, "*.sql")
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		if v, err := strconv.ParseInt(number, 10, 64); err == nil {
			newest = max(newest, v)
		}
	}
	return newest
}

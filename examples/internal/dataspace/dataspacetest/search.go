// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspacetest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/examples/internal/dataspace"
)

// Haystack is everything that a company has stored.
type Haystack struct {
	Files map[string][]byte
	Rows  []byte // all values of its database, whole: in the file, long ones are cut into pages
}

// Stored reads a company's folder, byte by byte, and its database, row by row.
func Stored(t *testing.T, dir string) Haystack {
	t.Helper()
	h := Haystack{Files: map[string][]byte{}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		h.Files[filepath.Base(path)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Files[dataspace.Database]) == 0 {
		t.Fatalf("no database in %s", dir)
	}
	h.Rows = rows(t, filepath.Join(dir, dataspace.Database))
	return h
}

// rows prints every value of every table of a database.
func rows(t *testing.T, file string) []byte {
	t.Helper()
	db, err := sql.Open("sqlite", file) // the connector brings the driver
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	var all bytes.Buffer
	tables := query(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table'")
	for _, table := range tables {
		for _, row := range query(t, db, fmt.Sprintf("SELECT * FROM %q", table[0])) {
			for _, value := range row {
				fmt.Fprintf(&all, "%s\n", value)
			}
		}
	}
	if len(tables) < 5 {
		t.Fatalf("%d tables", len(tables))
	}
	return all.Bytes()
}

func query(t *testing.T, db *sql.DB, statement string) [][]string {
	t.Helper()
	found, err := db.QueryContext(context.WithoutCancel(t.Context()), statement)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var list [][]string
	for found.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(columns))
		for i, v := range values {
			row[i] = v.String
		}
		list = append(list, row)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// Where returns the places in which a text stands, in any case of its letters,
// or as Base64.
func (h Haystack) Where(text string) []string {
	var places []string
	for name, content := range h.Files {
		if dataspace.Contains(content, text) {
			places = append(places, name)
		}
	}
	if dataspace.Contains(h.Rows, text) {
		places = append(places, "a row")
	}
	return places
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspacetest

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
	for _, form := range forms(text) {
		for name, content := range h.Files {
			if bytes.Contains(lower(content), lower([]byte(form))) {
				places = append(places, name)
			}
		}
		if bytes.Contains(lower(h.Rows), lower([]byte(form))) {
			places = append(places, "a row")
		}
	}
	return places
}

func lower(b []byte) []byte { return bytes.ToLower(b) }

// forms are a text and what it can look like inside of something that is Base64:
// its beginning may fall on any of three places in a group of four.
func forms(text string) []string {
	list := []string{text}
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
			list = append(list, encoded[(shift*8+5)/6:len(encoded)-1])
		}
	}
	return list
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

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
)

// haystack is everything that a company has stored.
type haystack struct {
	files map[string][]byte
	rows  []byte // all values of its database, whole: in the file, long ones are cut into pages
}

// stored reads a company's folder, byte by byte, and its database, row by row.
func stored(t *testing.T, dir string) haystack {
	t.Helper()
	h := haystack{files: map[string][]byte{}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		h.files[filepath.Base(path)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.files["musubi.db"]) == 0 {
		t.Fatalf("no database in %s", dir)
	}
	h.rows = rows(t, filepath.Join(dir, "musubi.db"))
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

// where returns the places in which a text stands, in any case of its letters,
// or as Base64.
func (h haystack) where(text string) []string {
	var places []string
	for _, form := range forms(text) {
		for name, content := range h.files {
			if bytes.Contains(lower(content), lower([]byte(form))) {
				places = append(places, name)
			}
		}
		if bytes.Contains(lower(h.rows), lower([]byte(form))) {
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

// The search finds what there is to find: in a row too long for a page, in a
// write-ahead log, in a file, and in Base64 wherever it begins.
func TestSearchFinds(t *testing.T) {
	secrets := []string{"q8secretinrow", "q8secretinlog", "q8secretinfile", "q8secretinbase64-0", "q8secretinbase64-1", "q8secretinbase64-2"}
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "musubi.db"))
	if err != nil {
		t.Fatal(err)
	}
	statements := []string{"CREATE TABLE a (b TEXT)", "INSERT INTO a VALUES ('" + strings.Repeat("x", 4000) + strings.Repeat(secrets[0]+" ", 1000) + "')"}
	for i := range 5 {
		statements = append(statements, fmt.Sprintf("CREATE TABLE t%d (b TEXT)", i))
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	encoded := ""
	for shift := range 3 {
		encoded += " " + base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("?", shift)+secrets[3+shift]+"?"))
	}
	for file, text := range map[string]string{"musubi.db-wal.old": secrets[1], "answer.json": strings.ToUpper(secrets[2]), "token": encoded} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := stored(t, dir)
	for _, secret := range secrets {
		if len(h.where(secret)) == 0 {
			t.Errorf("%s is not found", secret)
		}
	}
	if places := h.where("q8secretnowhere"); len(places) > 0 {
		t.Errorf("what is nowhere is found in %v", places)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspacetest_test

import (
	"database/sql"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/examples/internal/dataspace/dataspacetest"
)

// The search finds what there is to find: in a row too long for a page, in a
// write-ahead log, in a file, and in Base64 wherever it begins.
func TestSearchFinds(t *testing.T) {
	secrets := []string{"q8secretinrow", "q8secretinlog", "q8secretinfile", "q8secretinbase64-0", "q8secretinbase64-1", "q8secretinbase64-2"}
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, dataspace.Database))
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
	h := dataspacetest.Stored(t, dir)
	for _, secret := range secrets {
		if len(h.Where(secret)) == 0 {
			t.Errorf("%s is not found", secret)
		}
	}
	if places := h.Where("q8secretnowhere"); len(places) > 0 {
		t.Errorf("what is nowhere is found in %v", places)
	}
}

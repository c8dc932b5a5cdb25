// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// exchange is a captured request with its answer.
type exchange struct {
	number, url, method string
	header              http.Header
	body                string // of the request
	status              int
	answer              string
	date                time.Time
}

// captured reads the exchanges of one catalogue request, one negotiation and
// one transfer between two deployed connectors with a deployed wallet.
func captured(t *testing.T) []exchange {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "peers/edc/wire-dcp/*.http"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	list := make([]exchange, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list[i] = parseExchange(t, filepath.Base(file), text)
	}
	return list
}

func parseExchange(t *testing.T, name string, text []byte) exchange {
	t.Helper()
	sent, answered, found := bytes.Cut(text, []byte("\nHTTP/1.1 "))
	if !found {
		t.Fatalf("%s has no answer", name)
	}
	request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	body, _ := io.ReadAll(request.Body)
	response, err := http.ReadResponse(bufio.NewReader(io.MultiReader(strings.NewReader("HTTP/1.1 "), bytes.NewReader(answered))), request)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return exchange{
		number: name[:3], url: "http://" + request.Host + request.URL.RequestURI(), method: request.Method,
		header: request.Header, body: string(body), status: response.StatusCode, answer: string(answer), date: date,
	}
}

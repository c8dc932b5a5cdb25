// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/musubi-ods/musubi/internal/testkit"
)

// capture is one recorded exchange between two connectors of Eclipse EDC.
type capture struct {
	name     string
	path     string
	status   int
	request  []byte
	response []byte
}

func captures(t testing.TB) []capture {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "peers", "edc", "wire", "*.http"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 29 {
		t.Fatalf("found %d exchanges, want 29", len(files))
	}
	list := make([]capture, len(files))
	for i, file := range files {
		list[i] = readCapture(t, file)
	}
	return list
}

func readCapture(t testing.TB, file string) capture {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.TrimLeft(text, "\r\n")
	request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	_, answer, found := bytes.Cut(text, []byte("\nHTTP/1.1 "))
	if !found {
		t.Fatalf("%s holds no answer", file)
	}
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(append([]byte("HTTP/1.1 "), answer...))), request)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return capture{filepath.Base(file), request.URL.Path, response.StatusCode, readBody(t, request.Body), readBody(t, response.Body)}
}

func readBody(t testing.TB, body io.ReadCloser) []byte {
	t.Helper()
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b)
}

// requestType is the type that an endpoint takes.
func requestType(path string) Type {
	for _, e := range []struct {
		suffix string
		typ    Type
	}{
		{"/catalog/request", TypeCatalogRequest},
		{"/negotiations/request", TypeContractRequest},
		{"/agreement", TypeContractAgreement},
		{"/agreement/verification", TypeContractVerification},
		{"/events", TypeContractEvent},
		{"/transfers/request", TypeTransferRequest},
		{"/start", TypeTransferStart},
		{"/suspension", TypeTransferSuspension},
	} {
		if strings.HasSuffix(path, e.suffix) {
			return e.typ
		}
	}
	if strings.Contains(path, "/negotiations/") {
		return TypeContractTermination
	}
	return TypeTransferTermination
}

// answerTypes are what an endpoint may answer.
func answerTypes(path string) []Type {
	switch {
	case strings.Contains(path, "/catalog/"):
		return []Type{TypeCatalog, TypeDataset, TypeCatalogError}
	case strings.Contains(path, "/negotiations/"):
		return []Type{TypeContractNegotiation, TypeContractError}
	default:
		return []Type{TypeTransferProcess, TypeTransferError}
	}
}

// TestCapturesAreRead reads both bodies of every recorded exchange, and reads
// them again as JSON-LD: both readings agree.
func TestCapturesAreRead(t *testing.T) {
	bodies := 0
	counts := map[Exception]int{}
	for _, c := range captures(t) {
		t.Run(c.name, func(t *testing.T) {
			read := func(body []byte, accept ...Type) {
				if len(body) == 0 {
					return
				}
				bodies++
				d, err := Decode(body, accept...)
				if err != nil {
					t.Fatalf("%v\n%s", err, body)
				}
				if d.Expanded {
					t.Error("not read as plain JSON")
				}
				for _, e := range d.Exceptions {
					counts[e]++
				}
				if d.Message.MessageType() != TypeCatalogRequest { // JSON-LD has no place for EDC's empty filterExpression
					sameAsExpanded(t, body, d, accept)
				}
			}
			if len(c.request) == 0 && !strings.Contains(c.path, "/datasets/") {
				t.Fatal("no request body")
			}
			read(c.request, requestType(c.path))
			read(c.response, answerTypes(c.path)...)
			if c.status >= 400 && len(c.response) == 0 {
				t.Error("an error without a body")
			}
		})
	}
	t.Logf("%d bodies read; exceptions used: %v", bodies, counts)
	if bodies != 28+12 {
		t.Errorf("read %d bodies, want those of 28 requests and 12 answers", bodies)
	}
	if counts[ExceptionNoRules] == 0 || counts[ExceptionThinAnswer] == 0 {
		t.Errorf("the recorded offers without rules and errors without pids did not show: %v", counts)
	}
}

// sameAsExpanded compares a plain reading with that by expansion.
func sameAsExpanded(t *testing.T, body []byte, plain Decoded, accept []Type) {
	t.Helper()
	doc, failed := scan(body)
	if failed != nil {
		t.Fatal(failed)
	}
	listed, failed := readContexts(&doc)
	if failed != nil {
		t.Fatal(failed)
	}
	expanded, failed := listed.readExpanded(&doc, accept)
	if failed != nil {
		t.Fatalf("by expansion: %v\n%s", failed, body)
	}
	if diff := cmp.Diff(plain.Message, expanded.Message); diff != "" {
		t.Errorf("(-plain +expanded)\n%s", diff)
	}
}

func TestCapturedDetails(t *testing.T) {
	list := captures(t)
	start, err := DecodeAs[*TransferStart](list[6].request)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := start.DataAddress.Property(PropertyEndpoint); !ok || got != "http://127.0.0.1:28185/public" {
		t.Errorf("endpoint property %q %v", got, ok)
	}
	if _, ok := start.DataAddress.Property(PropertyAuthorization); !ok {
		t.Error("no authorization property")
	}
	request, err := DecodeAs[*ContractRequest](list[10].request)
	if err != nil {
		t.Fatal(err)
	}
	and := request.Offer.Permission[0].Constraint[0].And
	if len(and) != 2 || and[0].LeftOperand != EDCNamespace+"inForceDate" {
		t.Errorf("constraints %+v", and)
	}
	catalog, err := DecodeAs[*Catalog](list[0].response)
	if err != nil {
		t.Fatal(err)
	}
	if name, _ := catalog.Dataset[0].Extra.Text("edc:name"); name != "asset one" {
		t.Errorf("metadata %v", catalog.Dataset[0].Extra)
	}
}

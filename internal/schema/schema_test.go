// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/musubi-ods/musubi/docs/credentials"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/testkit"
)

const address = "https://issuer.example/membership.json"

var start = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

// server is what is at an address.
type server struct {
	mu     sync.Mutex
	status int
	body   string
	err    error
	asked  []*http.Request
	now    time.Time
}

func (s *server) Do(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, req)
	if s.err != nil {
		return nil, s.err
	}
	rec := httptest.NewRecorder()
	rec.WriteHeader(s.status)
	_, _ = rec.WriteString(s.body)
	return rec.Result(), nil
}

func serve(body string) *server { return &server{status: http.StatusOK, body: body, now: start} }

func (s *server) fetcher(t testing.TB, cfg Config) *Fetcher {
	t.Helper()
	cfg.HTTP, cfg.Now = s, func() time.Time { return s.now }
	f, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (s *server) validate(t testing.TB, document string) error {
	t.Helper()
	return s.fetcher(t, Config{}).Validate(t.Context(), address, "JsonSchema", json.RawMessage(document))
}

func want(t testing.TB, err error, verdict error) {
	t.Helper()
	if !errors.Is(err, verdict) || errors.Is(err, ErrUnavailable) != errors.Is(verdict, ErrUnavailable) {
		t.Errorf("got %v, want %v", err, verdict)
	}
}

const membership = `{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://issuer.example/membership.json",
"type":"object","required":["role"],"properties":{"role":{"$ref":"#/$defs/role"},"secret":{"const":"hush"}},"$defs":{"role":{"enum":["provider","consumer"]}}}`

func TestValidate(t *testing.T) {
	for document, verdict := range map[string]error{
		`{"role":"provider"}`:                     nil,
		`{"role":"provider","more":[1,2.5e3,{}]}`: nil,
		`{"role":"pirate"}`:                       ErrMismatch,
		`{}`:                                      ErrMismatch,
		`[]`:                                      ErrMismatch,
		`{"role":"provider","secret":"x"}`:        ErrMismatch,
		``:                                        ErrDocument,
		`{`:                                       ErrDocument,
		`{} {}`:                                   ErrDocument,
		`{"role":1e999999999}`:                    ErrDocument,
		`{"role":1e-400}`:                         ErrDocument,
		`{"role":` + strings.Repeat("9", 65) + `}`:        ErrDocument,
		strings.Repeat("[", 70) + strings.Repeat("]", 70): ErrDocument,
		strings.Repeat(" ", maxDocument+1):                ErrDocument,
	} {
		err := serve(membership).validate(t, document)
		if verdict == nil && err != nil || verdict != nil && !errors.Is(err, verdict) {
			t.Errorf("%.60s: got %v, want %v", document, err, verdict)
		}
		if err != nil && (strings.Contains(err.Error(), "pirate") || strings.Contains(err.Error(), "hush")) {
			t.Errorf("a value in %v", err)
		}
	}
	err := serve(membership).validate(t, `{"role":"pirate"}`)
	if err == nil || !strings.Contains(err.Error(), `"/role" (enum)`) {
		t.Errorf("the place is not named: %v", err)
	}
}

func TestDeclaredTypes(t *testing.T) {
	s := serve(membership)
	f := s.fetcher(t, Config{})
	for declared, verdict := range map[string]error{
		"JsonSchema": nil, "JsonSchemaValidator2018": nil,
		"": ErrType, "jsonschema": ErrType, "JsonSchemaCredential": ErrType, "ShExValidator2020": ErrType,
	} {
		if err := f.Validate(t.Context(), address, declared, json.RawMessage(`{"role":"provider"}`)); !errors.Is(err, verdict) {
			t.Errorf("%q: %v", declared, err)
		}
	}
	if len(s.asked) != 1 {
		t.Errorf("asked %d times", len(s.asked))
	}
	for _, url := range []string{"", "https://issuer.example/\x7f", strings.Repeat("a", maxURL+1)} {
		want(t, f.Validate(t.Context(), url, "JsonSchema", json.RawMessage(`{}`)), ErrURL)
	}
}

func TestDrafts(t *testing.T) {
	for draft, bounds := range map[string]string{
		"http://json-schema.org/draft-04/schema#":      `"minimum":3,"exclusiveMinimum":true`,
		"http://json-schema.org/draft-06/schema#":      `"exclusiveMinimum":3`,
		"http://json-schema.org/draft-07/schema#":      `"exclusiveMinimum":3`,
		"https://json-schema.org/draft-07/schema":      `"exclusiveMinimum":3`,
		"https://json-schema.org/draft/2019-09/schema": `"exclusiveMinimum":3`,
		"https://json-schema.org/draft/2020-12/schema": `"exclusiveMinimum":3`,
	} {
		s := serve(fmt.Sprintf(`{"$schema":%q,"properties":{"level":{"type":"integer",%s}}}`, draft, bounds))
		if err := s.validate(t, `{"level":4}`); err != nil {
			t.Errorf("%s: %v", draft, err)
		}
		want(t, s.validate(t, `{"level":3}`), ErrMismatch)
	}
}

// TestUnusable: schemas that are refused before a document is looked at.
func TestUnusable(t *testing.T) {
	deep := strings.Repeat(`{"not":`, 70) + "true" + strings.Repeat("}", 70)
	many := `{"allOf":[` + strings.Repeat(`{"type":"object"},`, maxNodes) + `true]}`
	for schema, verdict := range map[string]error{
		`{`:                  ErrSchema,
		`"text"`:             ErrSchema,
		`[]`:                 ErrSchema,
		`{} true`:            ErrSchema,
		`{"type":"unknown"}`: ErrSchema,
		`{"pattern":"("}`:    ErrSchema,
		`{"$schema":"https://issuer.example/meta"}`: ErrSchema,
		`{"$schema":7}`: ErrSchema,
		`{"$schema":"http://json-schema.org/draft-03/schema#"}`: ErrSchema,
		`{"minimum":1e999999999}`:                               ErrSchema,
		deep:                                                    ErrSchema,
		strings.Repeat(" ", maxSchema+1):                        ErrSchema,
		many:                                                    ErrCost,
		`{"pattern":"` + strings.Repeat("a", maxPattern+1) + `"}`:    ErrCost,
		`{"$ref":"https://other.example/schema.json"}`:               ErrRemote,
		`{"$ref":"other.json#/x"}`:                                   ErrRemote,
		`{"$ref":"file:///etc/passwd"}`:                              ErrRemote,
		`{"$ref":"http://json-schema.org/draft-07/schema#"}`:         ErrRemote,
		`{"properties":{"a":{"items":{"$ref":"//evil.example/a"}}}}`: ErrRemote,
		`{"$dynamicRef":"https://other.example/x#meta"}`:             ErrRemote,
		`{"$recursiveRef":"https://other.example/x"}`:                ErrRemote,
		`{"$ref":"#/absent"}`:                                        ErrSchema,
		`{"$ref":"#absent"}`:                                         ErrSchema,
		`{"$ref":"#/%zz"}`:                                           ErrSchema,
		`{"$ref":"#"}`:                                               ErrCost,
		`{"$recursiveRef":"#"}`:                                      ErrCost,
		`{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/%24defs/a"}},"$ref":"#/$defs/a"}`:                                                                       ErrCost,
		`{"$defs":{"a":{"$anchor":"a","items":{"$ref":"#a"}}},"$ref":"#a"}`:                                                                                        ErrCost,
		`{"$defs":{"a":{"$anchor":"a"},"b":{"$anchor":"a"}}}`:                                                                                                      ErrSchema,
		`{"$defs":{"a":{"$id":"https://other.example/a"}},"$ref":"#/$defs/a"}`:                                                                                     ErrSchema,
		`{"$schema":"http://json-schema.org/draft-04/schema#","definitions":{"a":{"id":"https://other.example/a"}},"properties":{"b":{"$ref":"#/definitions/a"}}}`: ErrSchema,
	} {
		s := serve(schema)
		err := s.validate(t, `{}`)
		want(t, err, verdict)
		if len(s.asked) != 1 {
			t.Errorf("%.80s: asked %d times: %v", schema, len(s.asked), err)
		}
	}
}

// TestLocalReferences: all that stays inside is followed.
func TestLocalReferences(t *testing.T) {
	for _, schema := range []string{
		`{"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"number"}}}`,
		`{"properties":{"a":{"$ref":"` + address + `#/$defs/n"}},"$defs":{"n":{"type":"number"}}}`,
		`{"$id":"https://elsewhere.example/x","properties":{"a":{"$ref":"https://elsewhere.example/x#/$defs/n"}},"$defs":{"n":{"type":"number"}}}`,
		`{"properties":{"a":{"$ref":"#n"}},"$defs":{"x":{"$anchor":"n","type":"number"}}}`,
		`{"properties":{"a":{"$dynamicRef":"#n"}},"$defs":{"x":{"$dynamicAnchor":"n","type":"number"}}}`,
		`{"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":{"$ref":"#n"}},"definitions":{"x":{"id":"#n","type":"number"}}}`,
		`{"properties":{"a":{"$id":"an-address-of-its-own","type":"number"}}}`,
		`{"properties":{"a":{"$ref":"#/$defs/l/anyOf/0"}},"$defs":{"l":{"anyOf":[{"type":"number"}]}}}`,
		`{"properties":{"a":{"$ref":"#/$defs/a~1b~0c"},"$ref":{"type":"string"}},"$defs":{"a/b~c":{"type":"number"}}}`,
	} {
		s := serve(schema)
		if err := s.validate(t, `{"a":1}`); err != nil {
			t.Errorf("%s: %v", schema, err)
		}
		want(t, s.validate(t, `{"a":"x"}`), ErrMismatch)
	}
}

// TestCost: schemas that would keep the machine busy for years, and expressions
// that would do so in engines that backtrack, end at once.
func TestCost(t *testing.T) {
	var defs []string
	for i := range 40 { // each doubles the work of the next
		defs = append(defs, fmt.Sprintf(`"a%d":{"not":{"oneOf":[{"$ref":"#/$defs/a%d"},{"$ref":"#/$defs/a%d"}]}}`, i, i+1, i+1))
	}
	doubling := `{"$defs":{` + strings.Join(defs, ",") + `,"a40":{"type":"null"}},"$ref":"#/$defs/a0"}`
	late, begun := testkit.NewLateness(t), time.Now()
	want(t, serve(doubling).validate(t, `{}`), ErrCost)
	patterns := `{"items":{"allOf":[` + strings.TrimSuffix(strings.Repeat(`{"pattern":"([a-z]{1,20}[0-9]{1,20}){1,20}$"},`, 200), ",") + `]}}`
	long, err := json.Marshal([]string{strings.Repeat("a", 200_000)})
	if err != nil {
		t.Fatal(err)
	}
	want(t, serve(patterns).validate(t, string(long)), ErrCost)
	evil, err := json.Marshal(strings.Repeat("a", 50_000) + "!")
	if err != nil {
		t.Fatal(err)
	}
	want(t, serve(`{"pattern":"^(a+)+$"}`).validate(t, string(evil)), ErrMismatch)
	want(t, serve(`{"properties":{"a":`+membership+`}}`).validate(t, `{"a":1}`), ErrSchema) // an address inside, and references
	now := time.Now()
	if took := now.Sub(begun) - late.Between(begun, now); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestCache(t *testing.T) {
	s := serve(membership)
	f := s.fetcher(t, Config{Max: 2})
	ask := func(url string, verdict error, asked int) {
		t.Helper()
		if err := f.Validate(t.Context(), url, "JsonSchema", json.RawMessage(`{"role":"provider"}`)); !errors.Is(err, verdict) || (err == nil) != (verdict == nil) {
			t.Errorf("got %v, want %v", err, verdict)
		}
		if len(s.asked) != asked {
			t.Errorf("asked %d times, want %d", len(s.asked), asked)
		}
	}
	ask(address, nil, 1)
	s.now = start.Add(defaultTTL - 1)
	ask(address, nil, 1)
	s.now = start.Add(defaultTTL)
	ask(address, nil, 2)
	s.now = start.Add(2 * defaultTTL)
	s.err = errors.New("refused") // what is too old is not believed, and this is no verdict
	ask(address, ErrUnavailable, 3)
	ask(address, ErrUnavailable, 4)
	s.err, s.status = nil, http.StatusNotFound
	ask(address, ErrNotFound, 5)
	ask(address, ErrNotFound, 5)
	s.now = s.now.Add(verdictAge)
	s.status = http.StatusOK
	ask(address, nil, 6)
	for i := range 5 {
		s.body = strings.ReplaceAll(membership, "membership.json", fmt.Sprint(i))
		ask(fmt.Sprint("https://issuer.example/", i), nil, 7+i)
	}
	ask("https://issuer.example/4", nil, 11)
	ask("https://issuer.example/3", nil, 11)
	s.body = strings.ReplaceAll(membership, "membership.json", "2")
	ask("https://issuer.example/2", nil, 12) // only two are kept
}

func TestAnswers(t *testing.T) {
	for status, verdict := range map[int]error{
		200: nil, 204: ErrNotFound, 301: ErrURL, 307: ErrURL, 401: ErrNotFound, 404: ErrNotFound, 410: ErrNotFound,
		408: ErrUnavailable, 425: ErrUnavailable, 429: ErrUnavailable, 500: ErrUnavailable, 503: ErrUnavailable,
	} {
		s := serve(membership)
		s.status = status
		if err := s.validate(t, `{"role":"provider"}`); !errors.Is(err, verdict) {
			t.Errorf("%d: %v", status, err)
		}
	}
	for _, refused := range []error{safehttp.ErrForbiddenAddress, safehttp.ErrScheme, safehttp.ErrRedirect, safehttp.ErrTooLarge} {
		s := serve("")
		s.err = fmt.Errorf("x: %w", refused)
		want(t, s.validate(t, `{}`), ErrURL)
	}
	s := serve("")
	s.err = safehttp.ErrOpen
	want(t, s.validate(t, `{}`), ErrUnavailable)
	f, err := New(Config{HTTP: cutOff{}, Now: func() time.Time { return start }})
	if err != nil {
		t.Fatal(err)
	}
	want(t, f.Validate(t.Context(), address, "JsonSchema", json.RawMessage(`{}`)), ErrUnavailable)
}

// cutOff answers with a body that breaks off.
type cutOff struct{}

func (cutOff) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))}, nil
}

// TestForbiddenAddress goes through the real client.
func TestForbiddenAddress(t *testing.T) {
	var dialled []string
	clients, err := safehttp.New(safehttp.Config{Control: func(_, a string) { dialled = append(dialled, a) }})
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{HTTP: clients.Foreign, Now: func() time.Time { return start }})
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"https://10.0.0.1/s.json", "https://localhost/s.json", "http://issuer.example/s.json", "file:///etc/passwd", "s.json"} {
		want(t, f.Validate(t.Context(), url, "JsonSchema", json.RawMessage(`{}`)), ErrURL)
	}
	if len(dialled) > 0 {
		t.Errorf("dialled %v", dialled)
	}
}

// slow answers when it is told to.
type slow struct {
	mu      sync.Mutex
	asked   int
	release chan struct{}
}

func (s *slow) Do(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	select {
	case <-s.release:
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(membership))}, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func TestSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{release: make(chan struct{})}
		f, err := New(Config{HTTP: s, Now: func() time.Time { return start }})
		if err != nil {
			t.Fatal(err)
		}
		document := json.RawMessage(`{"role":"provider"}`)
		first, giveUp := context.WithCancel(t.Context())
		impatient, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { want(t, f.Validate(first, address, "JsonSchema", document), ErrUnavailable) })
		synctest.Wait()
		for range 20 {
			wg.Go(func() {
				if err := f.Validate(t.Context(), address, "JsonSchema", document); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Go(func() { want(t, f.Validate(impatient, address, "JsonSchema", document), ErrUnavailable) })
		synctest.Wait()
		leave()
		giveUp()
		synctest.Wait()
		close(s.release)
		wg.Wait()
		if s.asked != 2 {
			t.Errorf("asked %d times", s.asked)
		}
		stuck := &slow{}
		if f, err = New(Config{HTTP: stuck, Now: func() time.Time { return start }}); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		want(t, f.Validate(t.Context(), address, "JsonSchema", document), ErrUnavailable)
		if waited := time.Since(begun); waited != fetchTimeout {
			t.Errorf("waited %v", waited)
		}
	})
}

// TestEmbedded: the schemas of our own credential types are within the limits
// and never fetched.
func TestEmbedded(t *testing.T) {
	embedded := make(map[string][]byte)
	names, err := fs.Glob(credentials.Files, "*.schema.json")
	if err != nil || len(names) < 3 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if embedded["https://dataspace.example/"+name], err = credentials.Files.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	s := serve("")
	f := s.fetcher(t, Config{Embedded: embedded})
	for url := range embedded {
		want(t, f.Validate(t.Context(), url, "JsonSchema", json.RawMessage(`{}`)), ErrMismatch)
		t.Logf("%s: weight %+v", url, f.embedded[url].weight)
	}
	if len(s.asked) != 0 {
		t.Errorf("asked %d times", len(s.asked))
	}
	if _, err := New(Config{Embedded: map[string][]byte{address: []byte(`{"type":"unknown"}`)}}); !errors.Is(err, ErrSchema) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkValidateWarm(b *testing.B) {
	f := serve(membership).fetcher(b, Config{})
	document := json.RawMessage(`{"id":"did:web:a.example","role":"provider","membershipNumber":"M-1","dataspace":"https://dataspace.example/"}`)
	for b.Loop() {
		if err := f.Validate(b.Context(), address, "JsonSchema", document); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzValidate(f *testing.F) {
	f.Add(membership, `{"role":"provider"}`)
	f.Add(`{"$schema":"http://json-schema.org/draft-04/schema#","id":"#x","properties":{"a":{"$ref":"#x"}}}`, `{"a":{}}`)
	f.Add(`{"patternProperties":{"^a":{"$ref":"#/$defs/b"}},"$defs":{"b":{"multipleOf":0.1}}}`, `{"a":1e300}`)
	f.Add(`{"$dynamicAnchor":"a","not":{"$dynamicRef":"#a"}}`, `[]`)
	f.Fuzz(func(t *testing.T, schema, document string) {
		err := serve(schema).validate(t, document)
		if _, verdict := errors.AsType[*Error](err); err != nil && !verdict {
			t.Fatalf("%q on %q: %v", schema, document, err)
		}
	})
}

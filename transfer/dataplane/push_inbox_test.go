// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/dataplane/dataplanetest"
)

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func fieldOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// letterbox is an inbox of two transfers, to which a test sends.
type letterbox struct {
	*testing.T
	inbox   *dataplane.Inbox
	carrier *dataplane.Carrier
	shelf   *dataplanetest.Shelf
	jobs    *forgetful
	moves   movements
	fails   int // so often what was moved cannot be counted
	url     string
	token   map[string]string // by transfer
	ids     int

	maxBodies, maxTotal int64

	mu      sync.Mutex
	verdict error
	runs    int // suspended after so many looks; 0: it is as verdict says
	changed chan struct{}

	meanwhile func() // what happens while the next look is taken
}

func newLetterbox(t *testing.T) *letterbox {
	t.Helper()
	l := &letterbox{T: t, token: map[string]string{}, changed: make(chan struct{}), shelf: dataplanetest.NewShelf(1 << 20), jobs: &forgetful{JobStore: memory.New()}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.inbox.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	l.url = server.URL + "/maker/data/one/inbox"
	l.opens()
	for _, id := range []string{"one", "two"} {
		s, err := l.inbox.Prepare(t.Context(), transfer.Flow{Context: "maker", Process: id, MessageID: "m"})
		if err != nil || s.State != transfer.FlowPrepared {
			t.Fatal(s, err)
		}
		l.token[id] = s.DataAddress.Get("authorization")
		if at := s.DataAddress.Endpoint; at != strings.Replace(l.url, "one", id, 1) {
			t.Fatal(at)
		}
	}
	return l
}

// opens begins a process: whatever one before it had in memory is lost.
func (l *letterbox) opens(with ...func(*dataplane.InboxConfig)) {
	carrier := dataplane.NewCarrier(dataplane.CarrierConfig{Jobs: l.jobs, Alone: true, Watch: l.watch, Timer: wallTimer, Now: time.Now})
	l.carrier = carrier
	l.Cleanup(carrier.Close)
	base := strings.TrimSuffix(l.url, "/maker/data/one/inbox")
	cfg := dataplane.InboxConfig{
		Jobs: l.jobs, Drafts: l.shelf, Carrier: carrier, Watch: l.watch, Timer: wallTimer, Now: time.Now, Rand: rand.Reader,
		Receiving: l.receiving, Evidence: &l.moves, MaxBodies: l.maxBodies, MaxTotal: l.maxTotal,
		PublicURL: func(_ context.Context, c string) (string, error) { return base + "/" + c, nil },
		NewID:     func() string { l.mu.Lock(); defer l.mu.Unlock(); l.ids++; return "id-" + strconv.Itoa(l.ids) },
	}
	for _, f := range with {
		f(&cfg)
	}
	l.inbox = dataplane.NewInbox(cfg)
}

// kept fails unless these bodies are, and no others.
func (l *letterbox) kept(bodies ...string) {
	l.Helper()
	got, want := l.shelf.Bodies(""), make([]string, len(bodies))
	for i, body := range bodies {
		want[i] = sumOf([]byte(body))
	}
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		l.Errorf("kept %v, want %v", got, want)
	}
}

// awaits waits until so much of the first draft has come.
func (l *letterbox) awaits(size int) {
	tick, late := time.NewTicker(time.Millisecond), time.NewTimer(20*time.Second)
	defer tick.Stop()
	defer late.Stop()
	for l.shelf.Come("id-1") < size {
		select {
		case <-tick.C:
		case <-late.C:
			l.Errorf("%d bytes have come", l.shelf.Come("id-1"))
			return
		}
	}
}

func (l *letterbox) watch(string, string) (<-chan struct{}, func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed, func() {}
}

func (l *letterbox) receiving(context.Context, string, string) error {
	l.mu.Lock()
	happens := l.meanwhile
	l.meanwhile = nil
	l.mu.Unlock()
	if happens != nil {
		happens()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.runs == 0 {
		return l.verdict
	}
	if l.runs--; l.runs == 0 {
		l.verdict = transfer.ErrSuspended
	}
	return nil
}

// now makes the transfer be as err says.
func (l *letterbox) now(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.verdict = err
	close(l.changed)
	l.changed = make(chan struct{})
}

// letter is a request.
type letter struct {
	method, token string
	header        map[string]string
	trailer       map[string]string
	body          io.Reader
}

// send returns the status, the code of a refusal, and the header.
func (l *letterbox) send(m letter) (int, string, http.Header) {
	l.Helper()
	body := m.body
	if body == nil {
		body = http.NoBody
	}
	req, err := http.NewRequestWithContext(l.Context(), m.method, l.url, body)
	if err != nil {
		l.Fatal(err)
	}
	if m.token == "" {
		m.token = l.token["one"]
	}
	if m.token != "-" {
		req.Header.Set("Authorization", "Bearer "+m.token)
	}
	for name, value := range m.header {
		req.Header.Set(name, value)
	}
	if len(m.trailer) > 0 {
		req.ContentLength, req.Trailer = -1, http.Header{}
		for name, value := range m.trailer {
			req.Trailer.Set(name, value)
		}
	}
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	resp, err := tr.RoundTrip(req)
	if err != nil {
		l.Fatal(err)
	}
	defer resp.Body.Close()
	var said struct{ Code string }
	_ = json.NewDecoder(resp.Body).Decode(&said) // of a success there is none
	return resp.StatusCode, said.Code, resp.Header
}

func at(offset int) map[string]string {
	return map[string]string{"Upload-Offset": strconv.Itoa(offset), "Upload-Complete": "?1"}
}

// chunks is a reader of which nobody knows the length.
func chunks(data []byte) io.Reader { return struct{ io.Reader }{bytes.NewReader(data)} }

// TestInboxRefuses: each is refused by its own code, and nothing is kept.
func TestInboxRefuses(t *testing.T) {
	data := []byte("部品表")
	whole := func() io.Reader { return chunks(data) }
	for code, c := range map[string]struct {
		status int
		now    error
		letter letter
	}{
		"token-missing":           {401, nil, letter{method: "POST", token: "-", body: whole()}},
		"token-invalid":           {401, nil, letter{method: "POST", token: "guess", body: whole()}},
		"transfer-not-started":    {503, transfer.ErrNotStarted, letter{method: "POST", body: whole()}},
		"transfer-suspended":      {403, transfer.ErrSuspended, letter{method: "POST", body: whole()}},
		"transfer-ended":          {403, transfer.ErrEnded, letter{method: "POST", body: whole()}},
		"agreement-ended":         {403, transfer.ErrAgreementEnded, letter{method: "POST", body: whole()}},
		"method-not-allowed":      {405, nil, letter{method: "DELETE"}},
		"upload-offset-invalid":   {400, nil, letter{method: "PATCH", body: whole()}},
		"upload-offset":           {409, nil, letter{method: "PATCH", header: at(3), body: whole()}},
		"data-too-large":          {413, nil, letter{method: "POST", body: bytes.NewReader(make([]byte, 1<<20+1))}},
		"digest-mismatch":         {422, nil, letter{method: "POST", header: map[string]string{"Content-Digest": fieldOf(nil)}, body: whole()}},
		"idempotency-key-invalid": {400, nil, letter{method: "POST", header: map[string]string{"Idempotency-Key": strings.Repeat("x", 300)}, body: whole()}},
	} {
		t.Run(code, func(t *testing.T) {
			l := newLetterbox(t)
			l.now(c.now)
			if status, got, _ := l.send(c.letter); status != c.status || got != code {
				t.Errorf("%d %s, want %d", status, got, c.status)
			}
			l.kept()
		})
	}
	for name, l := range map[string]letter{
		"token of another transfer":   {method: "POST"},
		"a trailer that is wrong":     {method: "PATCH", header: at(0), trailer: map[string]string{"Content-Digest": fieldOf(nil)}},
		"the whole's, that is wrong":  {method: "PATCH", header: at(0), trailer: map[string]string{"Repr-Digest": fieldOf(nil)}},
		"too large by what it says":   {method: "PATCH", header: map[string]string{"Upload-Offset": "0", "Upload-Length": "2000000"}},
		"too large without saying it": {method: "PATCH", header: at(0)},
	} {
		t.Run(name, func(t *testing.T) {
			b := newLetterbox(t)
			l.body = chunks(data)
			want := http.StatusUnprocessableEntity
			switch {
			case name == "token of another transfer":
				l.token, want = b.token["two"], http.StatusUnauthorized
			case strings.HasPrefix(name, "too large"):
				want = http.StatusRequestEntityTooLarge
				if l.header["Upload-Length"] == "" {
					l.body = chunks(make([]byte, 1<<20+1))
				}
			}
			if status, code, _ := b.send(l); status != want {
				t.Errorf("%d %s, want %d", status, code, want)
			}
			b.kept()
		})
	}
}

// TestInboxGoesOn: a body that ended early goes on where it did, and is kept
// once it is whole and what it is said to be.
func TestInboxGoesOn(t *testing.T) {
	l := newLetterbox(t)
	data := bytes.Repeat([]byte("0123456789"), 30_000)
	half := letter{method: "PATCH", header: map[string]string{"Upload-Offset": "0", "Upload-Complete": "?0", "Upload-Length": "300000"}, body: chunks(data[:100_000])}
	if status, code, h := l.send(half); status != 201 || h.Get("Upload-Offset") != "100000" || h.Get("Upload-Complete") != "?0" {
		t.Fatal(status, code, h)
	}
	if status, code, _ := l.send(letter{method: "PATCH", header: at(99_999), body: chunks(data[99_999:])}); status != 409 || code != "upload-offset" {
		t.Error(status, code)
	}
	if status, _, h := l.send(letter{method: "HEAD"}); status != 204 || h.Get("Upload-Offset") != "100000" || h.Get("Upload-Complete") != "?0" {
		t.Error(status, h)
	}
	rest := letter{method: "PATCH", header: at(100_000), body: chunks(data[100_000:]), trailer: map[string]string{
		"Content-Digest": fieldOf(data[100_000:]), "Repr-Digest": fieldOf(data),
	}}
	if status, code, h := l.send(rest); status != 201 || h.Get("Upload-Complete") != "?1" || h.Get("Repr-Digest") != fieldOf(data) {
		t.Fatal(status, code, h)
	}
	l.kept(string(data))
	rest.body = chunks(data[100_000:])
	if status, _, h := l.send(rest); status != 201 || h.Get("Upload-Offset") != "300000" {
		t.Errorf("the last one again: %d %v", status, h)
	}
	l.kept(string(data))
}

// TestInboxOfWhatIsAllThere: what came whole before a crash, and was not said to
// be so, is kept once it is.
func TestInboxOfWhatIsAllThere(t *testing.T) {
	l := newLetterbox(t)
	data := []byte("all of it")
	l.send(letter{method: "PATCH", header: map[string]string{"Upload-Offset": "0", "Upload-Complete": "?0"}, body: bytes.NewReader(data)})
	end := letter{method: "PATCH", header: at(len(data)), body: chunks(nil), trailer: map[string]string{"Content-Digest": fieldOf(nil), "Repr-Digest": fieldOf(data)}}
	if status, code, _ := l.send(end); status != 201 {
		t.Errorf("%d %s", status, code)
	}
	l.kept(string(data))
}

// TestInboxTakesEachBodyOnce: under the same key it is the same body.
func TestInboxTakesEachBodyOnce(t *testing.T) {
	l := newLetterbox(t)
	for i, c := range []struct {
		key  string
		kept int
	}{{`"a"`, 1}, {`"a"`, 1}, {`"b"`, 2}, {"", 3}, {"", 4}} {
		m := letter{method: "PUT", header: map[string]string{"Content-Digest": fieldOf([]byte("x"))}, body: strings.NewReader("x")}
		if c.key != "" {
			m.header["Idempotency-Key"] = c.key
		}
		if status, code, _ := l.send(m); status != 201 || len(l.shelf.Bodies("one")) != c.kept {
			t.Errorf("%d: %d %s, kept %v", i, status, code, l.shelf.Bodies("one"))
		}
	}
}

// TestInboxKnowsEarlierKeys: a sender that repeats a body under its key, after it
// sent others, has it kept once, though a part of yet another one waits and the
// process is another one. How many are known is bounded.
func TestInboxKnowsEarlierKeys(t *testing.T) {
	l := newLetterbox(t)
	post := func(n int) {
		t.Helper()
		body := "body " + strconv.Itoa(n)
		m := letter{method: http.MethodPost, header: map[string]string{"Idempotency-Key": strconv.Itoa(n)}, body: strings.NewReader(body)}
		if status, code, _ := l.send(m); status != 201 {
			t.Fatalf("%d: %d %s", n, status, code)
		}
	}
	count := func(want int) {
		t.Helper()
		if got := len(l.shelf.Bodies("one")); got != want || len(l.moves.whole()) != want {
			t.Errorf("%d are kept, %d are counted, want %d", got, len(l.moves.whole()), want)
		}
	}
	for n := range 65 {
		post(n)
	}
	count(65)
	l.opens()
	for n := 1; n < 65; n++ {
		post(n)
	}
	count(65)
	short := letter{method: http.MethodPost, header: map[string]string{"Idempotency-Key": "66", "Content-Digest": fieldOf(nil)}, body: strings.NewReader("x")}
	if status, code, _ := l.send(short); status != 422 {
		t.Error(status, code)
	}
	post(64)
	post(63)
	count(65)
	status, code, h := l.send(letter{method: http.MethodPost, header: map[string]string{"Idempotency-Key": "2"}, body: strings.NewReader("body 2")})
	if status != 201 || h.Get("Upload-Offset")+h.Get("Repr-Digest") != "" {
		t.Errorf("an earlier body is described as the last one: %d %s %v", status, code, h)
	}
	post(0) // forgotten
	count(66)
}

// TestInboxCut: a body is cut when the transfer is suspended, however slow its
// sender, and goes on behind what had come.
func TestInboxCut(t *testing.T) {
	l := newLetterbox(t)
	r, w := io.Pipe()
	answered := make(chan string, 1)
	go func() {
		status, code, _ := l.send(letter{method: "PATCH", header: at(0), body: r})
		answered <- strconv.Itoa(status) + " " + code
	}()
	if _, err := w.Write(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	l.awaits(1000)
	l.now(transfer.ErrSuspended)
	select {
	case got := <-answered:
		if got != "403 transfer-suspended" {
			t.Error(got)
		}
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
	_ = w.Close()
	l.now(nil)
	if status, _, h := l.send(letter{method: "HEAD"}); status != 204 || h.Get("Upload-Offset") != "1000" {
		t.Error(status, h)
	}
	if status, code, _ := l.send(letter{method: "PATCH", header: at(1000), body: strings.NewReader("end")}); status != 201 {
		t.Error(status, code)
	}
	l.kept(string(make([]byte, 1000)) + "end")
}

// TestInboxOvertaken: who goes on with a body ends the request before, of which
// nobody may have noticed that its sender is gone.
func TestInboxOvertaken(t *testing.T) {
	l := newLetterbox(t)
	r, w := io.Pipe()
	defer w.Close()
	answered := make(chan int, 1)
	go func() {
		status, _, _ := l.send(letter{method: "PATCH", header: at(0), body: r})
		answered <- status
	}()
	if _, err := w.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	l.awaits(3)
	if status, code, _ := l.send(letter{method: "PATCH", header: at(0), body: strings.NewReader("all of it")}); status != 201 {
		t.Error(status, code)
	}
	if status := <-answered; status != 409 {
		t.Error(status)
	}
	l.kept("all of it")
}

// TestInboxKeepsNoOtherLength: what is shorter than it was said to be waits for
// its rest, and what is longer is not taken.
func TestInboxKeepsNoOtherLength(t *testing.T) {
	head := func(offset, length, complete string) map[string]string {
		h := map[string]string{"Upload-Offset": offset, "Upload-Length": length, "Upload-Complete": complete}
		for name, value := range h {
			if value == "" {
				delete(h, name)
			}
		}
		return h
	}
	for name, c := range map[string]struct {
		header map[string]string
		status int
		code   string
		offset string // after it
		kept   bool
	}{
		"as long":                {head("0", "4", "?1"), 201, "", "4", true},
		"shorter":                {head("0", "5", "?1"), 400, "upload-cut", "4", false},
		"shorter, with more":     {head("0", "5", "?0"), 201, "", "4", false},
		"shorter, and no end":    {head("0", "5", ""), 201, "", "4", false},
		"no length, no end":      {head("0", "", ""), 201, "", "4", true},
		"an end of another kind": {head("0", "", "yes"), 201, "", "4", false},
		"longer":                 {head("0", "3", "?1"), 400, "upload-length", "0", false},
		"longer, with more":      {head("0", "3", "?0"), 400, "upload-length", "0", false},
		"something of nothing":   {head("0", "0", "?1"), 400, "upload-length", "0", false},
		"no number":              {head("0", "-1", "?1"), 400, "upload-length", "0", false},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLetterbox(t)
			if status, code, _ := l.send(letter{method: "PATCH", header: c.header, body: chunks([]byte("data"))}); status != c.status || code != c.code {
				t.Errorf("%d %s", status, code)
			}
			if _, _, h := l.send(letter{method: "HEAD"}); h.Get("Upload-Offset") != c.offset || len(l.shelf.Bodies("one")) > 0 != c.kept {
				t.Errorf("%v, kept %v", h, l.shelf.Bodies("one"))
			}
		})
	}
	l := newLetterbox(t)
	l.send(letter{method: "PATCH", header: head("0", "9", "?0"), body: chunks([]byte("data"))})
	if status, code, _ := l.send(letter{method: "PATCH", header: at(4), body: chunks([]byte("more"))}); status != 400 || code != "upload-cut" {
		t.Errorf("a length that was said before: %d %s", status, code)
	}
	if status, code, _ := l.send(letter{method: "PATCH", header: at(8), body: chunks([]byte("."))}); status != 201 {
		t.Errorf("%d %s", status, code)
	}
	l.kept("datamore.")
}

// TestInboxLooksAgain: a body whose transfer was suspended since its request was
// admitted is not begun, and one whose transfer was until its end is not kept,
// though nobody told of that.
func TestInboxLooksAgain(t *testing.T) {
	l := newLetterbox(t)
	l.runs = 1
	if status, code, _ := l.send(letter{method: "POST", body: strings.NewReader("late")}); status != 403 || code != "transfer-suspended" {
		t.Error(status, code)
	}
	if l.shelf.Drafts() > 0 {
		t.Error("it was begun")
	}
	l = newLetterbox(t)
	r, w := io.Pipe()
	go func() {
		_, _ = w.Write([]byte("in time"))
		l.awaits(len("in time"))
		l.mu.Lock()
		l.verdict = transfer.ErrSuspended
		l.mu.Unlock()
		_ = w.Close()
	}()
	if status, code, _ := l.send(letter{method: "POST", body: r}); status != 403 || code != "transfer-suspended" {
		t.Errorf("%d %s", status, code)
	}
	l.kept()
}

// TestInboxDropsBeforeItIsOver: a job whose data could not be removed is not
// over, so that it is removed when its end is told again.
func TestInboxDropsBeforeItIsOver(t *testing.T) {
	l := newLetterbox(t)
	l.send(letter{method: "PATCH", header: map[string]string{"Upload-Offset": "0", "Upload-Complete": "?0"}, body: chunks([]byte("a part"))})
	flow, broken := transfer.Flow{Context: "maker", Process: "one"}, errors.New("the disk")
	l.shelf.FailDrop(broken)
	if err := l.inbox.Terminate(t.Context(), flow); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if s, err := l.inbox.Status(t.Context(), flow); s.State == transfer.FlowTerminated || err != nil {
		t.Errorf("%+v, %v", s, err)
	}
	l.shelf.FailDrop(nil)
	if err := l.inbox.Terminate(t.Context(), flow); err != nil {
		t.Error(err)
	}
	if s, err := l.inbox.Status(t.Context(), flow); s.State != transfer.FlowTerminated || err != nil || l.shelf.Drafts() > 0 {
		t.Errorf("%+v, %v, left %d drafts", s, err, l.shelf.Drafts())
	}
	if err := l.inbox.Terminate(t.Context(), transfer.Flow{Context: "maker", Process: "unknown"}); err != nil {
		t.Error(err)
	}
}

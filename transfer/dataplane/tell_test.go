// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// told is a log that is read while it is written.
type told struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *told) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.text.Write(p) }

func (l *told) log() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// lines are those since it was asked last.
func (l *told) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := strings.TrimSpace(l.text.String())
	l.text.Reset()
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func (l *told) is(t *testing.T, words ...string) {
	t.Helper()
	lines := l.lines()
	if len(words) == 0 && len(lines) == 0 {
		return
	}
	if len(lines) != 1 || len(words) == 0 {
		t.Fatalf("told %q, want %q", lines, words)
	}
	for _, word := range words {
		if !strings.Contains(lines[0], word) {
			t.Errorf("told %q without %q", lines[0], word)
		}
	}
}

// TestOperatorIsTold: the consumer learns that it is not to blame, and the
// operator which file, or which source, it is.
func TestOperatorIsTold(t *testing.T) {
	b, log := newBench(t), &told{}
	cfg := b.config()
	cfg.Log = log.log()
	b.server.Config.Handler = dataplane.New(cfg)
	a, gone := b.start("t1", "g1"), filepath.Join(t.TempDir(), "gone.zip")
	b.source = dataplane.Source{Type: dataplane.SourceFile, Path: gone}
	b.refused(a, dataplane.Query{}, http.StatusNotFound, "source-missing")
	log.is(t, "level=WARN", "participant=prov", "transfer=t1", "dataset=dataset-1", "code=source-missing", gone)

	for range 3 { // who asks in a loop does not fill the log
		b.refused(a, dataplane.Query{}, http.StatusNotFound, "source-missing")
	}
	log.is(t)

	b.source = dataplane.Source{Type: dataplane.SourceFile, Path: filepath.Dir(gone)}
	for range 60 {
		b.later()
	}
	b.refused(a, dataplane.Query{}, http.StatusNotFound, "source-missing")
	log.is(t, "code=source-missing", "no regular file")

	b.serve(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "who are you?", http.StatusUnauthorized) })
	b.later()
	b.refused(a, dataplane.Query{}, http.StatusBadGateway, "source-denied")
	log.is(t, "code=source-denied", "status 401")

	b.mu.Lock()
	b.noSource = dataplane.ErrCredentials
	b.mu.Unlock()
	b.later()
	b.refused(a, dataplane.Query{}, http.StatusBadGateway, "source-credentials-missing")
	log.is(t, "code=source-credentials-missing")
}

// TestOperatorIsNotTold: what callers do wrong is theirs.
func TestOperatorIsNotTold(t *testing.T) {
	b, log := newBench(t), &told{}
	cfg := b.config()
	cfg.Log = log.log()
	b.server.Config.Handler = dataplane.New(cfg)
	b.serve(func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) })
	a := b.start("t1", "g1")
	b.refused(a, dataplane.Query{Path: []string{"other"}}, http.StatusNotFound, "path-not-found")
	b.refused(a, dataplane.Query{}, http.StatusNotFound, "path-not-found")
	b.refused(with(a, "junk"), dataplane.Query{}, http.StatusUnauthorized, "token-invalid")
	b.set("t1", transfer.ErrSuspended, true)
	b.later()
	b.refused(a, dataplane.Query{}, http.StatusForbidden, "transfer-suspended")
	log.is(t)
}

// TestJobIsTold: once for each reason, and when it is given up.
func TestJobIsTold(t *testing.T) {
	y, m, log := newYard(t), newMover(), &told{}
	y.put()
	c := dataplane.NewCarrier(dataplane.CarrierConfig{
		Jobs: y.jobs, Movers: map[transfer.JobKind]dataplane.Mover{transfer.JobDownload: m}, Watch: y.watch, Timer: y.timer, Now: y.now, Log: log.log(),
	})
	t.Cleanup(c.Close)
	full := &transfer.JobFault{Code: "data-too-large", Reason: "it has 12 bytes"}
	for _, turn := range []struct {
		err   error
		state transfer.JobState
		told  []string
	}{
		{errors.New("no space left"), transfer.JobOpen, []string{"level=WARN", "is tried again", "participant=c", "transfer=p", "kind=download", "no space left"}},
		{errors.New("no space left"), transfer.JobOpen, nil},
		{errors.New("permission denied"), transfer.JobOpen, []string{"permission denied"}},
		{full, transfer.JobFailed, []string{"is not tried again", "code=data-too-large"}},
	} {
		y.works(c)
		<-m.began
		m.end <- turn.err
		if turn.state == transfer.JobFailed {
			<-m.over
		}
		y.becomes(c, turn.state)
		log.is(t, turn.told...)
		y.pass(time.Hour)
	}
}

// TestInboxTells: the sender hears that it cannot be taken now, and the
// operator that it is the disk.
func TestInboxTells(t *testing.T) {
	l, log := newLetterbox(t), &told{}
	l.opens(func(c *dataplane.InboxConfig) { c.Log = log.log() })
	l.shelf.FailKeep(errors.New("read-only file system"))
	l.send(letter{method: http.MethodPost, body: strings.NewReader("hello")})
	log.is(t, "level=WARN", "participant=maker", "transfer=one", "read-only file system")
	l.shelf.FailKeep(nil)
	l.send(letter{method: http.MethodPatch, header: map[string]string{"Upload-Offset": "77"}, body: strings.NewReader("hello")})
	l.send(letter{method: http.MethodPost, token: "junk", body: strings.NewReader("hello")})
	log.is(t)
}

// TestFetchErrorSays what was answered, and no more.
func TestFetchErrorSays(t *testing.T) {
	for want, e := range map[string]dataplane.FetchError{
		"the other side's data plane answered 503":                 {Status: 503},
		`the other side's data plane answered 403 "no": "\x1b[2J"`: {Status: 403, Code: "no", Message: "\x1b[2J"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

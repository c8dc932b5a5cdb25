// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// ours is a receiver that has so much of the body already.
type ours struct {
	mu     sync.Mutex
	has    int
	got    string
	offset string
	digest string
	done   chan struct{}
	says   map[string]string // in its answer to a body
}

func (o *ours) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.Method == http.MethodHead {
		w.Header().Set("Upload-Offset", strconv.Itoa(o.has))
		w.Header().Set("Upload-Complete", "?0")
		return
	}
	text, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPatch {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	o.got, o.offset, o.digest = string(text), r.Header.Get("Upload-Offset"), r.Trailer.Get("Repr-Digest")
	for name, value := range o.says {
		w.Header().Set(name, value)
	}
	w.WriteHeader(http.StatusCreated)
	close(o.done)
}

// running is a transfer that runs.
type running struct{}

func (running) Running(_ context.Context, c, id string) (transfer.Running, error) {
	return transfer.Running{Context: c, Process: id, Dataset: "d"}, nil
}
func (running) Exhausted(string, string, int64) {}

// Signal implements transfer.Signals.
func (running) Signal(context.Context, transfer.Signal) error { return nil }

// gets has a source pushed to it, by a job that knows so much of it, and returns
// how the job is in the end.
func (o *ours) gets(t *testing.T, source dataplane.Source, tag string, total int64) (j transfer.Job) {
	t.Helper()
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	clients, err := safehttp.New(safehttp.Config{DevMode: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(clients.CloseIdle)
	jobs := memory.New()
	watch := func(string, string) (<-chan struct{}, func()) { return nil, func() {} }
	cfg := dataplane.PushConfig{Jobs: jobs, Foreign: clients.Foreign, Signals: running{}}
	cfg.Transfers, cfg.Watch, cfg.Now, cfg.Timer, cfg.NewID, cfg.Operator = running{}, watch, time.Now, wallTimer, func() string { return "id" }, clients.Operator
	cfg.SourceOf = func(context.Context, string, string) (dataplane.Source, error) { return source, nil }
	push := dataplane.NewPush(cfg)
	carrier := dataplane.NewCarrier(dataplane.CarrierConfig{
		Jobs: jobs, Movers: map[transfer.JobKind]dataplane.Mover{transfer.JobPush: push}, Watch: watch, Timer: wallTimer, Now: time.Now,
	})
	push.Carried(carrier)
	var moved time.Time
	if total != 0 { // else nothing was sent yet
		moved = time.Now()
	}
	_, err = jobs.PutJob(t.Context(), transfer.Job{
		Context: "c", Process: "p", Kind: transfer.JobPush, State: transfer.JobOpen, ID: "j", Grant: "g", ETag: tag, Total: total, NextTry: time.Now(), Moved: moved,
		Address: &transfer.DataAddress{Endpoint: server.URL, Properties: []transfer.Property{{Name: "uploadProtocol", Value: "musubi-upload-1"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	works(t, carrier)
	select {
	case <-o.done:
	case <-time.After(patience):
		j, err := jobs.Job(t.Context(), "c", "p", transfer.JobPush)
		t.Fatalf("nothing came: %+v, %v, %v", j, j.Fault, err)
	}
	polls(t, func() bool {
		j, err = jobs.Job(t.Context(), "c", "p", transfer.JobPush)
		return err != nil || j.Over()
	})
	return j
}

// TestPushJoinsNoTwoVersions: a source that sends a part of another version,
// whatever was asked for, is read anew.
func TestPushJoinsNoTwoVersions(t *testing.T) {
	const data = "of another version"
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"new"`)
		r.Header.Del("If-Range")
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(data))
	}))
	t.Cleanup(source.Close)
	o := &ours{has: 4, done: make(chan struct{})}
	o.gets(t, dataplane.Source{Type: dataplane.SourceHTTP, URL: source.URL}, `"old"`, int64(len(data)))
	if o.got != data || o.offset != "0" || o.digest != fieldOf([]byte(data)) {
		t.Errorf("%q at %s, digest %q", o.got, o.offset, o.digest)
	}
}

// TestPushSendsWhatIsMissing: behind what has arrived, with the hash of the
// whole; also where all has arrived and nobody said so, and where the source is
// shorter by now.
func TestPushSendsWhatIsMissing(t *testing.T) {
	const data = "0123456789"
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	tag := `"` + strconv.FormatInt(info.Size(), 36) + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 36) + `"`
	for name, c := range map[string]struct {
		has    int
		tag    string
		total  int64
		offset string
		got    string
	}{
		"nothing":              {0, "", -1, "0", data},
		"a part":               {4, tag, 10, "4", data[4:]},
		"a part of another":    {4, `"another"`, 10, "0", data},
		"a part of who knows":  {4, "", 10, "0", data},
		"all of it":            {10, tag, 10, "10", ""},
		"all of another":       {10, `"another"`, 10, "0", data},
		"more than there is":   {99, `"another"`, 99, "0", data},
		"more than was in all": {99, tag, 10, "0", data},
	} {
		t.Run(name, func(t *testing.T) {
			o := &ours{has: c.has, done: make(chan struct{})}
			o.gets(t, dataplane.Source{Type: dataplane.SourceFile, Path: path}, c.tag, c.total)
			if o.got != c.got || o.offset != c.offset || o.digest != fieldOf([]byte(data)) {
				t.Errorf("%q at %s, digest %q", o.got, o.offset, o.digest)
			}
		})
	}
}

// TestPushBelievesWhatItMayHaveSent: what the receiver says that it has instead
// counts, if it is as long as something that was begun to be sent.
func TestPushBelievesWhatItMayHaveSent(t *testing.T) {
	const data, other = "0123456789", "another"
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	says := func(size, complete, body string) map[string]string {
		return map[string]string{"Upload-Offset": size, "Upload-Complete": complete, "Repr-Digest": fieldOf([]byte(body))}
	}
	for name, c := range map[string]struct {
		before int64 // was the length of the source
		says   map[string]string
		size   int64
		sum    string
		fault  string
	}{
		"what was sent": {10, says("10", "?1", data), 10, data, ""},
		"nothing":       {10, nil, 10, data, ""},
		"what was sent, of a length that is wrong": {10, says("99", "?1", data), 10, data, ""},
		"what was sent before":                     {7, says("7", "?1", other), 7, other, ""},
		"of a stream":                              {-1, says("7", "?1", other), 7, other, ""},
		"as long as now":                           {7, says("10", "?1", other), 10, other, ""},
		"what was never sent":                      {0, says("10", "?1", other), 10, data, ""},
		"part of it":                               {8, says("7", "?1", other), 10, "", "push-refused"},
		"what is not all":                          {7, says("7", "?0", other), 10, data, ""},
		"another representation":                   {7, map[string]string{"Repr-Digest": fieldOf([]byte(other))}, 10, data, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &ours{done: make(chan struct{}), says: c.says}
			j := o.gets(t, dataplane.Source{Type: dataplane.SourceFile, Path: path}, "", c.before)
			want, fault := "", ""
			if c.sum != "" {
				want = sumOf([]byte(c.sum))
			}
			if j.Fault != nil {
				fault = j.Fault.Code
			}
			if j.Total != c.size || j.SHA256 != want || fault != c.fault || j.Counted != (want != "") {
				t.Errorf("%d bytes, %s, fault %q", j.Total, j.SHA256, fault)
			}
		})
	}
}

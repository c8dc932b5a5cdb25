// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// bulkFile writes a file of size bytes, and returns it with its hash.
func bulkFile(t *testing.T, size int) (path, sum string) {
	t.Helper()
	data := bytes.Repeat([]byte("musubi と結び。"), size/19+1)[:size]
	path = filepath.Join(t.TempDir(), "bulk.bin")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(data)
	return path, hex.EncodeToString(hash[:])
}

// reaches waits until a transfer's data is as it should be.
func (n *node) reaches(t *testing.T, id, what string, such func(transfer.Job) bool) transfer.Job {
	t.Helper()
	var last transfer.Job
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		j, err := n.Moving(t.Context(), id)
		if err == nil && such(j) {
			return j
		}
		last = j
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: never %s: %+v, fault %v, %v", n.name, what, last, last.Fault, err)
		}
	}
}

func isDone(j transfer.Job) bool { return j.State == transfer.JobDone }
func isHeld(j transfer.Job) bool { return j.State == transfer.JobHeld }

// started begins a transfer of a source in which nothing else happens.
func (n *node) started(t *testing.T, provider *node, source catalog.Source) transfer.Process {
	t.Helper()
	provider.publish(t, source)
	return n.request(t, n.negotiate(t, proposalOf(provider.id), "FINALIZED").AgreementID, "STARTED")
}

// halfPair is a pair between whom a body of so many bytes comes to its half, and
// no further before the way is open.
func halfPair(t *testing.T, store func(string) string, size int) (provider, consumer *node, way *front) {
	t.Helper()
	way = newFront(t)
	way.half = size / 2
	provider, consumer = way.start(t, store("supplier"), "supplier"), startNode(t, store("maker"), "maker")
	introduce(t, provider, consumer)
	return provider, consumer, way
}

// TestDownloadGoesOn: suspended in the middle and resumed at a new address, a
// download goes on behind what is there, and the whole is what the provider
// says it is.
func TestDownloadGoesOn(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	provider, consumer, way := halfPair(t, sqliteIn(t.TempDir()), size)
	path, sum := bulkFile(t, size)
	p := consumer.started(t, provider, catalog.Source{Type: catalog.SourceFile, Path: path})
	if _, err := consumer.StartDownload(t.Context(), p.ID, connector.DownloadOptions{}); err != nil {
		t.Fatal(err)
	}
	consumer.reaches(t, p.ID, "half there", func(j transfer.Job) bool { return j.Offset > size/4 })
	provider.does(t, p.PeerPID, negotiation.Suspend)
	held := consumer.reaches(t, p.ID, "held", isHeld)
	if held.Offset == 0 || held.Offset == size || held.Total != size {
		t.Fatalf("held at %d of %d", held.Offset, held.Total)
	}
	consumer.awaitTransfer(t, p.ID, "SUSPENDED", nil)
	if again, err := consumer.StartDownload(t.Context(), p.ID, connector.DownloadOptions{}); err != nil || again.ID != held.ID {
		t.Errorf("begun again: %+v, %v", again, err)
	}
	close(way.open)
	provider.does(t, p.PeerPID, negotiation.Start)
	j := consumer.reaches(t, p.ID, "done", isDone)
	if j.SHA256 != sum || j.Told != sum || j.Offset != size {
		t.Errorf("done: %+v, want the hash %s", j, sum)
	}
	_, h, err := consumer.AwaitDownload(t.Context(), p.ID)
	if err != nil || h.SHA256 != sum || h.Size != size || h.Transfer != p.ID {
		t.Errorf("kept: %+v, %v", h, err)
	}
	provider.tells(t, p.PeerPID, sum)
	if got := consumer.awaitTransfer(t, p.ID, "STARTED", nil); !got.Open {
		t.Errorf("the transfer is %+v; nobody asked for its completion", got)
	}
}

// tells waits until the evidence of a transfer has the hash of the whole.
func (n *node) tells(t *testing.T, id, sum string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		d, err := n.Evidence(t.Context(), id, "", 0)
		for _, b := range d.Bodies {
			if err == nil && b.SHA256 == sum {
				return
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s never says %s: %+v, %v", n.name, sum, d, err)
		}
	}
}

// TestDownloadCompletes: at the end of a download that asks for it the transfer
// is complete, on both sides.
func TestDownloadCompletes(t *testing.T) {
	t.Parallel()
	provider, consumer := pairOn(t, sqliteIn(t.TempDir()), nil, nil)
	path, sum := bulkFile(t, 1000)
	p := consumer.started(t, provider, catalog.Source{Type: catalog.SourceFile, Path: path})
	yes := true
	if _, err := consumer.StartDownload(t.Context(), p.ID, connector.DownloadOptions{Complete: &yes}); err != nil {
		t.Fatal(err)
	}
	if j := consumer.reaches(t, p.ID, "done", isDone); j.SHA256 != sum {
		t.Errorf("%+v", j)
	}
	consumer.awaitTransfer(t, p.ID, "COMPLETED", nil)
	provider.awaitTransfer(t, p.PeerPID, "COMPLETED", nil)
}

// TestDownloadOfAnEndedTransfer: what is not whole does not stay.
func TestDownloadOfAnEndedTransfer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	provider, consumer, _ := halfPair(t, sqliteIn(dir), 1<<20)
	path, _ := bulkFile(t, 1<<20)
	p := consumer.started(t, provider, catalog.Source{Type: catalog.SourceFile, Path: path})
	if _, err := consumer.StartDownload(t.Context(), p.ID, connector.DownloadOptions{}); err != nil {
		t.Fatal(err)
	}
	consumer.reaches(t, p.ID, "begun", func(j transfer.Job) bool { return j.Offset > 0 })
	provider.does(t, p.PeerPID, negotiation.Terminate)
	j := consumer.reaches(t, p.ID, "failed", func(j transfer.Job) bool { return j.State == transfer.JobFailed })
	if j.Fault == nil || j.Fault.Code != "transfer-ended" {
		t.Errorf("%+v", j.Fault)
	}
	if files := heldFiles(t, filepath.Join(dir, "maker.db.data")); len(files) > 0 {
		t.Errorf("left: %v", files)
	}
}

// odd is a source that is wrong in some way at first.
type odd struct {
	data  string
	asked atomic.Int64
	wrong func(n int64, w http.ResponseWriter, r *http.Request) bool
}

func (o *odd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if o.wrong(o.asked.Add(1), w, r) {
		return
	}
	w.Header().Set("ETag", `"one"`)
	http.ServeContent(w, r, "data.bin", time.Time{}, strings.NewReader(o.data))
}

// TestDownloadOfOddSources: whatever a source does, what is kept in the end is
// its data, whole.
func TestDownloadOfOddSources(t *testing.T) {
	t.Parallel()
	data := strings.Repeat("0123456789", 10_000)
	half := func(w http.ResponseWriter, tag string) bool { // of a body that is said to be whole
		w.Header().Set("ETag", tag)
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = io.WriteString(w, data[:len(data)/2])
		return true
	}
	for name, wrong := range map[string]func(n int64, w http.ResponseWriter, r *http.Request) bool{
		"cut once":              func(n int64, w http.ResponseWriter, _ *http.Request) bool { return n == 1 && half(w, `"one"`) },
		"another version later": func(n int64, w http.ResponseWriter, _ *http.Request) bool { return n == 1 && half(w, `"two"`) },
		"a weak tag":            func(n int64, w http.ResponseWriter, _ *http.Request) bool { return n == 1 && half(w, `W/"one"`) },
		"no tag":                func(n int64, w http.ResponseWriter, _ *http.Request) bool { return n == 1 && half(w, "") },
		"down at first": func(n int64, w http.ResponseWriter, _ *http.Request) bool {
			if n <= 2 {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return n <= 2
		},
		"no ranges, no length": func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, data)
			return true
		},
		"a range that is wrong": func(n int64, w http.ResponseWriter, r *http.Request) bool {
			return n == 1 && half(w, `"one"`) || n == 2 && badRange(w, data)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider, consumer := pairOn(t, sqliteIn(t.TempDir()), nil, nil)
			source := &odd{data: data, wrong: wrong}
			p := consumer.started(t, provider, catalog.Source{Type: catalog.SourceHTTP, URL: serve(t, source)})
			if _, err := consumer.StartDownload(t.Context(), p.ID, connector.DownloadOptions{}); err != nil {
				t.Fatal(err)
			}
			j := consumer.reaches(t, p.ID, "done", isDone)
			if got, err := consumer.readHolding(j.ID); got != data || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}

func badRange(w http.ResponseWriter, data string) bool {
	w.Header().Set("ETag", `"one"`)
	w.Header().Set("Content-Range", "bytes 7-99999/100000")
	w.WriteHeader(http.StatusPartialContent)
	_, _ = io.WriteString(w, data[7:])
	return true
}

// TestDownloadOverARestart: the consumer's process ends in the middle, and the
// next one goes on behind what was there.
func TestDownloadOverARestart(t *testing.T) {
	t.Parallel()
	dir, way := t.TempDir(), newFront(t)
	way.half = 1 << 19
	provider := way.start(t, "memory:", "supplier")
	start := func() (*connector.Connector, *node) {
		cfg := connector.Default()
		cfg.Store, cfg.DevMode = sqliteIn(dir)("maker"), true
		cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
		cfg.Participants = []connector.ParticipantConfig{{Context: "maker", ID: "urn:example:maker", Profile: "preshared"}}
		c, err := connector.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		return c, nodeOf(t, c, "maker")
	}
	first, consumer := start()
	introduce(t, provider, consumer)
	path, sum := bulkFile(t, 1<<20)
	p := consumer.started(t, provider, catalog.Source{Type: catalog.SourceFile, Path: path})
	if _, err := consumer.StartDownload(t.Context(), p.ID, connector.DownloadOptions{}); err != nil {
		t.Fatal(err)
	}
	consumer.reaches(t, p.ID, "begun", func(j transfer.Job) bool { return j.Offset > 1<<18 })
	if err := first.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	close(way.open)
	second, consumer := start()
	defer stop(t, second)
	before := consumer.reaches(t, p.ID, "there", func(transfer.Job) bool { return true })
	j := consumer.reaches(t, p.ID, "done", isDone)
	if j.SHA256 != sum || before.Offset < 1<<18 || before.ID != j.ID {
		t.Errorf("%+v after %+v", j, before)
	}
}

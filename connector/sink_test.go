// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust/policy"
)

// leap is the clock of the day, some time ahead.
type leap struct{ ahead atomic.Int64 }

func (l *leap) now() time.Time { return time.Now().UTC().Add(time.Duration(l.ahead.Load())) }

// to makes it be a time.
func (l *leap) to(t time.Time) { l.ahead.Store(int64(time.Until(t))) }

// lent starts a provider who lends a file and a consumer with a folder for
// data, whose clock it is, and has them agree.
func lent(t *testing.T, store func(string) string, clock *leap, usage policy.Policy) (provider, consumer *node, agreement string) {
	t.Helper()
	provider, consumer = pairOn(t, store, nil, []connector.Option{connector.WithClock(clock.now)})
	file := filepath.Join(t.TempDir(), "cell.json")
	if err := os.WriteFile(file, []byte(cellData), 0o600); err != nil {
		t.Fatal(err)
	}
	err := provider.Publish(t.Context(),
		[]catalog.Asset{{ID: dataset, Source: catalog.Source{Type: catalog.SourceFile, Path: file}}},
		[]catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use"), Usage: usage}})
	if err != nil {
		t.Fatal(err)
	}
	proposal := proposalOf(provider.id)
	proposal.Terms.Policy = usage
	return provider, consumer, consumer.negotiate(t, proposal, "FINALIZED").AgreementID
}

const (
	cellData = `{"kgCO2e": "17.66"}`
	cellHash = "e79662275369fd01abef1225dc618a6e8f562632c9c7fd2fd324cb84030b1471"
)

func sqliteIn(dir string) func(string) string {
	return func(name string) string { return "sqlite:" + filepath.Join(dir, name+".db") }
}

// heldFiles are the files of data in a folder.
func heldFiles(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "p-*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// awaitHolding waits until a holding has a status.
func (n *node) awaitHolding(t *testing.T, id string, clock *leap, want sink.Status) sink.Holding {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		h, err := n.Holding(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if h.Status(clock.now()) == want {
			return h
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the holding is %s, want %s: %+v", h.Status(clock.now()), want, h)
		}
	}
}

func (n *node) readHolding(id string) (string, error) {
	r, err := n.OpenHolding(context.Background(), id)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), errors.Join(err, r.Close())
}

// TestRetention: two connectors agree on three years; the consumer's own
// chore deletes what it downloaded within seconds of that time.
func TestRetention(t *testing.T) {
	t.Parallel()
	dir, clock := t.TempDir(), &leap{}
	usage := policy.Permit("use").When(policy.AtMost("P3Y")).DeleteAfterUse()
	_, consumer, agreement := lent(t, sqliteIn(dir), clock, usage)
	folder := filepath.Join(dir, "maker.db.data")
	p := consumer.request(t, agreement, "STARTED")
	h, err := consumer.Download(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	a, err := consumer.Agreement(t.Context(), agreement)
	if err != nil {
		t.Fatal(err)
	}
	due := a.Concluded.AddDate(3, 0, 0)
	if !h.Due.Equal(due) || h.SHA256 != cellHash || h.Size != int64(len(cellData)) || h.Agreement != agreement || h.Transfer != p.ID {
		t.Fatalf("stored %+v, due should be %v", h, due)
	}
	if got, err := consumer.readHolding(h.ID); got != cellData || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	aggregate := filepath.Join(dir, "battery.json")
	if err := os.WriteFile(aggregate, []byte("4000.00"), 0o600); err != nil {
		t.Fatal(err)
	}

	clock.to(due.Add(-time.Hour))
	again, err := consumer.Download(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := consumer.readHolding(h.ID); got != cellData || err != nil || len(heldFiles(t, folder)) != 2 {
		t.Errorf("before its time: %q, %v, %v", got, err, heldFiles(t, folder))
	}
	late, began := testkit.NewLateness(t), time.Now()
	clock.to(due)
	for _, id := range []string{h.ID, again.ID} {
		after := consumer.awaitHolding(t, id, clock, sink.IsDone)
		if after.SHA256 != cellHash || after.Deleted.Before(due) || after.Deleted.Sub(due)-late.Between(began, time.Now()) > 7*time.Second {
			t.Errorf("due %v, deleted %v: %+v", due, after.Deleted, after)
		}
	}
	if files := heldFiles(t, folder); len(files) > 0 {
		t.Errorf("still there: %v", files)
	}
	if _, err := consumer.readHolding(h.ID); !errors.Is(err, sink.ErrRetentionOver) {
		t.Errorf("read after its time: %v", err)
	}
	if text, err := os.ReadFile(aggregate); string(text) != "4000.00" || err != nil {
		t.Errorf("the aggregate: %q, %v", text, err)
	}
	if done, err := consumer.Holdings(t.Context(), sink.Query{Status: sink.IsDone}); err != nil || len(done) != 2 {
		t.Errorf("done: %+v, %v", done, err)
	}
}

// TestRetentionEndsWithTheAgreement: what an ended agreement lent goes.
func TestRetentionEndsWithTheAgreement(t *testing.T) {
	t.Parallel()
	clock, dir := &leap{}, t.TempDir()
	_, consumer, agreement := lent(t, sqliteIn(dir), clock, policy.Permit("use").DeleteAfterUse())
	h, err := consumer.Download(t.Context(), consumer.request(t, agreement, "STARTED").ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := consumer.EndAgreement(t.Context(), agreement, "no longer needed"); err != nil {
		t.Fatal(err)
	}
	if got, err := consumer.readHolding(h.ID); !errors.Is(err, sink.ErrRetentionOver) {
		t.Errorf("read at once after the end: %q, %v", got, err)
	}
	after := consumer.awaitHolding(t, h.ID, clock, sink.IsDone)
	if files := heldFiles(t, filepath.Join(dir, "maker.db.data")); len(files) > 0 || !strings.Contains(after.Reason, "agreement was ended") {
		t.Errorf("%v, %+v", files, after)
	}
}

// TestDownloadCut: nothing of a body that was cut is kept.
func TestDownloadCut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	provider, consumer := pairOn(t, sqliteIn(dir), nil, nil)
	provider.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: slowSource(t)})
	p := consumer.request(t, consumer.negotiate(t, proposalOf(provider.id), "FINALIZED").AgreementID, "STARTED")
	failed := make(chan error, 1)
	go func() {
		_, err := consumer.Download(t.Context(), p.ID)
		failed <- err
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for len(heldFiles(t, filepath.Join(dir, "maker.db.data"))) == 0 {
		<-tick.C
	}
	provider.does(t, p.PeerPID, negotiation.Suspend)
	if err := <-failed; !errors.Is(err, connector.ErrCut) {
		t.Errorf("%v, want ErrCut", err)
	}
	consumer.awaitTransfer(t, p.ID, "SUSPENDED", nil)
	list, err := consumer.Holdings(t.Context(), sink.Query{})
	if files := heldFiles(t, filepath.Join(dir, "maker.db.data")); len(files)+len(list) > 0 || err != nil {
		t.Errorf("kept: %v, %v, %v", files, list, err)
	}
	if _, err := consumer.Download(t.Context(), p.ID); !errors.Is(err, connector.ErrNoAddress) {
		t.Errorf("while suspended: %v", err)
	}
}

// TestNoSink: without a folder nothing is downloaded, and all else works.
func TestNoSink(t *testing.T) {
	provider, consumer := pair(t)
	provider.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: slowSource(t)})
	p := consumer.request(t, consumer.negotiate(t, proposalOf(provider.id), "FINALIZED").AgreementID, "STARTED")
	_, err := consumer.Download(t.Context(), p.ID)
	_, err2 := consumer.Holdings(t.Context(), sink.Query{})
	_, err3 := consumer.Holding(t.Context(), "x")
	_, err4 := consumer.OpenHolding(t.Context(), "x")
	for _, err := range []error{err, err2, err3, err4} {
		if !errors.Is(err, connector.ErrNoSink) {
			t.Errorf("%v, want ErrNoSink", err)
		}
	}
}

// TestManageHoldings goes the way of a user over the management API: download,
// look, read; another participant sees nothing of it.
func TestManageHoldings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = "memory:", true
	cfg.Sink = connector.SinkConfig{Dir: filepath.Join(dir, "kept"), MaxBytes: int64(len(cellData))}
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "127.0.0.1:0"
	cfg.Management.APIKeys = []connector.Secret{"key"}
	for _, name := range []string{"supplier", "maker"} {
		cfg.Participants = append(cfg.Participants, connector.ParticipantConfig{Context: name, ID: "urn:example:" + name, Profile: "preshared"})
	}
	c, err := connector.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	provider, consumer := nodeOf(t, c, "supplier"), nodeOf(t, c, "maker")
	introduce(t, provider, consumer)
	file := filepath.Join(dir, "cell.json")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(cellData)
	provider.publish(t, catalog.Source{Type: catalog.SourceFile, Path: file})
	p := consumer.request(t, consumer.negotiate(t, proposalOf(provider.id), "FINALIZED").AgreementID, "STARTED")

	_, address := c.Addresses()
	ask := func(method, participant, path string) answer {
		t.Helper()
		return call(t, method, "http://"+address+"/api/v1/participants/"+participant+path, "Bearer key", "")
	}
	made := ask(http.MethodPost, "maker", "/transfers/"+p.ID+"/download?wait=10s")
	var view struct{ ID, Status, SHA256, Rule string }
	if err := json.Unmarshal([]byte(made.body), &view); err != nil || made.status != http.StatusCreated || view.Status != "open" || view.SHA256 != cellHash {
		t.Fatalf("%d %s: %v", made.status, made.body, err)
	}
	if at := made.header.Get("Location"); !strings.HasSuffix(at, "/holdings/"+view.ID) {
		t.Errorf("it is at %q", at)
	}
	for path, want := range map[string]int{
		"/holdings": 1, "/holdings?status=open": 1, "/holdings?status=overdue": 0, "/holdings?transfer=" + p.ID: 1, "/holdings?agreement=x": 0,
	} {
		got := ask(http.MethodGet, "maker", path)
		if n := strings.Count(got.body, view.ID); got.status != http.StatusOK || n != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	data := ask(http.MethodGet, "maker", "/holdings/"+view.ID+"/data")
	if data.status != http.StatusOK || data.body != cellData || data.header.Get("Content-Type") != "application/octet-stream" ||
		data.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(data.header.Get("Repr-Digest"), "sha-256=:55ZiJ1Np") {
		t.Errorf("%d %q %v", data.status, data.body, data.header)
	}
	if told := ask(http.MethodGet, "maker", "/journal"); !strings.Contains(told.body, "transfer.data-stored") || !strings.Contains(told.body, cellHash) {
		t.Errorf("the journal: %d %s", told.status, told.body)
	}
	put(cellData + "!")
	for path, want := range map[string]int{
		"POST supplier /transfers/" + p.PeerPID + "/download": http.StatusConflict, // its provider
		"POST maker /transfers/unknown/download":              http.StatusNotFound,
		"POST maker /transfers/" + p.ID + "/download":         http.StatusUnprocessableEntity, // a byte too much
		"GET maker /holdings?status=lost":                     http.StatusBadRequest,
		"GET maker /holdings?before=unknown":                  http.StatusNotFound,
		"GET maker /holdings/unknown":                         http.StatusNotFound,
		"GET supplier /holdings/" + view.ID:                   http.StatusNotFound,
		"GET supplier /holdings/" + view.ID + "/data":         http.StatusNotFound,
	} {
		parts := strings.SplitN(path, " ", 3)
		if got := ask(parts[0], parts[1], parts[2]); got.status != want || !strings.Contains(got.body, `"code"`) {
			t.Errorf("%s: %d %s, want %d", path, got.status, got.body, want)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "kept", "p-maker")); err != nil {
		t.Fatal(err)
	}
	if got := ask(http.MethodGet, "maker", "/holdings/"+view.ID+"/data"); got.status != http.StatusConflict || !strings.Contains(got.body, "file-missing") {
		t.Errorf("a lost file: %d %s", got.status, got.body)
	}
}

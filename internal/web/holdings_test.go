// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/sink"
)

// fakeHoldings knows one holding of the text "data", and can give it out if err
// is nil.
type fakeHoldings struct{ err error }

var holdingOne = sink.Holding{
	ID: known, Transfer: "urn:t", File: "0190", Size: 4, Rule: "until then", State: sink.Open,
	SHA256: "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7",
}

func (f fakeHoldings) Download(context.Context, string, string, web.DownloadOptions) (transfer.Job, error) {
	return transfer.Job{State: transfer.JobOpen, Total: -1}, f.err
}

func (f fakeHoldings) Downloaded(context.Context, string, string) (transfer.Job, sink.Holding, error) {
	return transfer.Job{State: transfer.JobDone}, holdingOne, f.err
}

func (f fakeHoldings) Moving(context.Context, string, string) (transfer.Job, error) {
	return transfer.Job{}, transfer.ErrNoJob
}

func (f fakeHoldings) List(_ context.Context, _ string, q sink.Query) ([]sink.Holding, error) {
	return []sink.Holding{holdingOne}[:min(q.Limit, 1)], f.err
}

func (f fakeHoldings) Get(_ context.Context, _, id string) (sink.Holding, error) {
	return only(id, holdingOne, sink.ErrNotFound)
}

func (f fakeHoldings) Open(context.Context, string, string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("data")), f.err
}

// cutHoldings end in the middle of the data.
type cutHoldings struct{ fakeHoldings }

func (cutHoldings) Open(context.Context, string, string) (io.ReadCloser, error) {
	return io.NopCloser(io.MultiReader(strings.NewReader("da"), iotest.ErrReader(sink.ErrRetentionOver))), nil
}

// TestHoldingData: data is given out as bytes that no browser runs, and what is
// in the way is said.
func TestHoldingData(t *testing.T) {
	at := ourBase + "/holdings/" + known + "/data"
	got := scenario{Name: "data", URL: at, Headers: keyed, Status: 200, Content: []string{"data"}}.run(t, newWorld(t).management)
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "Content-Length": "4", "Content-Disposition": `attachment; filename="0190"`,
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Repr-Digest": "sha-256=:Om6weQ85rIfJTzhWst0sXREOaBFgImGpqSPTuyOtyLc=:",
	} {
		if got := got.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for code, c := range map[string]struct {
		err    error
		status int
	}{
		"retention-over":  {fmt.Errorf("%w: %w", sink.ErrRetentionOver, sink.ErrDeleted), http.StatusGone},
		"file-missing":    {fmt.Errorf("x: %w", sink.ErrMissing), http.StatusConflict},
		"holding-unknown": {sink.ErrNotFound, http.StatusNotFound},
		"data-too-large":  {sink.ErrTooLarge, http.StatusUnprocessableEntity},
		"not-consumer":    {sink.ErrNotConsumer, http.StatusConflict},
		"internal":        {errors.New("open /secret/place: no such disk"), http.StatusInternalServerError},
	} {
		w := newWorld(t, func(w *world) { w.holdings = fakeHoldings{c.err} })
		scenario{Name: code, URL: at, Headers: keyed, Status: c.status, Content: []string{`"code":"` + code + `"`}, NotContent: []string{"/secret"}}.run(t, w.management)
	}
	// A body that is cut is shorter than it said, which nobody takes for whole.
	w := newWorld(t, func(w *world) { w.holdings = cutHoldings{} })
	cut := scenario{Name: "cut", URL: at, Headers: keyed, Status: 200}.run(t, w.management)
	if cut.Header().Get("Content-Length") != "4" || cut.Body.String() != "da" {
		t.Errorf("%q of %s bytes", cut.Body, cut.Header().Get("Content-Length"))
	}
}

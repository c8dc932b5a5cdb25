// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestDraftEndsInTime: what came of a download that is suspended goes when the
// agreement lends the data no more, as what is kept does.
func TestDraftEndsInTime(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	dir, clock := t.TempDir(), &leap{}
	usage := policy.Permit("use").When(policy.AtMost("P3Y")).DeleteAfterUse()
	provider, consumer, agreement := lent(t, sqliteIn(dir), clock, usage)
	path, _ := bulkFile(t, size)
	err := provider.Publish(t.Context(),
		[]catalog.Asset{{ID: dataset, Source: catalog.Source{Type: catalog.SourceFile, Path: path}}},
		[]catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use"), Usage: usage}})
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "maker.db.data")
	p, other := consumer.request(t, agreement, "STARTED"), consumer.request(t, agreement, "STARTED")
	if _, err := consumer.StartDownload(t.Context(), p.ID, connector.DownloadOptions{Rate: 2 << 20}); err != nil {
		t.Fatal(err)
	}
	consumer.reaches(t, p.ID, "half there", func(j transfer.Job) bool { return j.Offset > size/4 })
	provider.does(t, p.PeerPID, negotiation.Suspend)
	held := consumer.reaches(t, p.ID, "held", isHeld)
	a, err := consumer.Agreement(t.Context(), agreement)
	if err != nil {
		t.Fatal(err)
	}
	due := a.Concluded.AddDate(3, 0, 0)
	if files := heldFiles(t, folder); !held.Until.Equal(due) || len(files) != 1 || !strings.HasSuffix(files[0], ".draft") {
		t.Fatalf("%+v, lent until %v, with %v", held, due, files)
	}
	clock.to(due)
	if _, err := consumer.StartDownload(t.Context(), other.ID, connector.DownloadOptions{}); err != nil { // it looks at the clock
		t.Fatal(err)
	}
	for _, id := range []string{p.ID, other.ID} {
		j := consumer.reaches(t, id, "over", transfer.Job.Over)
		if j.State != transfer.JobFailed || j.Fault == nil || j.Fault.Code != "retention-over" {
			t.Errorf("%+v, %v", j, j.Fault)
		}
	}
	if files := heldFiles(t, folder); len(files) > 0 {
		t.Errorf("left: %v", files)
	}
	if _, h, err := consumer.AwaitDownload(t.Context(), p.ID); err != nil || h.ID != "" {
		t.Errorf("kept: %+v, %v", h, err)
	}
	if _, err := consumer.Holding(t.Context(), held.ID); !errors.Is(err, sink.ErrNotFound) {
		t.Errorf("a holding of what never was whole: %v", err)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// receiver is a data plane with a folder and nothing else, and its clock.
type receiver struct {
	*DataPlane
	t     *testing.T
	clock time.Time
}

func newReceiver(t *testing.T, until string) *receiver {
	t.Helper()
	r := &receiver{t: t, clock: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)}
	r.DataPlane = &DataPlane{cfg: DataPlaneConfig{Receive: served.Receive{Dir: filepath.Join(t.TempDir(), "data")}}, lent: newLending()}
	r.now = func() time.Time { return r.clock }
	var err error
	if r.store, err = store.Open(t.Context(), store.Config{DSN: "memory:"}); err != nil {
		t.Fatal(err)
	}
	f := signaling.Flow{
		ID: "f", ControlPlane: "cp", Version: 1, State: transfer.FlowStarted, Began: r.clock, Changed: r.clock,
		Asked: transfer.Flow{Context: "maker", Process: "p", Role: "consumer", Dataset: "d", Agreement: "a", Counterparty: "peer"},
	}
	if until != "" {
		f.Asked.Metadata = map[string]json.RawMessage{signaling.MetadataUseUntil: json.RawMessage(until)}
	}
	if err := r.store.AddFlow(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	return r
}

// draft writes some data into a draft and brings it to the disk.
func (r *receiver) draft(id, data string) (*folderDraft, transfer.Job) {
	r.t.Helper()
	j := transfer.Job{Context: "maker", Process: "p", ID: id}
	d, err := folderDrafts{r.DataPlane}.Open(r.t.Context(), j)
	if err == nil {
		_, err = d.Write([]byte(data))
	}
	if err == nil {
		j.Offset, j.Sum, err = d.Mark()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return d.(*folderDraft), j
}

// keep keeps data under an id.
func (r *receiver) keep(id string) error {
	d, _ := r.draft(id, "some data")
	return errors.Join(d.Keep(r.t.Context()), d.Close())
}

// files are the names in the participant's folder, and what is said of one.
func (r *receiver) files() (list string) {
	r.t.Helper()
	all, err := os.ReadDir(filepath.Join(r.cfg.Receive.Dir, "maker"))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, file := range all {
		list += file.Name() + " "
	}
	return strings.TrimSpace(list)
}

// about is what is said of a file.
func (r *receiver) about(id string) (is received) {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.cfg.Receive.Dir, "maker", id+".json"))
	if err == nil {
		err = json.Unmarshal(text, &is)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return is
}

// TestKeepingInSteps: wherever the process ends while it keeps a file, nobody
// takes half of that for the whole, and the next process keeps it once.
func TestKeepingInSteps(t *testing.T) {
	t.Parallel()
	for steps := range 5 {
		r := newReceiver(t, "")
		d, j := r.draft("id", "some data")
		is := received{Transfer: "p", Size: d.Size(), SHA256: d.SHA256(), Stored: r.clock}
		all := d.keeping(is)
		if len(all) != 4 {
			t.Fatalf("%d steps", len(all))
		}
		for _, step := range all[:steps] {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		drafts := folderDrafts{r.DataPlane}
		sum, err := drafts.Kept(t.Context(), j)
		if there := strings.Contains(r.files()+" ", "id "); err != nil || (sum != "") != there || sum != "" && sum != is.SHA256 {
			t.Errorf("after %d steps: kept %q, %v, with %s", steps, sum, err, r.files())
		}
		again, err := drafts.Open(t.Context(), j)
		if sum == "" && err == nil {
			err = errors.Join(again.Keep(t.Context()), again.Close())
		} else if sum != "" && errors.Is(err, dataplane.ErrNoDraft) {
			err = nil
		}
		if sum, kept := drafts.Kept(t.Context(), j); err != nil || kept != nil || sum != is.SHA256 {
			t.Errorf("after %d steps it cannot be kept: %q, %v, %v", steps, sum, kept, err)
		}
		data, err := os.ReadFile(filepath.Join(r.cfg.Receive.Dir, "maker", "id"))
		if about := r.about("id"); err != nil || string(data) != "some data" || about.SHA256 != is.SHA256 || about.Transfer != "p" {
			t.Errorf("after %d steps: %q, %v, %+v", steps, data, err, about)
		}
	}
}

// TestReceivedEndsInTime: a file goes when its agreement lends it no more, and
// what was written beside it says so.
func TestReceivedEndsInTime(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, `"2026-03-01T11:00:00Z"`)
	work := func() time.Time {
		t.Helper()
		next, err := r.endReceived(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	if next := work(); !next.IsZero() {
		t.Errorf("with nothing there: next is %v", next)
	}
	if err := r.keep("one"); err != nil {
		t.Fatal(err)
	}
	<-r.lent.wake
	due := r.clock.Add(time.Hour)
	r.clock = r.clock.Add(30 * time.Minute)
	if next := work(); !next.Equal(due) {
		t.Errorf("next is %v", next)
	}
	r.lent = newLending() // another process
	if next := work(); !next.Equal(due) {
		t.Errorf("to another process next is %v", next)
	}
	if err := r.keep("two"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.cfg.Receive.Dir, "maker", "theirs.json"), []byte("no object"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.clock = due.Add(-time.Microsecond)
	if work(); r.files() != "one one.json theirs.json two two.json" {
		t.Errorf("before their time: %s", r.files())
	}
	r.clock = due
	if work(); r.files() != "one.json theirs.json two.json" {
		t.Errorf("then: %s", r.files())
	}
	if is := r.about("one"); !is.Deleted.Equal(due) || is.SHA256 == "" || !is.UseUntil.Equal(due) {
		t.Errorf("it says %+v", is)
	}
	fault, ok := errors.AsType[*transfer.JobFault](r.keep("three"))
	if !ok || fault.Code != "retention-over" {
		t.Errorf("kept, though its time is over: %v", fault)
	}
	r.lent = newLending()
	r.clock = due.Add(time.Hour)
	if next := work(); !next.Equal(r.clock.Add(readEvery)) || !r.about("one").Deleted.Equal(due) {
		t.Errorf("next is %v, deleted at %v", next, r.about("one").Deleted)
	}
}

// TestReceivedWithoutEnd: what the control plane says nothing of stays.
func TestReceivedWithoutEnd(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, "")
	if err := r.keep("one"); err != nil {
		t.Fatal(err)
	}
	r.clock = r.clock.AddDate(9, 0, 0)
	if _, err := r.endReceived(t.Context()); err != nil || r.files() != "one one.json" {
		t.Errorf("%s, %v", r.files(), err)
	}
}

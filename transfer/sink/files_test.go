// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer/sink"
)

var errDown = errors.New("the store is down")

// strew puts a file into the maker's folder.
func (w *world) strew(file string) {
	w.t.Helper()
	dir := filepath.Join(w.cfg.Dir, "p-"+maker)
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, file), []byte(data), 0o600)); err != nil {
		w.t.Fatal(err)
	}
}

// TestCrashes: wherever the process ends, no data stays without a row for long,
// and no deletion stays without its record.
func TestCrashes(t *testing.T) {
	t.Run("before the rename", func(t *testing.T) {
		w := newWorld(t)
		w.lend(maker, "a", threeYears())
		h := w.put(maker, "a")
		w.strew("0190f5a3-0000-7000-8000-000000000099.part")
		w.restart()
		w.work()
		if files := w.files(); !slices.Equal(files, []string{h.File}) {
			t.Errorf("the files are %v", files)
		}
	})
	t.Run("between the rename and the row", func(t *testing.T) {
		w := newWorld(t)
		w.lend(maker, "a", threeYears())
		w.store.keep, w.store.look = errDown, errDown // nobody can tell whether there is a row
		if _, err := w.Store(t.Context(), maker, "under a", strings.NewReader(data), 100); !errors.Is(err, errDown) {
			t.Fatal(err)
		}
		if files := w.files(); len(files) != 1 {
			t.Fatalf("the files are %v", files)
		}
		w.store.keep, w.store.look = nil, nil
		w.restart()
		w.work()
		if files := w.files(); len(files) > 0 {
			t.Errorf("left: %v", files)
		}
	})
	t.Run("a row that is refused", func(t *testing.T) {
		w := newWorld(t)
		w.lend(maker, "a", threeYears())
		w.store.keep = errDown
		if _, err := w.Store(t.Context(), maker, "under a", strings.NewReader(data), 100); !errors.Is(err, errDown) {
			t.Fatal(err)
		}
		if files := w.files(); len(files) > 0 {
			t.Errorf("left: %v", files)
		}
	})
	t.Run("after the row", func(t *testing.T) {
		w := newWorld(t)
		w.lend(maker, "a", threeYears())
		w.store.keep, w.store.kept = errDown, true // the answer is lost, the row is there
		h := w.put(maker, "a")
		w.restart()
		w.work()
		if got, err := w.read(maker, h.ID); got != data || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("during the deletion", func(t *testing.T) {
		w := newWorld(t)
		w.lend(maker, "a", threeYears())
		h := w.put(maker, "a")
		w.now, w.store.remove = h.Due, errDown
		if _, err := w.Work(t.Context()); !errors.Is(err, errDown) {
			t.Fatal(err)
		}
		if files := w.files(); len(files) > 0 || w.status(h.ID) != sink.IsDue {
			t.Fatalf("%s, the files are %v", w.status(h.ID), files)
		}
		w.store.remove = nil
		w.restart()
		w.work()
		after, _ := w.Get(t.Context(), maker, h.ID)
		names, _ := w.events()
		if after.State != sink.Deleted || !strings.Contains(after.Reason, "gone before") || len(names) != 2 {
			t.Errorf("%+v, %v", after, names)
		}
	})
}

// TestSweepBesideOthers: where another process may be writing, a file without a
// row is left for a day.
func TestSweepBesideOthers(t *testing.T) {
	w := newWorld(t)
	w.cfg.Alone = false
	w.restart()
	w.lend(maker, "a", threeYears())
	h := w.put(maker, "a")
	w.strew("0190f5a3-0000-7000-8000-000000000099.part")
	w.strew("0190f5a3-0000-7000-8000-000000000098")
	w.strew("notes.txt") // not ours: nothing of ours has such a name
	fresh := w.now
	if err := os.Chtimes(filepath.Join(w.cfg.Dir, "p-"+maker, "0190f5a3-0000-7000-8000-000000000099.part"), fresh, fresh); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(w.cfg.Dir, "p-"+maker, "0190f5a3-0000-7000-8000-000000000098"), fresh, fresh); err != nil {
		t.Fatal(err)
	}
	w.restart()
	w.work()
	if files := w.files(); len(files) != 4 {
		t.Errorf("at once: %v", files)
	}
	w.now = w.now.Add(24*time.Hour + time.Second)
	w.work() // the sweep comes again by itself
	if files := w.files(); !slices.Equal(files, []string{h.File, "notes.txt"}) {
		t.Errorf("after a day: %v", files)
	}
}

// TestMissingFile: a row whose file somebody took away says so, and is not
// given out.
func TestMissingFile(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	h, whole := w.put(maker, "a"), w.put(maker, "a")
	if err := os.Remove(w.path(h)); err != nil {
		t.Fatal(err)
	}
	w.restart()
	w.work()
	after, _ := w.Get(t.Context(), maker, h.ID)
	if after.LastError != "the file is missing" || w.status(h.ID) != sink.IsOpen || !after.NextTry.Equal(h.Due) {
		t.Errorf("%+v", after)
	}
	if other, _ := w.Get(t.Context(), maker, whole.ID); other != whole {
		t.Errorf("the other one is %+v", other)
	}
	if _, err := w.read(maker, h.ID); !errors.Is(err, sink.ErrMissing) {
		t.Errorf("read: %v", err)
	}
}

// TestAnotherFolder: a file that is not in this folder may be in another one,
// and does not count as deleted.
func TestAnotherFolder(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	h := w.put(maker, "a")
	home := w.cfg.Dir
	w.cfg.Dir = filepath.Join(t.TempDir(), "another disk")
	w.restart()
	w.put(maker, "a")
	if _, err := w.read(maker, h.ID); !errors.Is(err, sink.ErrMissing) {
		t.Errorf("read from another folder: %v", err)
	}
	w.now = h.Due.Add(sink.Grace)
	w.work()
	if got := w.status(h.ID); got != sink.IsOverdue {
		t.Errorf("it is %s", got)
	}
	w.cfg.Dir = filepath.Join(t.TempDir(), "no disk")
	w.restart()
	w.work()
	if got := w.status(h.ID); got != sink.IsOverdue {
		t.Errorf("without a folder it is %s", got)
	}
	w.cfg.Dir = home
	w.restart()
	w.work()
	if got := w.status(h.ID); got != sink.IsDone || len(w.files()) > 0 {
		t.Errorf("at home it is %s, with %v", got, w.files())
	}
}

// TestOverdue: what cannot be deleted is tried again, ever more rarely, and
// shown, and deleted when it can be.
func TestOverdue(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	h, easy := w.put(maker, "a"), w.put(maker, "a")
	// A folder that is not empty cannot be unlinked, not even by root.
	if err := errors.Join(os.Remove(w.path(h)), os.Mkdir(w.path(h), 0o700), os.WriteFile(filepath.Join(w.path(h), "x"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	w.now = h.Due
	var pauses []time.Duration
	for range 12 {
		next := w.work()
		after, _ := w.Get(t.Context(), maker, h.ID)
		if got := w.status(h.ID); got != sink.IsOverdue || after.LastError == "" || !after.NextTry.After(w.now) {
			t.Fatalf("it is %s: %+v", got, after)
		}
		pauses = append(pauses, after.NextTry.Sub(w.now))
		if wait := min(after.NextTry.Sub(w.now), 5*time.Second); !next.Equal(w.now.Add(wait)) {
			t.Fatalf("next is %v after %v", next.Sub(w.now), wait)
		}
		w.now = after.NextTry
	}
	if !slices.IsSorted(pauses) || pauses[0] != 5*time.Second || pauses[11] != time.Hour {
		t.Errorf("the pauses are %v", pauses)
	}
	if got := w.status(easy.ID); got != sink.IsDone {
		t.Errorf("the one beside it is %s", got)
	}
	if _, err := w.read(maker, h.ID); !errors.Is(err, sink.ErrRetentionOver) {
		t.Errorf("read: %v", err)
	}
	if err := errors.Join(os.RemoveAll(w.path(h)), os.WriteFile(w.path(h), []byte(data), 0o600)); err != nil {
		t.Fatal(err)
	}
	w.work()
	after, _ := w.Get(t.Context(), maker, h.ID)
	if got := w.status(h.ID); got != sink.IsDone || after.LastError != "" || len(w.files()) > 0 {
		t.Errorf("it is %s: %+v, %v", got, after, w.files())
	}
}

// TestNames: nothing that anybody else chose becomes a path.
func TestNames(t *testing.T) {
	w := newWorld(t)
	tricky := "../../x\\..\\y:z/con"
	w.lend(maker, tricky, threeYears())
	h := w.put(maker, tricky)
	if files := w.files(); len(files) != 1 || files[0] != h.File || strings.ContainsAny(h.File, `/\:.`) {
		t.Errorf("the files are %v", files)
	}
	if around, err := os.ReadDir(filepath.Dir(w.cfg.Dir)); err != nil || len(around) != 1 {
		t.Errorf("beside the folder: %v, %v", around, err)
	}
	for _, contextID := range []string{"..", "../maker", "a/b", `a\b`, "", "Maker", "a.b", strings.Repeat("a", 64), "a:b", "."} {
		w.lend(contextID+"x", "a", threeYears())
		if contextID != "" {
			w.lend(contextID, "a", threeYears())
		}
		if h, err := w.Store(t.Context(), contextID, "under a", strings.NewReader(data), 100); err == nil {
			t.Errorf("stored for %q: %+v", contextID, h)
		}
	}
	if files := w.files(); len(files) != 1 {
		t.Errorf("the files are %v", files)
	}
	w.lend("con", "a", threeYears()) // a device on Windows
	if got, err := w.read("con", w.put("con", "a").ID); got != data || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	// A row that was altered does not lead outside, to read or to delete.
	outside := filepath.Join(filepath.Dir(w.cfg.Dir), "outside")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.ID, h.File = "altered", "../../outside"
	e, err := w.store.For(maker).Journal(t.Context(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	row := e[0]
	row.ID, row.Position = "altered", 0
	if err := w.store.KeepHolding(t.Context(), h, row); err != nil {
		t.Fatal(err)
	}
	if got, err := w.read(maker, "altered"); err == nil {
		t.Errorf("read %q", got)
	}
	w.now = h.Due
	w.work()
	if text, err := os.ReadFile(outside); string(text) != "secret" {
		t.Errorf("outside there is %q, %v", text, err)
	}
	if got := w.status("altered"); got != sink.IsOverdue {
		t.Errorf("it is %s", got)
	}
}

// TestLinks: a link that somebody put into the folder is not followed out of
// it, and its target is not deleted.
func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making a link takes a privilege there")
	}
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	h := w.put(maker, "a")
	outside := filepath.Join(t.TempDir(), "secret")
	if err := errors.Join(os.WriteFile(outside, []byte("secret"), 0o600), os.Remove(w.path(h)), os.Symlink(outside, w.path(h))); err != nil {
		t.Fatal(err)
	}
	if got, err := w.read(maker, h.ID); err == nil {
		t.Errorf("read %q", got)
	}
	w.now = h.Due
	w.work()
	if text, err := os.ReadFile(outside); string(text) != "secret" || err != nil {
		t.Errorf("outside there is %q, %v", text, err)
	}
	if _, err := os.Lstat(w.path(h)); !os.IsNotExist(err) {
		t.Errorf("the link: %v", err)
	}
}

// TestModes: nobody but the user of the process reads the data.
func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no modes")
	}
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	h := w.put(maker, "a")
	for path, want := range map[string]os.FileMode{w.cfg.Dir: 0o700, filepath.Dir(w.path(h)): 0o700, w.path(h): 0o600, filepath.Join(w.cfg.Dir, "sink-id"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// TestTwoParticipants do not see each other's data.
func TestTwoParticipants(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	w.lend("other", "a", threeYears())
	mine, theirs := w.put(maker, "a"), w.put("other", "a")
	if _, err := w.read(maker, theirs.ID); !errors.Is(err, sink.ErrNotFound) {
		t.Errorf("read: %v", err)
	}
	if _, err := w.Get(t.Context(), maker, theirs.ID); !errors.Is(err, sink.ErrNotFound) {
		t.Errorf("got: %v", err)
	}
	if list, err := w.List(t.Context(), maker, sink.Query{}); err != nil || len(list) != 1 || list[0] != mine {
		t.Errorf("the list is %+v, %v", list, err)
	}
	if _, err := w.List(t.Context(), maker, sink.Query{Before: theirs.ID}); !errors.Is(err, sink.ErrNotFound) {
		t.Errorf("a cursor of another: %v", err)
	}
}

// TestFolderID: an id file that is empty is no id.
func TestFolderID(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	h := w.put(maker, "a")
	if err := os.WriteFile(filepath.Join(w.cfg.Dir, "sink-id"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.now = h.Due
	if _, err := w.Work(t.Context()); err == nil || len(w.files()) != 1 {
		t.Errorf("%v, %v", err, w.files())
	}
	if _, err := w.Store(t.Context(), maker, "under a", strings.NewReader(data), 100); err == nil {
		t.Error("stored in a folder without an id")
	}
}

// TestSweepWhileWriting: what is being written is not swept away.
func TestSweepWhileWriting(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	w.put(maker, "a") // there is a folder
	swept := false
	h, err := w.Store(t.Context(), maker, "under a", reading(func() {
		swept = true
		w.work()
	}), 100)
	if err != nil || !swept {
		t.Fatal(swept, err)
	}
	if got, err := w.read(maker, h.ID); got != data || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestReplicas: of several that work at the same folder at the same time one
// deletes each file, and one row of the journal tells of it.
func TestReplicas(t *testing.T) {
	w := newWorld(t)
	w.cfg.Alone = false
	w.restart()
	w.lend(maker, "a", threeYears())
	var due time.Time
	for range 110 { // more than are looked at together
		due = w.put(maker, "a").Due
	}
	w.now = due
	failed := make(chan error)
	for range 4 {
		cfg, ids := w.cfg, newIDs()
		cfg.NewID = ids
		go func() {
			_, err := sink.New(cfg).Work(t.Context())
			failed <- err
		}()
	}
	for range 4 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if files := w.files(); len(files) > 0 {
		t.Errorf("%d files are left", len(files))
	}
	told := map[any]int{}
	names, details := w.events()
	for i, name := range names {
		if name == "transfer.data-deleted" {
			told[details[i]["holding"]]++
		}
	}
	if len(told) != 110 || len(names) != 220 {
		t.Errorf("%d events tell of %d deletions, want 220 of 110", len(names), len(told))
	}
}

// TestKeptOnce: what is kept again is the same body, or nothing.
func TestKeptOnce(t *testing.T) {
	w := newWorld(t)
	w.lend(maker, "a", threeYears())
	const id = "urn:uuid:0190f5a3-0000-7000-8000-000000000090"
	keep := func(text string) (sink.Holding, error) {
		d, err := w.Draft(t.Context(), maker, "under a", id, 0, nil, 100)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if _, err := d.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		return d.Keep(t.Context())
	}
	first, err := keep(data)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := keep(data); err != nil || again.SHA256 != first.SHA256 {
		t.Errorf("the same again: %+v, %v", again, err)
	}
	if _, err := keep("another"); !errors.Is(err, sink.ErrExists) {
		t.Errorf("another one: %v", err)
	}
	if text, err := os.ReadFile(w.path(first)); err != nil || string(text) != data {
		t.Errorf("the file is %q, %v", text, err)
	}
}

// TestSweepOfDrafts: one that nobody has open goes after a day, also where no
// other process writes; one that is open, fresh, or only has to be kept stays.
func TestSweepOfDrafts(t *testing.T) {
	for _, alone := range []bool{true, false} {
		w := newWorld(t)
		w.cfg.Alone = alone
		w.restart()
		w.lend(maker, "a", threeYears())
		h := w.put(maker, "a")
		file := func(n string) string { return "0190f5a3-0000-7000-8000-0000000000" + n }
		id := func(n string) string { return "urn:uuid:" + file(n) }
		var open []*sink.Draft
		for _, n := range []string{"90", "91", "92"} {
			d, err := w.Draft(t.Context(), maker, "under a", id(n), 0, nil, 100)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Write([]byte(data)); err != nil {
				t.Fatal(err)
			}
			open = append(open, d)
		}
		at := func(file string, when time.Time) {
			if err := os.Chtimes(filepath.Join(w.cfg.Dir, "p-"+maker, file+".draft"), when, when); err != nil {
				t.Fatal(err)
			}
		}
		begun := w.now
		at(file("90"), begun)
		at(file("91"), begun)
		at(file("92"), begun.Add(time.Hour))
		if err := os.Rename(w.path(h), w.path(h)+".draft"); err != nil { // as a crash leaves it between row and name
			t.Fatal(err)
		}
		at(h.File, begun)
		for _, d := range open[1:] {
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
		w.now = begun.Add(24 * time.Hour)
		w.work()
		if files := w.files(); len(files) != 4 {
			t.Errorf("alone %v, within a day: %v", alone, files)
		}
		w.now = w.now.Add(time.Hour)
		w.work()
		if files := w.files(); len(files) != 3 || slices.Contains(files, "0190f5a3-0000-7000-8000-000000000091.draft") {
			t.Errorf("alone %v, after a day: %v", alone, files)
		}
		if row, err := w.Get(t.Context(), maker, h.ID); err != nil || row.LastError != "" {
			t.Errorf("alone %v: %+v, %v", alone, row, err)
		}
		if err := open[0].Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Draft(t.Context(), maker, "under a", id("91"), int64(len(data)), nil, 100); !errors.Is(err, sink.ErrMissing) {
			t.Errorf("alone %v: who comes back: %v", alone, err)
		}
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/dataplane/dataplanetest"
)

// forgetful is a store that fails to write down that a body is kept.
type forgetful struct {
	transfer.JobStore

	mu    sync.Mutex
	fails int // so often
	skips int // but not the first so many times
}

var errForgotten = errors.New("the disk is full")

func (f *forgetful) fail(times int) { f.mu.Lock(); defer f.mu.Unlock(); f.fails = times }

func (f *forgetful) PutJob(ctx context.Context, j transfer.Job) (transfer.Job, error) {
	f.mu.Lock()
	done := j.Kind == transfer.JobInbox && j.State == transfer.JobDone && f.fails > 0
	fails := done && f.skips == 0
	switch {
	case fails:
		f.fails--
	case done:
		f.skips--
	}
	f.mu.Unlock()
	if fails {
		return j, errForgotten
	}
	return f.JobStore.PutJob(ctx, j)
}

// named is a letter with the names that a sender gives it.
func named(m letter) letter {
	header := map[string]string{"Idempotency-Key": `"key"`, "X-TrackingID": "name"}
	maps.Copy(header, m.header)
	m.header = header
	return m
}

// TestInboxFindsWhatItKept: whatever the process died of after a body had come,
// the next one keeps it, or knows that it is kept, and takes and counts it once.
func TestInboxFindsWhatItKept(t *testing.T) {
	const data = "it is kept once"
	patch := func(offset int, body string) letter {
		return named(letter{method: http.MethodPatch, header: at(offset), body: strings.NewReader(body)})
	}
	post := func() letter { return named(letter{method: http.MethodPost, body: strings.NewReader(data)}) }
	for death, die := range map[string]func(*letterbox){
		"before it was kept":           func(l *letterbox) { l.shelf.Fail(1) },
		"before that was written down": func(l *letterbox) { l.jobs.fail(1) },
	} {
		for name, c := range map[string]struct {
			first, then letter
			status      int
		}{
			"the sender asks":              {patch(0, data), letter{method: http.MethodHead}, 204},
			"the sender sends its end":     {patch(0, data), patch(len(data), ""), 201},
			"the sender begins anew":       {patch(0, data), patch(0, data), 201},
			"the sender repeats the whole": {post(), post(), 201},
		} {
			t.Run(death+", "+name, func(t *testing.T) {
				l := newLetterbox(t)
				die(l)
				if status, code, _ := l.send(c.first); status != 503 {
					t.Fatal(status, code)
				}
				l.opens()
				if status, code, h := l.send(c.then); status != c.status || h.Get("Upload-Complete") != "?1" || h.Get("Repr-Digest") != fieldOf([]byte(data)) {
					t.Errorf("%d %s %v", status, code, h)
				}
				if status, _, h := l.send(letter{method: http.MethodHead}); status != 204 || h.Get("Upload-Complete") != "?1" {
					t.Errorf("and then: %d %v", status, h)
				}
				l.kept(data)
				if l.shelf.Written() != int64(len(data)) || l.shelf.Drafts() > 0 {
					t.Errorf("%d bytes were taken, %d drafts are left", l.shelf.Written(), l.shelf.Drafts())
				}
				l.counted(data)
			})
		}
	}
}

// counted fails unless evidence of one body was given, by the name of its
// sender.
func (l *letterbox) counted(data string) {
	l.Helper()
	list := l.moves.whole()
	if len(list) != 1 || list[0].TrackingID != "name" || list[0].Bytes != int64(len(data)) || list[0].SHA256 != sumOf([]byte(data)) || list[0].Status != 201 {
		l.Errorf("counted: %+v", list)
	}
}

// TestInboxKeepsBeforeItEnds: a body that has come as a whole is kept, and
// counted, before the transfer ends; not where its time is over.
func TestInboxKeepsBeforeItEnds(t *testing.T) {
	const data = "all of it had come"
	for name, c := range map[string]struct {
		then error // what Keep says at the end
		kept []string
		err  error
	}{
		"it is kept":       {nil, []string{data}, nil},
		"it cannot be yet": {dataplanetest.ErrShelf, nil, dataplanetest.ErrShelf},
		"its time is over": {&transfer.JobFault{Code: dataplane.CodeRetentionOver, Reason: "it is"}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLetterbox(t)
			l.shelf.Fail(1)
			if status, code, _ := l.send(named(letter{method: http.MethodPost, body: strings.NewReader(data)})); status != 503 {
				t.Fatal(status, code)
			}
			l.opens()
			l.shelf.FailKeep(c.then)
			if err := l.inbox.Complete(t.Context(), transfer.Flow{Context: "maker", Process: "one"}); !errors.Is(err, c.err) {
				t.Error(err)
			}
			l.kept(c.kept...)
			if len(c.kept) > 0 {
				l.counted(data)
			}
			j, err := l.jobs.Job(t.Context(), "maker", "one", transfer.JobInbox)
			if err != nil || j.Over() != (c.err == nil) || j.Over() != (l.shelf.Drafts() == 0) {
				t.Errorf("%+v, %d drafts, %v", j, l.shelf.Drafts(), err)
			}
		})
	}
}

// accounts are movements that can be counted for good, once they can at all.
type accounts struct{ of *letterbox }

func (a accounts) Moved(ctx context.Context, m transfer.Movement) { a.of.moves.Moved(ctx, m) }

func (a accounts) MovedOnce(ctx context.Context, m transfer.Movement) error {
	a.of.mu.Lock()
	defer a.of.mu.Unlock()
	if a.of.fails > 0 {
		a.of.fails--
		return errForgotten
	}
	a.Moved(ctx, m)
	return nil
}

// TestInboxCountsLater: a body that is kept and cannot be counted is taken all
// the same, so that it does not come again, and counted later; before that no
// other one takes its place.
func TestInboxCountsLater(t *testing.T) {
	l := newLetterbox(t)
	l.opens(func(c *dataplane.InboxConfig) { c.Evidence = accounts{l} })
	l.fails = 3
	post := func(body string) int {
		status, _, _ := l.send(letter{method: http.MethodPost, header: map[string]string{"X-TrackingID": "name"}, body: strings.NewReader(body)})
		return status
	}
	if first, second := post("one"), post("another"); first != 201 || second != 503 {
		t.Fatal(first, second)
	}
	l.kept("one")
	l.opens(func(c *dataplane.InboxConfig) { c.Evidence = accounts{l} })
	works(t, l.carrier)
	polls(t, func() bool { return len(l.moves.whole()) > 0 })
	l.counted("one")
	if status := post("another"); status != 201 {
		t.Error(status)
	}
	l.kept("one", "another")
	j, err := l.jobs.Job(t.Context(), "maker", "one", transfer.JobInbox)
	if err != nil || j.State != transfer.JobDone || !j.Counted || !j.NextTry.IsZero() || j.Bodies != 2 || len(l.moves.whole()) != 2 {
		t.Errorf("%+v %v", j, err)
	}
}

// TestInboxThatLostABody takes it again: it was about to be kept, and is
// nowhere.
func TestInboxThatLostABody(t *testing.T) {
	l := newLetterbox(t)
	l.shelf.Fail(1)
	whole := func() letter {
		return named(letter{method: http.MethodPatch, header: at(0), body: strings.NewReader("all of it")})
	}
	if status, code, _ := l.send(whole()); status != 503 {
		t.Fatal(status, code)
	}
	if err := l.shelf.Drop(transfer.Job{ID: "id-1"}); err != nil {
		t.Fatal(err)
	}
	l.opens()
	if status, _, h := l.send(letter{method: http.MethodHead}); status != 204 || h.Get("Upload-Offset") != "0" || h.Get("Upload-Complete") != "?0" {
		t.Errorf("%d %v", status, h)
	}
	if status, code, _ := l.send(whole()); status != 201 {
		t.Errorf("%d %s", status, code)
	}
	l.kept("all of it")
	l.counted("all of it")
}

// TestInboxCountsABodyOnce, in however many parts it came: by the last name that
// its sender gave, and from its first byte.
func TestInboxCountsABodyOnce(t *testing.T) {
	l := newLetterbox(t)
	l.send(letter{method: http.MethodPatch, header: map[string]string{"Upload-Offset": "0", "Upload-Complete": "?0"}, body: strings.NewReader("in ")})
	if n := len(l.moves.whole()); n != 0 {
		t.Errorf("%d bodies are counted, and none is kept", n)
	}
	part := l.moves.now()
	if len(part) != 1 || part[0].Bytes != 3 || part[0].Alone {
		t.Errorf("a part counts, without a row of its own: %+v", part)
	}
	end := named(letter{method: http.MethodPatch, header: at(3), body: strings.NewReader("parts")})
	for range 2 {
		if status, code, _ := l.send(end); status != 201 {
			t.Errorf("%d %s", status, code)
		}
	}
	l.kept("in parts")
	l.counted("in parts")
}

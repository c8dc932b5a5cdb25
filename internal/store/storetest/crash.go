// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Victim steps processes of its own on s until it is killed, and writes
// "process version" to out for each step that was answered.
func Victim(ctx context.Context, s engine.Store, name string, out io.Writer) error {
	var mu sync.Mutex
	errs := make(chan error)
	for i := range 8 {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%s-%d-%d", name, i, n)
				err := victimise(ctx, s, id, func(version int64) error {
					mu.Lock()
					defer mu.Unlock()
					_, err := fmt.Fprintf(out, "%s %d\n", id, version)
					return err
				})
				if err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	return <-errs
}

// victimise takes a process through 20 steps, each of which changes record,
// outbox, history and journal.
func victimise(ctx context.Context, s engine.Store, id string, answered func(int64) error) error {
	r, was := record(owner, id), engine.Work{}
	for range 20 {
		now := work(r, engine.OpSend, fmt.Sprint("k-", r.Version))
		c := engine.Commit{Record: r, Expect: r.Version - 1, Put: []engine.WorkChange{{Was: was, Now: now}}}
		c.Exchanges = []engine.Exchange{{MessageID: now.Key, Body: make([]byte, 700), At: t0}}
		c.Journal = []engine.Entry{event(r, id+now.Key)}
		if err := s.For(owner).Commit(ctx, c); err != nil {
			return err
		}
		if err := answered(r.Version); err != nil {
			return err
		}
		was = now
		r.Version++
	}
	return nil
}

// Kill runs victim, kills it without a warning after some answered steps, and
// returns the version of each process that was answered last.
func Kill(t *testing.T, victim *exec.Cmd, after int) map[string]int64 {
	t.Helper()
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	victim.Stderr = &stderr
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(60*time.Second, func() { _ = victim.Process.Kill() })
	defer stuck.Stop()
	answered := map[string]int64{}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ { // also what it wrote before it died
		var id string
		var version int64
		if _, err := fmt.Sscan(lines.Text(), &id, &version); err != nil {
			continue // cut off
		}
		answered[id] = max(answered[id], version)
		if n == after {
			_ = victim.Process.Kill()
		}
	}
	err = victim.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Exited() || len(answered) == 0 {
		t.Fatalf("the victim was not killed: %v\n%s", err, stderr.String())
	}
	return answered
}

// Autopsy checks that every answered step is stored, and every stored step is
// stored whole.
func Autopsy(t *testing.T, s engine.Store, answered map[string]int64) {
	t.Helper()
	b := &box{T: t, Opened: Opened{Store: s}, ctx: t.Context(), p: s.For(owner)}
	rows := b.journal(owner)
	events, prev := map[string]int64{}, ""
	for i, e := range rows {
		if e.Position != int64(i+1) || e.Prev != prev || e.Hash != engine.Chain(prev, e) {
			t.Fatalf("journal row %d does not follow", i+1)
		}
		events[e.Process]++
		prev = e.Hash
	}
	stored := map[string]int64{}
	for _, r := range b.list(engine.Query{}) {
		stored[r.ID] = r.Version
		b.equal("journal rows of "+r.ID, events[r.ID], r.Version)
		b.equal("messages of "+r.ID, int64(len(b.history(r.ID))), r.Version)
		b.equal("row of "+r.ID, keys(r.Work), []string{fmt.Sprint("k-", r.Version)})
	}
	for id, version := range answered {
		if stored[id] < version {
			t.Fatalf("%s was answered version %d, stored is %d", id, version, stored[id])
		}
	}
	t.Logf("%d processes, %d journal rows, %d processes answered", len(stored), len(rows), len(answered))
}

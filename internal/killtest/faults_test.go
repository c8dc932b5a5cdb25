// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package killtest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const (
	jobsOfFault = 40              // that are done while one fault lasts
	faultTime   = 3 * time.Second // how long a fault lasts after it was noticed
)

// fault is something that goes wrong with a database, and is mended.
type fault struct {
	name       string
	hit        []*side // who notices
	reads      bool    // reading goes on
	begin, end func() error
}

// faults happen one after another to two participants on one server, while
// they negotiate.
func faults(t *testing.T, binary string) {
	s := newServer(t)
	d := newDisk(t, 128)
	dsn := d.database(t, s)
	m := newTeam(t, binary, 1, 2, 0, func(t *testing.T, name string) string { return schemaOn(t, dsn, name) })
	all := append(append([]*side{}, m.consumer.replicas...), m.provider.replicas...)
	one, line := m.provider.replicas[0], m.provider.lines[0]
	set := func(state lineState) func() error {
		return func() error { line.set(state); return nil }
	}
	readOnly := func(value string) func() error {
		return func() error {
			if err := execute(s.dsn, "ALTER SYSTEM SET default_transaction_read_only = "+value); err != nil {
				return err
			}
			return execute(s.dsn, "SELECT pg_reload_conf()")
		}
	}
	m.meet(t, []fault{
		{"its line to the database is cut", []*side{one}, false, set(cut), set(passes)},
		{"its line to the database falls silent", []*side{one}, false, set(silent), set(passes)},
		{
			"the server ends and comes back", all, false,
			func() error { return s.control("stop", "-m", "immediate") }, func() error { return s.control("start") },
		},
		{"the server becomes one that only reads", all, false, readOnly("on"), readOnly("off")},
		{"the disk of the server is full", all, true, d.fill, d.clear},
	})
}

// fullSQLite has the disks of two connectors full, one after the other.
func fullSQLite(t *testing.T, binary string) {
	// The write-ahead log alone grows to 16 MB.
	consumers, providers := newDisk(t, 64), newDisk(t, 64)
	at := map[string]*disk{"consumer": consumers, "provider": providers}
	m := newPair(t, binary, func(_ *testing.T, name string) string {
		return "sqlite:" + filepath.Join(at[name].path, name+".db")
	})
	m.meet(t, []fault{
		{"the disk of the provider is full", m.provider.replicas, true, providers.fill, providers.clear},
		{"the disk of the consumer is full", m.consumer.replicas, true, consumers.fill, consumers.clear},
	})
}

// newPair is a team without replicas.
func newPair(t *testing.T, binary string, store func(*testing.T, string) string) *team {
	t.Helper()
	consumer, provider := newSides(t, binary, store)
	alone := func(s *side) *cluster { return &cluster{name: s.name, replicas: []*side{s}, desk: s} }
	m := &team{consumer: alone(consumer), provider: alone(provider), driver: &driver{consumer: consumer.api, meter: newMeter()}}
	m.readers = append(readers(m.consumer), readers(m.provider)...)
	return m
}

// meet plays the faults, each with jobs of its own, and audits the books.
func (m *team) meet(t *testing.T, faults []fault) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	m.jobs, m.workers = len(faults)*jobsOfFault, 16
	m.start(ctx, t)
	for _, c := range []*cluster{m.consumer, m.provider} {
		for _, s := range c.replicas {
			s.expected = "the database cannot be used"
		}
	}
	end := followAll(ctx, m.readers)
	for i, f := range faults {
		began := time.Now()
		from := i * jobsOfFault
		steps, _ := m.driver.meter.now()
		errs := m.do(ctx, from, from+jobsOfFault, func() error {
			if !m.driver.meter.reach(ctx, steps+jobsOfFault/4) {
				return ctx.Err()
			}
			return f.play(ctx, t)
		})
		for _, err := range errs {
			t.Errorf("%s: %v", f.name, err)
		}
		t.Logf("%s: %.1f s", f.name, time.Since(began).Seconds())
	}
	consumer, provider := settle(ctx, t, m.consumer.desk, m.provider.desk, m.jobs, m.transfers())
	end()
	m.sameJournals(t, consumer, provider)
	t.Logf("%d calls without an answer, %d of them had been taken", m.driver.lost.Load(), m.driver.found.Load())
}

// play begins the fault, looks whether those who are hit say so, ends it, and
// looks whether they recover by themselves.
func (f fault) play(ctx context.Context, t *testing.T) error {
	logs := make([]int, len(f.hit))
	for i, s := range f.hit {
		logs[i] = len(s.logged(t))
	}
	if err := f.begin(); err != nil {
		return err
	}
	noticed, err := f.noticed(ctx)
	if err == nil {
		pause(ctx, faultTime)
		err = f.refused(ctx)
	}
	if failed := f.end(); failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	ended := time.Now()
	for i, s := range f.hit {
		if err := s.recovers(ctx); err != nil {
			return err
		}
		if err := s.told(t, logs[i]); err != nil {
			return err
		}
	}
	t.Logf("%s: noticed after %s, over after %s", f.name, noticed.Round(time.Millisecond), time.Since(ended).Round(time.Millisecond))
	return nil
}

func (s *side) logged(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

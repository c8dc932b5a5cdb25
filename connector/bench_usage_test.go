// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package connector_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/metrics"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Usage is what processes have used since they began.
type Usage struct {
	CPU, Server   time.Duration // of the connectors; of the database server
	Allocs, Bytes uint64        // of the heap
}

func (u Usage) minus(v Usage) Usage {
	return Usage{u.CPU - v.CPU, u.Server - v.Server, u.Allocs - v.Allocs, u.Bytes - v.Bytes}
}

// ownUsage is that of this process.
func ownUsage() Usage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err) // it takes no argument that could be wrong
	}
	s := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return Usage{
		CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), Allocs: s[0].Value.Uint64(), Bytes: s[1].Value.Uint64(),
	}
}

// usage is that of both connectors, and of the database server.
func (tr *trade) usage(t testing.TB) Usage {
	t.Helper()
	var theirs Usage
	if err := tr.provider.call("Usage", struct{}{}, &theirs); err != nil {
		t.Fatal(err)
	}
	u := ownUsage()
	u.CPU += theirs.CPU
	u.Allocs += theirs.Allocs
	u.Bytes += theirs.Bytes
	if tr.server != 0 {
		u.Server = serverTime(t, tr.server)
	}
	return u
}

// serverOf is the process of the database server, 0 where it is not one of
// this machine that /proc tells of.
func serverOf(t testing.TB, dsn string) int {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var backend, parent int
	if err := db.QueryRowContext(t.Context(), "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		t.Fatal(err)
	}
	if comm, stat := processStat(backend); strings.HasPrefix(comm, "postgres") {
		parent, _ = strconv.Atoi(stat[1])
	}
	return parent
}

// serverTime is the CPU time of the server and of those of its processes that
// run or have ended.
func serverTime(t testing.TB, server int) time.Duration {
	t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var ticks int64
	add := func(stat []string, from, to int) {
		for _, field := range stat[from:to] {
			n, _ := strconv.ParseInt(field, 10, 64)
			ticks += n
		}
	}
	for _, folder := range folders {
		pid, _ := strconv.Atoi(filepath.Base(folder))
		_, stat := processStat(pid)
		switch {
		case len(stat) < 15:
		case pid == server:
			add(stat, 11, 15) // user and system, its own and of children that ended
		case stat[1] == strconv.Itoa(server):
			add(stat, 11, 13)
		}
	}
	return time.Duration(ticks) * time.Second / 100 // the unit is a hundredth on every Linux
}

// processStat reads /proc/PID/stat: the name, and what follows it.
func processStat(pid int) (comm string, fields []string) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", nil // ended, or a system without
	}
	head, tail, _ := strings.Cut(string(text), ") ")
	_, comm, _ = strings.Cut(head, "(")
	return comm, strings.Fields(tail)
}

// profile begins profiles of both processes if they are asked for; without a
// name it ends them.
func (tr *trade) profile(t testing.TB, name string) {
	t.Helper()
	dir := os.Getenv("MUSUBI_BENCH_PROFILE")
	if dir == "" {
		return
	}
	path := ""
	if name != "" {
		path = filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
	}
	if err := errors.Join(own.turn(suffixed(path, ".consumer")), tr.provider.call("Profile", suffixed(path, ".provider"), nil)); err != nil {
		t.Fatal(err)
	}
}

func suffixed(path, suffix string) string {
	if path == "" {
		return ""
	}
	return path + suffix
}

// own profiles this process.
var own profiler

// profiler writes a profile of CPU time and, at the end, one of allocations.
type profiler struct {
	path string
	file *os.File
}

// turn begins a profile, or ends it if there is no path.
func (p *profiler) turn(path string) (err error) {
	if path != "" {
		p.path = path
		if p.file, err = os.Create(path + ".cpu.pprof"); err != nil {
			return err
		}
		return pprof.StartCPUProfile(p.file)
	}
	pprof.StopCPUProfile()
	allocs, err := os.Create(p.path + ".allocs.pprof")
	if err != nil {
		return err
	}
	return errors.Join(p.file.Close(), pprof.Lookup("allocs").WriteTo(allocs, 0), allocs.Close())
}

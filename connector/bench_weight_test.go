// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package connector_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
)

// Weight is what a process holds.
type Weight struct {
	Resident   int64 // bytes of memory; 0 where /proc does not tell
	Heap       int64 // bytes of it in Go's heap, garbage included; SQLite has its own beside it
	Goroutines int
	Sockets    int   // open connections, listeners included; 0 where /proc does not tell
	File       int64 // bytes of the database
	Log        int64 // bytes of SQLite's write-ahead log
}

func hasProc() bool {
	_, err := os.Stat("/proc/self/status")
	return err == nil
}

// weigh is that of this process and its store.
func (s remoteSetup) weigh(t testing.TB) Weight {
	t.Helper()
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	w := Weight{Goroutines: runtime.NumGoroutine(), Heap: int64(heap[0].Value.Uint64())}
	status, _ := os.ReadFile("/proc/self/status")
	if _, rest, found := strings.Cut(string(status), "VmRSS:"); found {
		line, _, _ := strings.Cut(rest, "kB")
		kib, _ := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		w.Resident = kib << 10
	}
	open, _ := filepath.Glob("/proc/self/fd/*")
	for _, file := range open {
		if to, err := os.Readlink(file); err == nil && strings.HasPrefix(to, "socket:") {
			w.Sockets++
		}
	}
	if path, ok := strings.CutPrefix(s.Store, "sqlite:"); ok {
		w.File, w.Log = size(path), size(path+"-wal")
		return w
	}
	db, err := sql.Open("pgx", s.Store)
	if err != nil {
		t.Error(err)
		return w
	}
	defer db.Close()
	err = db.QueryRow(`SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'`).Scan(&w.File)
	if err != nil {
		t.Error(err)
	}
	return w
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

const sampleHeader = "   time   agreed  median ms  longest ms  CPU ms each | MiB of memory   of it heap     goroutines   sockets    MiB of store and log (consumer, provider)"

func (s sample) String() string {
	const mib = 1 << 20
	c, p := s.Consumer, s.Provider
	return fmt.Sprintf("%6.0fs %8d %10.1f %11.1f %12.2f | %6.1f %6.1f %6.1f %6.1f  %5d %5d  %4d %4d  %8.1f %5.1f %8.1f %5.1f",
		s.at.Seconds(), s.done, milliseconds(s.median), milliseconds(s.longest), milliseconds(s.cpu)/float64(max(1, s.done)),
		float64(c.Resident)/mib, float64(p.Resident)/mib, float64(c.Heap)/mib, float64(p.Heap)/mib, c.Goroutines, p.Goroutines, c.Sockets, p.Sockets,
		float64(c.File)/mib, float64(c.Log)/mib, float64(p.File)/mib, float64(p.Log)/mib)
}

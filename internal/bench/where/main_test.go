// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
	"time"
)

const traces = `File: connector.test
Type: cpu
-----------+-------------------------------------------------------
      10ms   internal/runtime/syscall/linux.Syscall6
             syscall.RawSyscall6
             modernc.org/libc.Xfsync
             github.com/musubi-ods/musubi/internal/store.(*writer).loop
-----------+-------------------------------------------------------
      1.2s   runtime.memmove
             encoding/json.Unmarshal (inline)
             github.com/musubi-ods/musubi/internal/store.(*domain).read
-----------+-------------------------------------------------------
      20ms   runtime.scanobject
             runtime.gcBgMarkWorker
-----------+-------------------------------------------------------
     labels:  x:y
      30ms   github.com/musubi-ods/musubi/internal/engine.(*Core).send
             net/http.(*conn).serve
-----------+-------------------------------------------------------
      40ms   main.unknown
-----------+-------------------------------------------------------
`

func TestSum(t *testing.T) {
	spent, err := sum(traces)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]time.Duration{
		"SQLite": 10 * time.Millisecond, "JSON": 1200 * time.Millisecond, "garbage collection": 20 * time.Millisecond,
		"state machine and domain": 30 * time.Millisecond, rest: 40 * time.Millisecond,
	}
	for name, took := range want {
		if spent[name] != took {
			t.Errorf("%s took %s, want %s", name, spent[name], took)
		}
	}
	if len(spent) != len(want) {
		t.Errorf("%v", spent)
	}
	if _, err := sum("File: nothing\n"); err == nil {
		t.Error("no sample is no error")
	}
	var out strings.Builder
	table(&out, spent, 10)
	if text := out.String(); !strings.Contains(text, "| JSON | 120.00 | 92 % |\n| the rest | 4.00 |") || !strings.Contains(text, "| all | 130.00 | 100 % |\n") {
		t.Errorf("printed:\n%s", text)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// counted: the system says what a process has used.
const counted = true

// used is what the process of a side has used so far: what it wrote, to files
// and connections alike, is more than what it sent.
func used(t *testing.T, s *side) usage {
	t.Helper()
	of := fmt.Sprintf("/proc/%d/", s.cmd.Process.Pid)
	return usage{
		written:  field(t, of+"io", "wchar:"),
		resident: field(t, of+"status", "VmRSS:") << 10,
		peak:     field(t, of+"status", "VmHWM:") << 10,
	}
}

func field(t *testing.T, path, name string) int64 {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("%s says nothing of %s", path, name)
	return 0
}

// stopProcess holds a process where it is. Killing it needs no more.
func stopProcess(t *testing.T, s *side) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
)

// giveBack returns the memory that only the start needed: the heap's free
// pages, and the pages of the program itself that it ran through once. The
// latter are unchanged copies of the file, so the kernel maps again what is
// still wanted. A connector for a small firm sits idle most of the day.
func giveBack() {
	debug.FreeOSMemory()
	self, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 6 && fields[5] == self && !strings.Contains(fields[1], "w") {
			unmapPages(fields[0])
		}
	}
}

// unmapPages drops the pages of a read-only range such as 400000-a00000.
func unmapPages(span string) {
	from, to, _ := strings.Cut(span, "-")
	first, err := strconv.ParseUint(from, 16, 64)
	if err != nil {
		return
	}
	last, err := strconv.ParseUint(to, 16, 64)
	if err != nil {
		return
	}
	_, _, failed := syscall.Syscall(syscall.SYS_MADVISE, uintptr(first), uintptr(last-first), syscall.MADV_DONTNEED)
	_ = failed // it is advice: where it is not taken, nothing is lost
}

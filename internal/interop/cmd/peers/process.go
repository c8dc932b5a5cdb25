// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// cpu is the processor time that processes have used together.
func cpu(pids map[string]int) (time.Duration, error) {
	var all time.Duration
	for name, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, fmt.Errorf("the %s: %w", name, err)
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 13 {
			return 0, fmt.Errorf("the %s: /proc says %q", name, text)
		}
		for _, field := range fields[11:13] { // user and system, in hundredths on every Linux
			ticks, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return 0, err
			}
			all += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return all, nil
}

// memory is the resident memory of a process in MiB, the mean of them.
func memory(pids map[string]int) (float64, error) {
	total := 0.0
	for name, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			return 0, fmt.Errorf("the %s: %w", name, err)
		}
		_, rest, found := strings.Cut(string(text), "VmRSS:")
		line, _, _ := strings.Cut(rest, "kB")
		kib, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
		if err != nil || !found {
			return 0, fmt.Errorf("the %s: no VmRSS: %w", name, err)
		}
		total += kib / 1024
	}
	return total / float64(len(pids)), nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"errors"
	"syscall"
)

// The signals that hold a process and have it go on.
const (
	stopped = syscall.SIGSTOP
	resumed = syscall.SIGCONT
)

func tell(pids map[string]int, s syscall.Signal) error {
	var err error
	for _, pid := range pids {
		err = errors.Join(err, syscall.Kill(pid, s))
	}
	return err
}

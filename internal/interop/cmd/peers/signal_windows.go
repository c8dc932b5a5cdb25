// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import "errors"

// Windows has no signals that hold a process.
const (
	stopped = "stop"
	resumed = "continue"
)

func tell(map[string]int, string) error { return errors.ErrUnsupported }

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

import "net"

// discard reads at most left bytes that nobody looks at.
func discard(c *net.TCPConn, buffer []byte, left int64) (int64, error) {
	n, err := c.Read(buffer[:min(left, int64(len(buffer)))])
	return int64(n), err
}

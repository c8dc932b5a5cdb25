// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// discard reads at most left bytes that nobody looks at: the kernel drops them
// without a copy.
func discard(c *net.TCPConn, buffer []byte, left int64) (int64, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var n int64
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		// With MSG_TRUNC nothing is written to the buffer (tcp(7)).
		got, _, no := syscall.Recvfrom(int(fd), buffer[:min(left, int64(len(buffer)))], syscall.MSG_TRUNC|syscall.MSG_DONTWAIT)
		switch {
		case errors.Is(no, syscall.EAGAIN):
			return false
		case no != nil:
			failed = no
		case got == 0:
			failed = io.ErrUnexpectedEOF
		}
		n = int64(got)
		return true
	})
	return n, errors.Join(err, failed)
}

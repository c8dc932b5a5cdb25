// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
)

// The ports that are given, below those that systems hand out by themselves; the
// first that this process looks at, and at how many it looked.
const lowest, ports = 10000, 10000

var (
	first  = rand.Uint32N(ports)
	looked atomic.Uint32
)

// Find returns a port of the loopback address where nobody listens and where no
// listener or connection comes to be by chance: a program can be told to listen
// there, now or again, and until then nobody answers. No two calls of a process
// give the same. The error is that of the last try.
func Find() (port int, err error) {
	for range ports {
		port = lowest + int((first+looked.Add(1))%ports)
		var l net.Listener
		if l, err = net.Listen("tcp", at(port)); err == nil { //nolint:noctx // it returns at once: the address is ours
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no free port: %w", err)
}

// Address is Find with the address, host:port.
func Address() (string, error) {
	port, err := Find()
	return at(port), err
}

func at(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

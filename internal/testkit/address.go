// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
)

// The ports that FreeAddress gives, below those that systems hand out by
// themselves, the first that this process looks at, and at how many it looked.
const firstPort, ports = 10000, 10000

var (
	first    = rand.Uint32N(ports)
	lookedAt atomic.Uint32
)

// FreeAddress is an address of this machine where nobody listens and where no
// listener or connection comes to be by chance: another program can be told to
// listen there, now or again, and until then nobody answers. No two calls of a
// process give the same.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range ports {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+int((first+lookedAt.Add(1))%ports)))
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return address
	}
	t.Fatal("no free port")
	return ""
}

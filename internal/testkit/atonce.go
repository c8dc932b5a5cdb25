// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"flag"
	"strconv"
)

// AtOnce has so many parallel tests of a package run at a time, unless -parallel
// says how many: for tests that wait for a disk, a server or a clock more than
// they compute. It is called by TestMain, before the tests are run.
func AtOnce(tests int) {
	flag.Parse()
	f := flag.Lookup("test.parallel")
	if f.Value.String() == f.DefValue {
		_ = f.Value.Set(strconv.Itoa(tests)) // cannot fail
	}
}

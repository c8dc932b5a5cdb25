// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"time"
)

// work runs one pass and returns when the next is due.
func (f *fixture) work() time.Time {
	f.T.Helper()
	next, err := f.s.Work(context.Background())
	if err != nil {
		f.T.Fatal(err)
	}
	return next
}

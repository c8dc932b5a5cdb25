// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/transfer"
)

// TestJobTriesUntilItComesFurther: tries are forgotten where a body comes
// further than ever, and never where it comes as far as it had.
func TestJobTriesUntilItComesFurther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j, best := transfer.Job{}, int64(0)
		for range rapid.IntRange(1, 20).Draw(t, "marks") {
			j.Tries, j.Fault = 3, &transfer.JobFault{Code: "data-cut"}
			size := rapid.Int64Range(0, 100).Draw(t, "size")
			j.Note(size, []byte("sum"), time.Unix(1, 0))
			if j.Offset != size || (j.Tries == 0) != (size > best) || (j.Fault == nil) != (size > best) {
				t.Fatalf("%d after %d: %+v", size, best, j)
			}
			best = max(best, size)
		}
	})
}

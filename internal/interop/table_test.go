// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestTable: a table is in order only if all cases ran, and each of them held.
func TestTable(t *testing.T) {
	holds := Case{"holds", func(context.Context) error { return nil }}
	fails := Case{"fails", func(context.Context) error { return errors.New("two states") }}
	panics := Case{"panics", func(context.Context) error { panic("no answer") }}
	waits := Case{"waits", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
	overtaken := func(times int) Case {
		return Case{"overtaken", func(context.Context) error {
			if times--; times >= 0 {
				return errOvertaken
			}
			return nil
		}}
	}
	for name, c := range map[string]struct {
		cases     []Case
		says, sum string
		wrong     string // "": in order
	}{
		"all hold":         {cases: []Case{holds, holds}, says: "pass", sum: "2 passed, 0 failed"},
		"one fails":        {cases: []Case{holds, fails}, says: "two states", sum: "1 passed, 1 failed", wrong: "1 of 2 cases failed"},
		"one panics":       {cases: []Case{panics, holds}, says: "panic: no answer", sum: "1 passed, 1 failed", wrong: "1 of 2 cases failed"},
		"one does not end": {cases: []Case{holds, waits}, says: "the case took too long", sum: "1 passed, 1 failed", wrong: "1 of 2 cases failed"},
		"one is gone":      {cases: []Case{holds}, says: "pass", sum: "1 passed, 0 failed", wrong: "1 cases ran, not 2"},
		"overtaken once":   {cases: []Case{holds, overtaken(1)}, says: "again", sum: "2 passed, 0 failed"},
		"overtaken twice":  {cases: []Case{holds, overtaken(2)}, says: "again", sum: "1 passed, 1 failed", wrong: "1 of 2 cases failed"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			limit := time.Minute
			if name == "one does not end" {
				limit = 20 * time.Millisecond
			}
			err := Table{Out: &out, Limit: limit, Want: 2}.Run(t.Context(), c.cases)
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || err.Error() != c.wrong) {
				t.Errorf("the error is %v, want %q", err, c.wrong)
			}
			if !strings.Contains(out.String(), c.says) || !strings.HasSuffix(out.String(), "\n"+c.sum+"\n") {
				t.Errorf("it says:\n%s", out.String())
			}
		})
	}
}

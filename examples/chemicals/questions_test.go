// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"testing"
)

// What is read as questions is written again as the same text.
func FuzzParseQuestions(f *testing.F) {
	in, err := load("inv-9")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{asked, "", ",", "::", "CL-2025-11-05:CL-DBDPE:2025-11-05", "CL-2025-11-05:CL-DBDPE:2025-13-05"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		questions, err := parseQuestions(in.register, text)
		if err != nil {
			return
		}
		var again []string
		for _, q := range questions {
			again = append(again, fmt.Sprintf("%s:%s:%s", q.List, q.Entry, q.Date))
		}
		for i, part := range strings.Split(text, ",") {
			if i >= len(again) || strings.TrimSpace(part) != again[i] {
				t.Errorf("%q was read as %q", text, again)
			}
		}
	})
}

// The release that is refused as too old is of the same list, and is older.
func TestOlder(t *testing.T) {
	in, err := load("inv-9")
	if err != nil {
		t.Fatal(err)
	}
	for ask, want := range map[string]string{
		asked:                                "CL-2025-11-05 after CL-2025-06-25",
		"ROHS-2025-11-21:ROHS-PB:2027-06-30": "ROHS-2025-11-21 after ROHS-1999-12-31",
		"CL-2026-02-04:CL-DBDPE:2026-02-04,POPS-2025-08-04:POPS-UV328:2027-08-04": "CL-2026-02-04 after CL-2025-11-05",
	} {
		if in.questions, err = parseQuestions(in.register, ask); err != nil {
			t.Fatal(err)
		}
		q := in.changed()
		if got := q.List + " after " + in.older(q); got != want {
			t.Errorf("%s: %s, want %s", ask, got, want)
		}
	}
}

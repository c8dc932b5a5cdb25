// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/internal/dataspace/dataspacetest"
	"github.com/musubi-ods/musubi/internal/testkit"
)

// execute runs the program as a user would, and returns what it prints, what it
// complains about, and its exit status.
func execute(ctx context.Context, args ...string) (string, string, int) {
	var out, errs bytes.Buffer
	code := command(ctx, args, &out, &errs)
	return out.String(), errs.String(), code
}

// play runs the program with companies that may wait an hour for an answer: a
// run that had to wait for anything would never end.
func play(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := execute(t.Context(), append(args, "-wait", "1h")...)
	if code != 0 || errs != "" {
		t.Fatalf("exit status %d, %s\n%s", code, errs, out)
	}
	return out
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)

func TestTranscripts(t *testing.T) {
	for name, run := range map[string]struct {
		args []string
		says []string // in this order
		not  string
	}{
		"inv-9": {nil, []string{
			"unit asks tape for the composition of TP-12", "new) with the company 2999900000007",
			"CL-2025-06-25 on Tuesday 2025-11-04", "So oem knows of PU-1: not listed",
			"CL-2025-11-05 on Wednesday 2025-11-05", "So oem knows of PU-1: above, judged by article", "REACH Art. 7(2), by 2026-05-05",
			"tape only it sees: TP-12 8.0 %", "HR-3 1.129 %, INV-9 0.0800 %", "oem only it sees: no figure",
			"So oem knows of PU-1: above, judged by material, exempt: 6(c) to 2027-06-30", ": compliant", "TM-4 3.433 %", "RC-5-frit 23.208 %", "no company sees: INV-9 0.0177 %",
			"Thursday 2027-07-01", ": not compliant",
			"Looked for and not there:", "10 texts", "88 texts", "and there: 蒼星パワーユニット（架空）, 7999900000002", "the verdict above",
			"no customer of tape", "it sees 0 datasets", "404", "supplyRelation eq direct does not hold",
			"oem has heard of tape", "404", "corporateNumber isAnyOf 7999900000002 does not hold: it is 8999900000001", "404",
			"for product-imitation", "no agreement", "forbids the action use where purpose",
			"names no contract", "no agreement", "contractReference eq", "declared no contractReference",
			"by CL-2025-06-25, when CL-2025-11-05 is out", "no agreement", "it is CL-2025-06-25",
			"all completed",
			"When the year of NDA-2026-014 is over", "has deleted the composition of TP-12, 445 bytes", "the agreed time of use is over: data was deleted",
		}, "But there is"},
		"sixteen": {[]string{"-data", "sixteen", "-refused=false", "-ask", "CL-2025-11-05:CL-DBDPE:2025-11-05"}, []string{
			"board asks capacitor for the composition", "So oem knows of PU-1: above", "masterbatch only it sees: MB-2 40.0 %", "narrator no company sees: INV-9 0.0800 %", "Looked for and not there:", "all completed",
		}, "But there is"},
	} {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			for _, variable := range []string{"TMPDIR", "TMP", "TEMP"} {
				t.Setenv(variable, temporary)
			}
			out := play(t, run.args...)
			rest := regexp.MustCompile(` {2,}`).ReplaceAllString(out, " ")
			if strings.Contains(rest, run.not) {
				t.Errorf("it says %q", run.not)
			}
			for _, phrase := range run.says {
				_, after, ok := strings.Cut(rest, phrase)
				if !ok {
					t.Errorf("it does not say %q where it should", phrase)
					continue
				}
				rest = after
			}
			testkit.Golden(t, "examples/chemicals/testdata/"+name+".txt", moment.ReplaceAllString(dataspacetest.Mask(out), "<moment>"))
			if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken")
	file := filepath.Join(broken, "companies", "x.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`{"id": "x", "recipe": 3}`), 0o600); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, "half")
	if err := os.MkdirAll(filepath.Join(half, "lists"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no such directory":        {[]string{"-data", filepath.Join(dir, "none")}, 1, "no such directory; built in are inv-9 and sixteen"},
		"a file":                   {[]string{"-data", file}, 1, "no such directory"},
		"an empty directory":       {[]string{"-data", t.TempDir()}, 1, "0 files companies/*.json"},
		"a broken file":            {[]string{"-data", broken}, 1, "x.json: "},
		"lists without substances": {[]string{"-data", half}, 1, "substances.json"},
		"not a question":           {[]string{"-ask", "DBDPE"}, 1, "is not of the form RELEASE:ENTRY:DAY"},
		"no such day":              {[]string{"-ask", "CL-2025-11-05:CL-DBDPE:2025-02-30"}, 1, "there is no day"},
		"no such release":          {[]string{"-ask", "CL-2020-01-01:CL-DBDPE:2025-11-05"}, 1, "list not known"},
		"no such entry":            {[]string{"-ask", "CL-2025-11-05:CL-DBDP:2025-11-05"}, 1, "no such entry"},
		"too many questions":       {[]string{"-ask", strings.Repeat("CL-2025-11-05:CL-DBDPE:2025-11-05,", 50)}, 1, "at most 50"},
		"no place to keep":         {[]string{"-keep", file}, 1, file},
		"no time":                  {[]string{"-wait", "0s"}, 2, "-wait 0s: must be more than zero"},
		"no option":                {[]string{"sixteen"}, 2, `"sixteen" is not an option; data is given as: -data sixteen`},
		"unknown option":           {[]string{"-dwon", "cell"}, 2, "-dwon"},
		"help":                     {[]string{"-help"}, 0, "-ask questions"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, code := execute(t.Context(), test.args...)
			if code != test.code || out != "" || !strings.Contains(errs, test.says) {
				t.Errorf("exit status %d, want %d with %q:\n%s%s", code, test.code, test.says, errs, out)
			}
		})
	}
}

// An interrupted run must not look like one in which suppliers do not answer.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var errs bytes.Buffer
	out := &interrupter{at: "unit asks terminal for its verdict", do: cancel}
	code := command(ctx, []string{"-keep", t.TempDir()}, out, &errs)
	if code != 1 || !strings.Contains(errs.String(), context.Canceled.Error()) {
		t.Errorf("exit status %d, %s", code, errs.String())
	}
	if text := out.String(); !strings.Contains(text, out.at) || strings.Contains(text, "oem knows") || strings.Contains(text, "oem asks") {
		t.Errorf("it says\n%s", text)
	}
}

type interrupter struct {
	bytes.Buffer
	at string
	do func()
}

func (i *interrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(i.at)) {
		i.do()
	}
	return i.Buffer.Write(p)
}

// A place that an earlier run has left its databases in is good for another:
// what is there is moved aside, byte for byte.
func TestKeepTwice(t *testing.T) {
	home := t.TempDir()
	args := []string{"-refused=false", "-ask", "CL-2025-11-05:CL-DBDPE:2025-11-05", "-keep", home}
	if out := play(t, args...); strings.Contains(out, "earlier") {
		t.Errorf("the first run speaks of an earlier one:\n%s", out)
	}
	before, err := os.ReadFile(filepath.Join(home, "tape", "musubi.db"))
	if err != nil {
		t.Fatal(err)
	}
	if out := play(t, args...); !strings.Contains(out, filepath.Join(home, "_earlier-1")) || !strings.Contains(out, "(new)") {
		t.Errorf("it says\n%s", out)
	}
	after, err := os.ReadFile(filepath.Join(home, "_earlier-1", "tape", "musubi.db"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("what the first run left is not as it was: %v", err)
	}
}

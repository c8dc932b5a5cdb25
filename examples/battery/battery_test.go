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

var (
	urn  = regexp.MustCompile(`urn:uuid:[0-9a-f-]{36}`)
	port = regexp.MustCompile(`localhost(:|%3A)\d+`)
)

func TestTranscripts(t *testing.T) {
	for name, run := range map[string]struct {
		args []string
		says []string // in this order
		not  string
	}{
		"five-companies": {nil, []string{
			"total  4000.00 kgCO2e  0.13333 kgCO2e/kWh", "What if precursor had 5.6",
			"total  3839.488 kgCO2e  0.12798 kgCO2e/kWh",
			"turned away", "EXPIRED", "V47: ", "the registrar revokes", "V80: ", "REJECTED", "the check digit is wrong", "(C04)", "V47: ", "Transfers: 12, all completed. Agreements: 4.",
			"purpose/price-negotiation", "no agreement: the negotiation was terminated", "it is purpose/price-negotiation (declared by the consumer)",
			"revokes the membership of oem", "the next request for data: there is no address any more", "pack has ended the transfer", "membership eq active does not hold: V80",
		}, "at least"},
		"tutorial": {[]string{"-data", "tutorial", "-refused=false"}, []string{
			"pre-processing  10.5 kgCO2e", "main production  70.0 kgCO2e", "Transfers: 1, all completed. Agreements: 1.",
		}, "kgCO2e/kWh"},
		"cell-down": {[]string{"-down", "cell", "-refused=false"}, []string{
			"no answer", "total, at least  609.28 kgCO2e", "Nothing is declared", "pack lacks cell: no answer from cell",
			"What if precursor", "pack could not ask cell, which is out of reach", "oem learns nothing of it", "all completed",
		}, "kgCO2e/kWh"},
	} {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			for _, variable := range []string{"TMPDIR", "TMP", "TEMP"} {
				t.Setenv(variable, temporary)
			}
			out := play(t, run.args...)
			rest := regexp.MustCompile(` {2,}`).ReplaceAllString(out, "  ")
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
			testkit.Golden(t, "examples/battery/testdata/"+name+".txt", dataspacetest.Mask(dataspacetest.MaskDates(out)))
			if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken")
	file := filepath.Join(broken, "x.json")
	if err := os.Mkdir(broken, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`{"id": "x", "emissions": 3}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no such directory":  {[]string{"-data", filepath.Join(dir, "none")}, 1, "no such directory; built in are five-companies and tutorial"},
		"a file":             {[]string{"-data", file}, 1, "no such directory"},
		"an empty directory": {[]string{"-data", t.TempDir()}, 1, "0 *.json files, expected are 1 to 1000, one per company"},
		"a broken file":      {[]string{"-data", broken}, 1, "x.json: "},
		"nobody is down":     {[]string{"-down", "nobody"}, 1, "-down nobody: there is no such company in the data; suppliers are: precursor, cathode, cell, pack"},
		"nobody asks it":     {[]string{"-down", "oem"}, 1, "-down oem: it makes the final product and nobody asks it; suppliers are: precursor"},
		"no place to keep":   {[]string{"-keep", file}, 1, file},
		"no time":            {[]string{"-wait", "0s"}, 2, "-wait 0s: must be more than zero"},
		"no option":          {[]string{"tutorial"}, 2, `"tutorial" is not an option; data is given as: -data tutorial`},
		"unknown option":     {[]string{"-dwon", "cell"}, 2, "-dwon"},
		"help":               {[]string{"-help"}, 0, "-down company"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, code := execute(t.Context(), test.args...)
			if code != test.code || out != "" || !strings.Contains(errs, test.says) {
				t.Errorf("exit status %d, want %d with %q:\n%s%s", code, test.code, test.says, errs, out)
			}
			if n := strings.Count(errs, "not defined"); n > 1 {
				t.Errorf("said %d times: %s", n, errs)
			}
		})
	}
}

// An interrupted run must not look like one in which suppliers do not answer.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var errs bytes.Buffer
	out := &interrupter{at: "cell asked cathode", do: cancel}
	code := command(ctx, []string{"-keep", t.TempDir()}, out, &errs)
	if code != 1 || !strings.Contains(errs.String(), context.Canceled.Error()) {
		t.Errorf("exit status %d, %s", code, errs.String())
	}
	if text := out.String(); !strings.Contains(text, out.at) || strings.Contains(text, "as far as") || strings.Contains(text, "pack asked") {
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

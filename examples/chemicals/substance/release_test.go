// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/musubi-ods/musubi/examples/chemicals/data"
	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

const release = `{"id":"CL-2026-06-01","previous":"CL-2026-02-04","title":"list","basis":{"kind":"fictional","text":"a test"},"excerpt":true,
 "added":[{"id":"CL-BPA","name":"bisphenol A","members":["80-05-7"],"level":"article","limits":[{"above":"0.1 %","from":"2026-06-01"}],
  "effect":"disclosure","duties":[{"code":"d","text":"do it","months":6}],"basis":{"kind":"fictional","text":"a test"}}],
 "changed":[{"id":"CL-DBDPE","name":"DBDPE","members":["84852-53-9"],"level":"article","limits":[{"above":"0.2 %","from":"2025-11-05"}],
  "effect":"disclosure","basis":{"kind":"fictional","text":"a test"}}],
 "removed":["CL-HEXANE"]}`

func decodeRelease(t failer, text string) substance.Release {
	t.Helper()
	decoded, err := substance.DecodeRelease([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// A release adds, changes and removes; the release before stays as it was.
func TestReleaseFollows(t *testing.T) {
	before := register(t)
	after, err := before.With(decodeRelease(t, release))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the latest before", before.Latest("CL"), cl3)
	want(t, "the latest after", after.Latest("CL"), "CL-2026-06-01")
	for _, row := range []struct {
		list, entry, limit string
		listed             bool
	}{
		{cl1, "CL-DBDPE", "0.1 %", false},
		{cl2, "CL-DBDPE", "0.1 %", true},
		{cl3, "CL-DBDPE", "0.1 %", true},
		{"CL-2026-06-01", "CL-DBDPE", "0.2 %", true},
		{"CL-2026-06-01", "CL-BPA", "0.1 %", true},
		{cl3, "CL-HEXANE", "0.1 %", true},
		{"CL-2026-06-01", "CL-HEXANE", "0.1 %", false},
		{"CL-2026-06-01", "CL-LEAD", "0.1 %", true},
	} {
		entry, listed, err := after.Entry(row.list, row.entry)
		if err != nil {
			t.Fatal(err)
		}
		want(t, row.entry+" in "+row.list, listed, row.listed)
		want(t, row.entry+" in "+row.list, entry.Limits[0].Above.String(), row.limit)
	}
	if _, _, err := before.Entry(cl1, "CL-BPA"); !errors.Is(err, substance.ErrEntry) {
		t.Errorf("the register before knows what was added after: %v", err)
	}
	entries, err := after.Entries("CL-2026-06-01")
	if err != nil || len(entries) != 13 { // 10, and 1, and 2, and one more, and one less
		t.Errorf("%d entries, %v", len(entries), err)
	}
}

// What was sent before, what comes too late and what does not fit starts nothing.
func TestReleaseIsRefused(t *testing.T) {
	r := register(t)
	old, _ := r.Release(cl2)
	if _, err := r.With(old); !errors.Is(err, substance.ErrRelease) || !strings.Contains(err.Error(), "known already") {
		t.Errorf("an old release again: %v", err)
	}
	for _, c := range []struct{ name, old, now, reason string }{
		{"another predecessor", `"previous":"CL-2026-02-04"`, `"previous":"CL-2025-11-05"`, "the latest that is known is CL-2026-02-04"},
		{"no predecessor", `"previous":"CL-2026-02-04",`, ``, "the latest that is known is CL-2026-02-04"},
		{"predecessor unknown", `"CL-2026-06-01","previous":"CL-2026-02-04"`, `"XX-2026-06-01","previous":"XX-2026-02-04"`, "XX-2026-02-04, is not known"},
		{"not later", `"id":"CL-2026-06-01"`, `"id":"CL-2026-01-01"`, "is not later"},
		{"added twice", `"id":"CL-BPA"`, `"id":"CL-LEAD"`, "CL-LEAD is on the list already"},
		{"changed, not there", `"id":"CL-DBDPE"`, `"id":"CL-XX"`, "CL-XX is not on the list"},
		{"removed, not there", `"CL-HEXANE"`, `"CL-XX"`, "CL-XX is not on the list"},
		{"element without a mass", `"members":["80-05-7"]`, `"members":["80-05-7"],"element":"Xx"`, "no atomic mass"},
		{"group of nothing", `"members":["80-05-7"]`, `"members":[],"groups":["XX"]`, "no substance belongs"},
	} {
		if _, err := r.With(decodeRelease(t, edit(t, release, c.old, c.now))); !errors.Is(err, substance.ErrRelease) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %q", c.name, err, c.reason)
		}
	}
}

func TestDecodeReleaseRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, now, reason string }{
		{"no date in the id", `"CL-2026-06-01"`, `"CL-1"`, "not the id of a release"},
		{"no such day", `"CL-2026-06-01"`, `"CL-2026-06-31"`, "there is no day"},
		{"another list's", `"previous":"CL-2026-02-04"`, `"previous":"ROHS-2025-11-21"`, "another list"},
		{"no members", `["80-05-7"]`, `[]`, "members or groups"},
		{"wrong number", `"80-05-7"`, `"80-05-8"`, "check digit"},
		{"no limit", `"limits":[{"above":"0.1 %","from":"2026-06-01"}]`, `"limits":[]`, "at least one limit"},
		{"limits out of order", `{"above":"0.1 %","from":"2026-06-01"}`, `{"above":"0.1 %","from":"2026-06-01"},{"above":"1 %","from":"2026-06-01"}`, "order of their dates"},
		{"limit without unit", `"above":"0.1 %"`, `"above":"0.1"`, "without a unit"},
		{"exemption of an article", `"months":6}],`, `"months":6}],"exemptions":[{"code":"x","purpose":"p","from":"2026-01-01","to":"2026-12-31"}],`, "application of a material"},
		{"level of a part", `"members":["80-05-7"],"level":"article"`, `"members":["80-05-7"],"level":"part"`, "is not one of"},
		{"effect", `"effect":"disclosure","duties"`, `"effect":"none","duties"`, "is not one of"},
		{"no basis", `,"basis":{"kind":"fictional","text":"a test"},"excerpt"`, `,"excerpt"`, `["basis"] must be given`},
		{"kind of basis", `{"kind":"fictional","text":"a test"},"excerpt"`, `{"kind":"law","text":"a test"},"excerpt"`, "is not one of"},
		{"months", `"months":6`, `"months":-6`, "whole number"},
		{"unknown member", `"title"`, `"threshold":"0.1 %","title"`, "is unknown"},
	} {
		if _, err := substance.DecodeRelease([]byte(edit(t, release, c.old, c.now))); !errors.Is(err, substance.ErrRelease) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %q", c.name, err, c.reason)
		}
	}
}

// All that the register holds says what it rests on, and a release that names a
// source names no number without one.
func TestEveryEntryHasABasis(t *testing.T) {
	r := register(t)
	seen := 0
	for _, list := range []string{cl3, rohs, pops} {
		entries, err := r.Entries(list)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			seen++
			if e.Basis.Kind == "" || e.Basis.Text == "" {
				t.Errorf("%s rests on nothing", e.ID)
			}
			for _, cas := range e.Members {
				if _, known := r.Substance(cas); !known {
					t.Errorf("%s: %s is not in substances.json", e.ID, cas)
				}
			}
		}
	}
	want(t, "entries", seen, 18)
}

func TestLoadRegisterNamesTheFile(t *testing.T) {
	file := func(name string) string {
		raw, err := fs.ReadFile(data.Register(), name)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	substances, first := file("substances.json"), file("lists/CL-2025-06-25.json")
	for _, c := range []struct {
		name, substances, list, reason string
	}{
		{"name of two", strings.Replace(substances, `"diglyme"`, `"DMEP"`, 1), first, `substances.json: name and CAS number do not belong together: "DMEP"`},
		{"number twice", strings.Replace(substances, `"cas": "7440-50-8"`, `"cas": "7440-66-6"`, 1), first, "7440-66-6 stands there twice"},
		{"EC number", strings.Replace(substances, "231-100-4", "231-100-5", 1), first, "check digit of 231-100-5 is 5, computed is 4"},
		{"atomic mass", strings.Replace(substances, `"mass": "207.2"`, `"mass": "0"`, 1), first, "more than zero"},
		{"element", strings.Replace(substances, `{"element": "O", "mass": "15.999"}`, `{"element": "S", "mass": "32.06"}`, 1), first, `no atomic mass for "O"`},
		{"list", substances, strings.Replace(first, `"0.1 %"`, `"0.1 ppm"`, 1), "a.json: release refused"},
		{"no first release", substances, file("lists/CL-2025-11-05.json"), "CL-2025-11-05: release refused"},
	} {
		if c.substances == substances && c.list == first {
			t.Errorf("%s changes nothing", c.name)
		}
		_, err := substance.LoadRegister(fstest.MapFS{
			"substances.json": {Data: []byte(c.substances)}, "lists/a.json": {Data: []byte(c.list)},
		})
		if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %q", c.name, err, c.reason)
		}
	}
	if _, err := substance.LoadRegister(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty directory: %v", err)
	}
	if _, err := substance.LoadRegister(fstest.MapFS{"substances.json": {Data: []byte(substances)}}); err == nil || !strings.Contains(err.Error(), "0 files lists/*.json") {
		t.Errorf("no lists: %v", err)
	}
}

func FuzzDecodeRelease(f *testing.F) {
	r := register(f)
	f.Add([]byte(release))
	for _, name := range []string{"CL-2025-11-05", rohs, pops} {
		raw, err := fs.ReadFile(data.Register(), "lists/"+name+".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		decoded, err := substance.DecodeRelease(document)
		if err != nil {
			if !errors.Is(err, substance.ErrRelease) || decoded.ID != "" {
				t.Fatalf("%+v, %v", decoded, err)
			}
			return
		}
		grown, err := r.With(decoded)
		if err != nil {
			return
		}
		entries, err := grown.Entries(decoded.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			encode(t, evaluate(t, grown, bill(t, grown, tape), ask(decoded.ID, e.ID, "2026-11-01"), substance.Held{}).Answer())
		}
	})
}

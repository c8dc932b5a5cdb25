// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/examples/internal/dataspace/dataspacetest"
)

// played is a run whose companies' stores were kept.
type played struct {
	made
	chain      footprint.Chain
	home       string
	transcript string
}

// The firms of the run that is looked at: two branches that the pack's maker
// joins, and it alone deals with the OEM.
const (
	precursor = iota
	cathode
	casing
	pack
	oem
)

var buysFrom = [][]int{precursor: {}, cathode: {precursor}, casing: {}, pack: {cathode, casing}, oem: {pack}}

func TestStores(t *testing.T) {
	m := makeUp(rand.New(rand.NewPCG(7, 1)), buysFrom)
	m.firms[pack].whatIf = figure(rand.New(rand.NewPCG(7, 2)))
	dir, home := m.write(t), t.TempDir()
	chain, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	p := played{m, chain, home, play(t, "-data", dir, "-keep", home)}
	t.Run("nothing internal leaves", p.nothingInternalLeaves)
	t.Run("a supplier knows its suppliers", p.suppliersAreKnown)
	t.Run("the registrar learns no figures", p.registrarLearnsNoFigures)
	t.Run("all has ended", p.allHasEnded) // last: it opens the stores again
}

// internal lists what nobody but a firm, and for the answer its customers, may know.
func (p played) internal(f firm) map[string]string {
	secrets := map[string]string{"own pre": f.pre, "own main": f.main}
	if f.whatIf != "" {
		secrets["what-if"] = f.whatIf
	}
	for i, l := range f.lines {
		n := string(rune('0' + i))
		secrets["amount "+n] = l.amount
		if l.from < 0 {
			secrets["material "+n], secrets["its pre "+n], secrets["its main "+n] = l.name[len("鉱 "):], l.pre, l.main
		}
	}
	return secrets
}

// identity lists what tells that a firm exists.
func (p played) identity(t *testing.T, i int) map[string]string {
	t.Helper()
	f := p.firms[i]
	pre, main := p.formula(i, -1)
	secrets := map[string]string{
		"id": f.id, "name": strings.TrimPrefix(f.name, "青"), "part": f.part, "part's name": strings.TrimPrefix(f.partName, "部品 "),
		"participant id": p.did(f), "dataset": datasetID(f.part),
		"answer, pre": exactly(pre), "answer, main": exactly(main),
	}
	lines := strings.Split(p.transcript, "\n")
	for n, line := range lines {
		if strings.HasPrefix(line, "  "+f.id+" ") && port.MatchString(line) {
			secrets["address"] = port.FindString(line)
			secrets["corporate number"] = corporate.FindString(lines[n+1])
		}
	}
	if secrets["address"] == "" || secrets["corporate number"] == "" {
		t.Fatalf("no address or number of %s in\n%s", f.id, p.transcript)
	}
	return secrets
}

var corporate = regexp.MustCompile(`\b[1-9]9999\d{8}\b`)

// did is a firm's name on the wire, which follows from where it listens.
func (p played) did(f firm) string {
	for line := range strings.SplitSeq(p.transcript, "\n") {
		if strings.HasPrefix(line, "  "+f.id+" ") && port.MatchString(line) {
			return "did:web:" + strings.Replace(port.FindString(line), ":", "%3A", 1) + ":" + f.id
		}
	}
	return ""
}

// agreements are the ids of those that a company concluded as a customer.
func (p played) agreements(i int) []string {
	var list []string
	lines := strings.Split(p.transcript, "\n")
	for n, line := range lines {
		if strings.HasPrefix(line, "  "+p.firms[i].id+" asked ") {
			list = append(list, urn.FindString(lines[n+1]))
		}
	}
	return list
}

// Nothing internal to a supplier is in its customer's store, and nothing at all of
// whoever is further away.
func (p played) nothingInternalLeaves(t *testing.T) {
	h := dataspacetest.Stored(t, filepath.Join(p.home, p.firms[oem].id))
	looked := 0
	absent := func(who string, secrets map[string]string) {
		for what, text := range secrets {
			looked++
			if places := h.Where(text); len(places) > 0 {
				t.Errorf("%s: %s, %s, is in %v", who, what, text, places)
			}
		}
	}
	for i := range p.firms[:pack] {
		absent(p.firms[i].id, p.identity(t, i))
		absent(p.firms[i].id, p.internal(p.firms[i]))
		for _, id := range p.agreements(i) {
			absent(p.firms[i].id, map[string]string{"agreement": id})
		}
	}
	absent("the direct supplier", p.internal(p.firms[pack]))
	for _, id := range p.agreements(pack) {
		absent("the direct supplier", map[string]string{"agreement": id})
	}
	if looked < 40 {
		t.Errorf("looked for %d texts only", looked)
	}

	// The same search finds what the customer does know: its supplier, the
	// supplier's answer, and its own.
	p.known(t, h, pack)
	pre, main := p.formula(oem, -1)
	for _, text := range []string{exactly(pre), exactly(main)} {
		if places := h.Where(text); !slices.Contains(places, "answer.json") {
			t.Errorf("its own answer %s is found in %v", text, places)
		}
	}
	for _, text := range []string{p.did(p.firms[pack]), datasetID(p.firms[pack].part), p.agreements(oem)[0]} {
		if places := h.Where(text); !slices.Contains(places, "a row") || !slices.Contains(places, "musubi.db") {
			t.Errorf("%s is found in %v", text, places)
		}
	}
}

// The registrar knows each company, and nothing of what they tell each other.
func (p played) registrarLearnsNoFigures(t *testing.T) {
	h := dataspacetest.Stored(t, filepath.Join(p.home, dataspace.RegistrarFolder))
	for i, f := range p.firms {
		secrets, identity := p.internal(f), p.identity(t, i)
		for _, what := range []string{"part", "part's name", "dataset", "answer, pre", "answer, main"} {
			secrets[what] = identity[what]
		}
		for what, text := range secrets {
			if places := h.Where(text); len(places) > 0 {
				t.Errorf("%s: %s, %s, is in %v", f.id, what, text, places)
			}
		}
		for _, what := range []string{"name", "corporate number", "participant id"} {
			if len(h.Where(identity[what])) == 0 {
				t.Errorf("%s: %s, %s, is not found", f.id, what, identity[what])
			}
		}
	}
}

// Further up, the same search finds what is not in the final customer's store.
func (p played) suppliersAreKnown(t *testing.T) {
	h := dataspacetest.Stored(t, filepath.Join(p.home, p.firms[pack].id))
	for _, i := range buysFrom[pack] {
		p.known(t, h, i)
	}
	for _, id := range p.agreements(pack) {
		if len(h.Where(id)) == 0 {
			t.Errorf("agreement %s is not found", id)
		}
	}
}

// known checks that a customer's store holds what its supplier told it, its
// credentials among that: they say its registered name and number.
func (p played) known(t *testing.T, h dataspacetest.Haystack, supplier int) {
	t.Helper()
	for what, text := range p.identity(t, supplier) {
		if len(h.Where(text)) == 0 {
			t.Errorf("%s of supplier %s, %s, is not found", what, p.firms[supplier].id, text)
		}
	}
}

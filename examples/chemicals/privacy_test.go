// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/examples/internal/dataspace/dataspacetest"
)

// The firms of the run that is looked at: the unit's maker buys from two, of
// which one discloses its composition, and it alone deals with the OEM.
const (
	tape = iota
	terminal
	unit
	oem
)

// played is a run whose companies' stores were kept, and all that the OEM received.
type played struct {
	made
	scene    *scene
	received []byte
	home     string
}

// playedOut plays a made-up chain to its end.
func playedOut(t *testing.T, refused bool) played {
	t.Helper()
	m := makeUp(rand.New(rand.NewPCG(11, 5)), [][]int{tape: {}, terminal: {}, unit: {tape, terminal}, oem: {unit}})
	in, err := load(m.write(t))
	if err != nil {
		t.Fatal(err)
	}
	if in.questions, err = parseQuestions(in.register, asked); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	s, err := start(t.Context(), in, home, options{wait: time.Hour, refused: refused})
	if err == nil {
		err = s.tell(t.Context())
	}
	if err == nil && refused {
		err = s.aYearLater(t.Context())
	}
	if stop := s.close(context.WithoutCancel(t.Context())); err != nil || stop != nil {
		t.Fatal(err, stop)
	}
	content, messages := s.tap.Received()
	if messages < 30 {
		t.Fatalf("the OEM received %d messages", messages)
	}
	return played{m, s, append(content, dataspace.Readable(content)...), home}
}

// where looks for a text in all that a firm stored, and for the OEM in all that
// it received.
func (p played) where(t *testing.T, firm int) func(text string) []string {
	t.Helper()
	h := dataspacetest.Stored(t, filepath.Join(p.home, p.firms[firm].id))
	return func(text string) []string {
		places := h.Where(text)
		if firm == oem && dataspace.Contains(p.received, text) {
			places = append(places, "a message")
		}
		return places
	}
}

// recipe is all that is told nobody but those whom a contract names.
func (p played) recipe(i int) map[string]string {
	texts := map[string]string{}
	note := func(what, text string) {
		if len(text) >= 6 {
			texts[what+" "+text] = text
		}
	}
	for _, a := range p.own(i) {
		note("article", a.id)
		note("article's name", a.name[len("物 "):])
		note("mass", exactly(a.mass()))
		for _, x := range a.materials {
			note("material", x.id)
			note("material's name", x.name[len("材 "):])
			for what, number := range map[string]string{"mass": x.mass, "iron": x.iron, "DBDPE": x.dbdpe, "lead": x.lead, "oxide": x.oxide} {
				note(what, number)
			}
		}
	}
	if p.kind(i) == "article" { // then the article is the part, and has no id of its own
		a := p.firms[i].articles[0]
		delete(texts, "article "+a.id)
		delete(texts, "article's name "+a.name[len("物 "):])
	}
	texts["CAS number"] = "84852-53-9"
	return texts
}

// identity is what tells that a firm exists.
func (p played) identity(i int) map[string]string {
	f, c := p.firms[i], p.scene.byID[p.firms[i].id]
	return map[string]string{
		"id": f.id, "name": f.name[len("青"):], "part": f.part, "part's name": f.partName[len("部品 "):],
		"corporate number": c.Number, "participant id": c.DID, "dataset": verdictID(f.part),
	}
}

func absent(t *testing.T, where func(string) []string, who string, texts map[string]string) int {
	t.Helper()
	for what, text := range texts {
		if places := where(text); len(places) > 0 {
			t.Errorf("%s: %s, %s, is in %v", who, what, text, places)
		}
	}
	return len(texts)
}

func TestStores(t *testing.T) {
	p := playedOut(t, false)
	t.Run("the OEM gets no composition", p.oemGetsNoComposition)
	t.Run("the registrar learns nothing", p.registrarLearnsNothing)
}

func TestStoresAfterRefusals(t *testing.T) {
	p := playedOut(t, true)
	t.Run("who is refused gets nothing", p.refusedGetNothing)
	t.Run("the composition is deleted", p.compositionIsDeleted)
}

// The OEM gets verdicts: no composition of anybody, and nothing at all of those
// whom it does not deal with.
func (p played) oemGetsNoComposition(t *testing.T) {
	where := p.where(t, oem)
	looked := 0
	for i := range p.firms[:oem] {
		looked += absent(t, where, p.firms[i].id, p.recipe(i))
		if i != unit {
			looked += absent(t, where, p.firms[i].id, p.identity(i))
		}
	}
	agreements := p.scene.byID[p.firms[unit].id].agreements
	looked += absent(t, where, "of its supplier", agreements)
	if looked < 60 {
		t.Errorf("looked for %d texts only", looked)
	}

	// The same search finds what the OEM may know, in its store and in what came in.
	for what, text := range p.identity(unit) {
		if places := where(text); !slices.Contains(places, "a message") || !slices.Contains(places, "a row") {
			t.Errorf("%s of its supplier, %s, is found in %v", what, text, places)
		}
	}
	for _, text := range []string{`"verdict":"above"`, `"verdict":"not listed"`} {
		if !slices.Contains(where(text), "a message") {
			t.Errorf("%s is in no message", text)
		}
	}

	// Further up it finds what the OEM does not have: the customer that a contract
	// names holds the composition, and no other one.
	disclosing, other := p.discloses(unit), tape+terminal-p.discloses(unit)
	where = p.where(t, unit)
	for what, text := range p.recipe(disclosing) {
		if len(where(text)) == 0 {
			t.Errorf("%s of the composition, %s, is not found at the customer", what, text)
		}
	}
	secrets := p.recipe(other)
	delete(secrets, "CAS number")
	delete(secrets, "mass "+exactly(p.mass(other))) // its own bill has that of the part
	absent(t, where, "the customer without a contract", secrets)
	for what, text := range p.identity(other) {
		if len(where(text)) == 0 {
			t.Errorf("%s of the other supplier, %s, is not found at the customer", what, text)
		}
	}
}

// An OEM that finds out who makes a part, and asks, still gets no composition; a
// member that buys nothing does not get as much as a verdict.
func (p played) refusedGetNothing(t *testing.T) {
	where := p.where(t, oem)
	maker := p.discloses(unit)
	for i := range p.firms[:oem] {
		absent(t, where, p.firms[i].id, p.recipe(i))
	}
	for _, text := range []string{p.scene.byID[p.firms[maker].id].DID, compositionID(p.firms[maker].part)} {
		if len(where(text)) == 0 {
			t.Errorf("%s, which it asked for, is not found", text)
		}
	}
	h := dataspacetest.Stored(t, filepath.Join(p.home, stranger.Folder))
	absent(t, h.Where, "the stranger", map[string]string{
		"verdict": verdictID(p.firms[maker].part), "composition": compositionID(p.firms[maker].part), "part": p.firms[maker].part,
	})
	if did := p.scene.byID[p.firms[maker].id].DID; len(h.Where(did)) == 0 {
		t.Errorf("%s, whom the stranger asked, is not found", did)
	}
}

// After its year the composition is nowhere in what its customer has stored.
func (p played) compositionIsDeleted(t *testing.T) {
	where := p.where(t, unit)
	secrets := p.recipe(p.discloses(unit))
	delete(secrets, "CAS number")
	delete(secrets, "mass "+exactly(p.mass(p.discloses(unit)))) // its own bill has that of the part
	if looked := absent(t, where, "the customer", secrets); looked < 3 {
		t.Errorf("looked for %d texts only", looked)
	}
	if h := p.scene.byID[p.firms[unit].id].lent[p.firms[p.discloses(unit)].part]; len(where(h.SHA256)) == 0 {
		t.Error("there is no record of it")
	}
}

// The registrar knows each company, and nothing of what is in their parts.
func (p played) registrarLearnsNothing(t *testing.T) {
	h := dataspacetest.Stored(t, filepath.Join(p.home, dataspace.RegistrarFolder))
	for i, f := range p.firms {
		absent(t, h.Where, f.id, p.recipe(i))
		absent(t, h.Where, f.id, map[string]string{"part": f.part, "dataset": verdictID(f.part)})
		if c := p.scene.byID[f.id]; len(h.Where(c.Number)) == 0 {
			t.Errorf("%s is not found", c.Number)
		}
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// A made-up chain. All texts are long and random, so that finding one somewhere
// means something, and all masses and contents are exact.
type (
	firm struct {
		id, name, part, partName string
		articles                 []article // its own
		bought                   []bought
	}
	bought  struct{ from, count int }
	article struct {
		id, name  string
		count     int
		materials []material
	}
	// material is iron with some DBDPE, lead and lead monoxide, in percent, or,
	// hidden, lead and a rest of which nothing is said.
	material struct {
		id, name                 string
		mass                     string // mg
		iron, dbdpe, lead, oxide string // %
		leadCode, oxideCode      string
		hidden                   bool
	}
	made   struct{ firms []firm } // suppliers first; the last makes the final product
	object map[string]any
)

// shapes say from whom each firm buys. Firms that nobody buys from, but the
// last, would be a second final product.
var shapes = map[string][][]int{
	"alone":                       {{}},
	"chain of four":               {{}, {0}, {1}, {2}},
	"two suppliers":               {{}, {}, {0, 1}, {2}},
	"branches on two tiers":       {{}, {}, {}, {0, 1}, {2}, {3, 4}},
	"one supplier, two customers": {{}, {0}, {0}, {1, 2}},
}

func word(r *rand.Rand) string {
	const letters = "bcdfghjklmnpqrstvwxz0123456789"
	text := []byte("q")
	for range 11 {
		text = append(text, letters[r.IntN(len(letters))])
	}
	return string(text)
}

// tiny is a content around the limit of 0.1 %, some, or none.
func tiny(r *rand.Rand) string {
	switch r.IntN(5) {
	case 0, 1:
		return "0"
	case 2:
		return "0.1" // exactly the limit, which is not above it
	case 3:
		return fmt.Sprintf("0.0%d%03d1", r.IntN(10), r.IntN(1000))
	}
	return fmt.Sprintf("%d.%03d%d", r.IntN(7), 101+r.IntN(800), 1+r.IntN(9))
}

func makeUp(r *rand.Rand, shape [][]int) made {
	var m made
	for _, froms := range shape {
		f := firm{id: word(r), name: "青" + word(r), part: word(r), partName: "部品 " + word(r)}
		for range 1 + r.IntN(2) {
			a := article{id: word(r), name: "物 " + word(r), count: 1 + r.IntN(4)}
			for range 1 + r.IntN(3) {
				a.materials = append(a.materials, makeMaterial(r))
			}
			f.articles = append(f.articles, a)
			if len(froms) == 0 && len(shape) > 1 {
				break // what has no suppliers is one article
			}
		}
		for _, from := range froms {
			f.bought = append(f.bought, bought{from, 1 + r.IntN(3)})
		}
		m.firms = append(m.firms, f)
	}
	return m
}

func makeMaterial(r *rand.Rand) material {
	codes := []string{"", "6(c)", "7(c)-I"}
	m := material{
		id: word(r), name: "材 " + word(r), mass: fmt.Sprintf("%d.%04d%d", 100+r.IntN(900), r.IntN(10000), 1+r.IntN(9)),
		dbdpe: tiny(r), lead: tiny(r), oxide: tiny(r), leadCode: codes[r.IntN(3)], oxideCode: codes[r.IntN(3)],
	}
	if m.hidden = r.IntN(4) == 0; m.hidden {
		m.dbdpe, m.oxide = "0", "0"
	}
	rest := new(big.Rat).Sub(rat("100"), new(big.Rat).Add(rat(m.dbdpe), new(big.Rat).Add(rat(m.lead), rat(m.oxide))))
	if m.hidden {
		rest.Quo(rest, rat("2"))
	}
	m.iron = exactly(rest)
	return m
}

// write writes one file per firm, in the format of the README.
func (m made) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "companies"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i, f := range m.firms {
		text, err := json.Marshal(object{
			"id": f.id, "name": f.name, "fictional": true, "part": f.part, "version": "1", "nodes": m.nodes(i),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "companies", fmt.Sprintf("%02d.json", i)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (m made) nodes(i int) []object {
	f := m.firms[i]
	var nodes []object
	var contents []object
	for _, b := range f.bought {
		s := m.firms[b.from]
		contents = append(contents, object{"count": b.count, "node": s.part})
		nodes = append(nodes, object{"id": s.part, "name": s.partName, "kind": m.kind(b.from), "mass": exactly(m.mass(b.from)) + " mg", "supplier": s.id})
	}
	for _, a := range f.articles {
		var inner []object
		for _, x := range a.materials {
			inner = append(inner, object{"count": 1, "node": x.id})
			nodes = append(nodes, object{"id": x.id, "name": x.name, "kind": "material", "mass": x.mass + " mg", "substances": x.rows()})
		}
		if m.kind(i) == "article" {
			return append(nodes, object{"id": f.part, "name": f.partName, "kind": "article", "mass": exactly(m.mass(i)) + " mg", "contents": inner})
		}
		contents = append(contents, object{"count": a.count, "node": a.id})
		nodes = append(nodes, object{"id": a.id, "name": a.name, "kind": "article", "mass": exactly(a.mass()) + " mg", "contents": inner})
	}
	return append(nodes, object{"id": f.part, "name": f.partName, "kind": m.kind(i), "mass": exactly(m.mass(i)) + " mg", "contents": contents})
}

func (x material) rows() []object {
	row := func(name, cas, percent, code string) object {
		o := object{"name": name, "cas": cas, "min": percent + " %", "max": percent + " %"}
		if code != "" {
			o["exemption"] = code
		}
		return o
	}
	rows := []object{row("iron", "7439-89-6", x.iron, "")}
	if x.dbdpe != "0" {
		rows = append(rows, row("DBDPE", "84852-53-9", x.dbdpe, ""))
	}
	if x.lead != "0" {
		rows = append(rows, row("lead", "7439-92-1", x.lead, x.leadCode))
	}
	if x.oxide != "0" {
		rows = append(rows, row("lead monoxide", "1317-36-8", x.oxide, x.oxideCode))
	}
	return rows
}

func (m made) kind(i int) string {
	switch {
	case i == len(m.firms)-1:
		return "product"
	case len(m.firms[i].bought) == 0:
		return "article"
	}
	return "part"
}

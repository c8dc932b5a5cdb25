// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/examples/chemicals/data"
	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

// Each company's file can be loaded alone, and holds only what that company knows.
func TestEachCompanyLoadsAlone(t *testing.T) {
	r := register(t)
	for directory, secret := range map[fs.FS]string{data.Inv9(): "84852-53-9", data.Sixteen(): "84852-53-9"} {
		files, err := fs.Glob(directory, "companies/*.json")
		if err != nil || len(files) < 4 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			company, err := r.LoadCompany(directory, file)
			if err != nil {
				t.Error(err)
			}
			want(t, file, "companies/"+company.ID+".json", file)
			if !company.Fictional || !strings.HasSuffix(company.Label(), "（架空）") {
				t.Errorf("%s is not marked as fictional", file)
			}
			raw, _ := fs.ReadFile(directory, file)
			if knows := company.ID == "tape" || company.ID == "masterbatch"; strings.Contains(string(raw), secret) != knows {
				t.Errorf("%s: that it knows of DBDPE should be %t", file, knows)
			}
		}
	}
}

func TestChainIsOrdered(t *testing.T) {
	r := register(t)
	for name, n := range map[string]int{"inv-9": 4, "sixteen": 16} {
		c, _ := chain(t, r, name)
		want(t, name, len(c.Companies), n)
		want(t, "the last of "+name, c.Final().ID, "oem")
		seen := map[string]bool{}
		for _, company := range c.Companies {
			for _, supplier := range company.Suppliers() {
				if !seen[supplier] {
					t.Errorf("%s: %s stands before its supplier %s", name, company.ID, supplier)
				}
			}
			seen[company.ID] = true
		}
	}
}

const maker = `{"id":"maker","name":"紅葉ハーネス","fictional":true,"corporateNumber":"5999900000004","part":"LM-8","version":"1",
 "ingredients":[{"part":"RS-1","supplier":"resin"}],"nodes":[
 {"id":"LM-8","name":"board","kind":"article","mass":"80 g","contents":[{"count":1,"node":"CORE"},{"count":1,"node":"FOIL"}]},
 {"id":"CORE","name":"core","kind":"material","mass":"60 g","substances":[{"name":"flame retardant","group":"BFR","min":"10 %","max":"10 %","askOf":"RS-1"}]},
 {"id":"FOIL","name":"foil","kind":"material","mass":"20 g","supplier":"foils"}]}`

func TestDecodeCompanyRefuses(t *testing.T) {
	r := register(t)
	if _, err := r.DecodeCompany([]byte(maker)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, now, reason string }{
		{"company id", `"id":"maker"`, `"id":"Maker"`, "is not an id"},
		{"corporate number", "5999900000004", "5999900000005", "corporateNumber"},
		{"fictional", `"fictional":true,`, ``, `["fictional"] must be given`},
		{"contents of what is bought", `"supplier":"foils"`, `"supplier":"foils","substances":[{"name":"copper","cas":"7440-50-8","min":"1 %","max":"1 %"}]`, "the supplier's to say"},
		{"ask of no ingredient", `"askOf":"RS-1"`, `"askOf":"RS-2"`, "RS-2 is not an ingredient"},
		{"ask though the number is known", `"group":"BFR"`, `"cas":"79-94-7"`, "nothing to ask"},
		{"ingredient twice", `"ingredients":[`, `"ingredients":[{"part":"RS-1","supplier":"x"},`, "listed twice"},
		{"ingredient and node", `"ingredients":[`, `"ingredients":[{"part":"FOIL","supplier":"x"},`, "a node too"},
		{"article in an article", `"kind":"material","mass":"20 g"`, `"kind":"article","mass":"20 g"`, `cannot contain FOIL of kind article; it can contain ["material"]`},
		{"misspelt", `"substances"`, `"substance"`, `"substance" is unknown`},
	} {
		if _, err := r.DecodeCompany([]byte(edit(t, maker, c.old, c.now))); !errors.Is(err, substance.ErrBill) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %q", c.name, err, c.reason)
		}
	}
}

// files is a chain of companies, each of which delivers an article of 1 g; what a
// company buys is written beside it, as in "a: b c".
func files(chain ...string) fstest.MapFS {
	directory := fstest.MapFS{}
	for _, text := range chain {
		id, suppliers, _ := strings.Cut(text, ":")
		nodes, lines := "", []string{}
		for supplier := range strings.FieldsSeq(suppliers) {
			nodes += `,{"id":"P-` + supplier + `","name":"p","kind":"part","mass":"1 mg","supplier":"` + supplier + `"}`
			lines = append(lines, `{"count":1,"node":"P-`+supplier+`"}`)
		}
		directory["companies/"+id+".json"] = &fstest.MapFile{Data: []byte(`{"id":"` + id + `","name":"n","fictional":true,"part":"P-` + id +
			`","version":"1","nodes":[{"id":"P-` + id + `","name":"p","kind":"part","mass":"1 g","contents":[` + strings.Join(lines, ",") + `]}` + nodes + `]}`)}
	}
	return directory
}

func TestLoadChainRefuses(t *testing.T) {
	r := register(t)
	if _, err := r.LoadChain(files("a: b c", "b: c", "c")); err != nil {
		t.Fatal(err)
	}
	broken := files("a: b", "b")
	broken["companies/c.json"] = &fstest.MapFile{Data: []byte(`{`)}
	broken["companies/d.json"] = &fstest.MapFile{Data: []byte(`{}`)}
	twice := files("a")
	twice["companies/b.json"] = twice["companies/a.json"]
	for _, c := range []struct {
		name    string
		from    fs.FS
		is      error
		reasons []string
	}{
		{"cycle", files("a: b", "b: c", "c: b"), substance.ErrCycle, []string{"b buys from c buys from b"}},
		{"itself", files("a: a"), nil, []string{"a"}},
		{"no such supplier", files("a: b"), substance.ErrBill, []string{"a: it buys from b, a company that has no file"}},
		{"two final products", files("a: c", "b: c", "c"), substance.ErrBill, []string{"nobody buys from: a, b"}},
		{"broken files", broken, substance.ErrBill, []string{"c.json: ", "d.json: "}},
		{"company twice", twice, substance.ErrBill, []string{"company a is in two files"}},
		{"empty", fstest.MapFS{}, nil, []string{"0 files companies/*.json"}},
	} {
		_, err := r.LoadChain(c.from)
		if err == nil || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v, want %v", c.name, err, c.is)
			continue
		}
		for _, reason := range c.reasons {
			if !strings.Contains(err.Error(), reason) {
				t.Errorf("%s: %v, want %q", c.name, err, reason)
			}
		}
	}
}

// The kinds of what is bought and of what is made must be the same.
func TestChainComparesParts(t *testing.T) {
	r := register(t)
	c, _ := chain(t, r, "inv-9")
	for i, company := range c.Companies {
		if company.ID == "tape" {
			c.Companies[i].Bill.Part = "TP-12-film"
		}
	}
	if _, err := substance.NewChain(c.Companies); !errors.Is(err, substance.ErrBill) || !strings.Contains(err.Error(), "article TP-12 is bought from tape, which makes material TP-12-film") {
		t.Error(err)
	}
}

func FuzzDecodeCompany(f *testing.F) {
	r := register(f)
	f.Add([]byte(maker))
	f.Fuzz(func(t *testing.T, document []byte) {
		c, err := r.DecodeCompany(document)
		if err != nil {
			if !errors.Is(err, substance.ErrBill) || !cmp.Equal(c, substance.Company{}) {
				t.Fatalf("%+v, %v", c, err)
			}
			return
		}
		if _, err := r.Participant(c, ask(cl2, "CL-DBDPE", "2026-11-01")); err != nil {
			t.Fatal(err)
		}
		encode(t, evaluate(t, r, c.Bill, ask(cl2, "CL-DBDPE", "2026-11-01"), substance.Held{}).Answer())
	})
}

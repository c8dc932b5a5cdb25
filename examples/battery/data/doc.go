// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package data holds the example's input inside its binary, so that the example
// needs no files. Each directory is a chain, each file in it one company's row,
// in the format of examples/battery/README.md:
//
//	five-companies/*.json ─┐
//	tutorial/*.json ───────┴─ embedded at build ─► FiveCompanies, Tutorial ─► footprint.Load
//
// All companies are fictional, and so are the numbers: their magnitudes are
// realistic, but nobody measured them. Their corporate numbers are well formed, and
// no registered company has them.
package data

import (
	"embed"
	"io/fs"
)

//go:embed five-companies/*.json tutorial/*.json
var files embed.FS

// FiveCompanies is a vehicle battery over four tiers: vehicle maker, pack, cell,
// cathode material and its precursor. It comes to 4000 kgCO2e.
func FiveCompanies() fs.FS { return directory("five-companies") }

// Tutorial is the smallest chain, with the numbers of the Ouranos data transaction
// system's tutorial: A needs 5 kg of B's part. It comes to 10.5 and 70 kgCO2e.
func Tutorial() fs.FS { return directory("tutorial") }

func directory(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the name is a constant above
	}
	return sub
}

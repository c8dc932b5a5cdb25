// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package data holds the example's input inside its binary, so that the example
// needs no files:
//
//	register/substances.json, register/lists/*.json ─ embedded at build ─► Register ─► substance.LoadRegister
//	inv-9/companies/*.json, sixteen/companies/*.json ─ embedded ─► Inv9, Sixteen ─► Register.LoadChain
//
// Each entry of a list says what it rests on: a source, general knowledge, or
// fiction. All companies, parts and compositions are fictional: their magnitudes are
// realistic, but nobody measured them.
package data

import (
	"embed"
	"io/fs"
)

//go:embed register inv-9 sixteen
var files embed.FS

// Register is the substances and the releases of the lists.
func Register() fs.FS { return directory("register") }

// Inv9 is an inverter in three tiers and four companies: vehicle maker, maker of
// the inverter, and two that make its terminals and its tape.
func Inv9() fs.FS { return directory("inv-9") }

// Sixteen is the same inverter made by sixteen companies with fifteen supply
// relations over five tiers.
func Sixteen() fs.FS { return directory("sixteen") }

func directory(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the name is a constant above
	}
	return sub
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import "crypto"

// Description is what Marshal writes.
type Description struct {
	ID       string
	Keys     []Key
	Services []Service
}

// Key is a key of ours with the relations it is published for.
type Key struct {
	Fragment  string // the id after #
	Key       crypto.PublicKey
	Relations []Relation
}

// Marshal writes a DID document: methods of type JsonWebKey2020 with absolute
// ids, relations as arrays of strings.
func Marshal(d Description) ([]byte, error) { panic("to be written") }

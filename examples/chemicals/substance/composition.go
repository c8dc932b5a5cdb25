// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

const maxComposition = 4 << 20

// DecodeComposition reads the document by which a supplier discloses what is in a
// part: its nodes and the substances in its materials. Nothing vouches for it: at
// most 4 MiB, no key but those known, numbers with units, right CAS numbers that
// fit the names beside them, no cycle, and no mass that is exceeded (ErrAnswer, and
// beneath it ErrIdentifier, ErrName, ErrUnit, ErrBalance, ErrCycle).
func (r *Register) DecodeComposition(raw []byte) (Bill, error) {
	var b Bill
	raw, err := strict.Document(raw, maxComposition)
	if err == nil {
		err = strict.Object(raw, r.billReaders(&b, false), nil)
	}
	if err == nil {
		err = b.check()
	}
	if err != nil {
		return Bill{}, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return b, nil
}

func (r *Register) billReaders(b *Bill, own bool) map[string]strict.Reader {
	return map[string]strict.Reader{
		"part":    strict.Parsed(&b.Part, parseID),
		"version": strict.Parsed(&b.Version, parseID),
		"nodes":   r.readBill(own, b),
	}
}

// EncodeComposition writes a company's own bill as the document that discloses it.
// Of what is bought it tells the node and its mass, not the supplier; where that is
// a secret too, the bill must not be disclosed. A bill into which compositions of
// suppliers were put is refused: they are not the company's to pass on (ErrAnswer).
func (r *Register) EncodeComposition(b Bill) ([]byte, error) {
	nodes := make([]nodeDocument, 0, len(b.Nodes))
	for _, id := range slices.Sorted(maps.Keys(b.Nodes)) {
		nodes = append(nodes, b.Nodes[id].document())
	}
	document, err := json.Marshal(struct {
		Part    string         `json:"part"`
		Version string         `json:"version"`
		Nodes   []nodeDocument `json:"nodes"`
	}{b.Part, b.Version, nodes})
	if err != nil {
		return nil, err
	}
	if _, err := r.DecodeComposition(document); err != nil {
		return nil, err
	}
	return document, nil
}

type (
	nodeDocument struct {
		ID         string              `json:"id"`
		Name       string              `json:"name"`
		Kind       Kind                `json:"kind"`
		Mass       string              `json:"mass"`
		Tolerance  string              `json:"tolerance,omitempty"`
		Contents   []lineDocument      `json:"contents,omitempty"`
		Substances []rowDocument       `json:"substances,omitempty"`
		Without    []statementDocument `json:"without,omitempty"`
	}
	lineDocument struct {
		Count int    `json:"count"`
		Node  string `json:"node"`
	}
	rowDocument struct {
		Name      string `json:"name"`
		CAS       CAS    `json:"cas,omitempty"`
		Group     string `json:"group,omitempty"`
		Min       string `json:"min"`
		Max       string `json:"max"`
		Exemption string `json:"exemption,omitempty"`
	}
	statementDocument struct {
		CAS   CAS    `json:"cas,omitempty"`
		Group string `json:"group,omitempty"`
		List  string `json:"list,omitempty"`
	}
)

func (n Node) document() nodeDocument {
	d := nodeDocument{ID: n.ID, Name: n.Name, Kind: n.Kind, Mass: n.Mass.String()}
	if n.Tolerance != (Share{}) {
		d.Tolerance = n.Tolerance.String()
	}
	for _, line := range n.Contents {
		d.Contents = append(d.Contents, lineDocument(line))
	}
	for _, row := range n.Rows {
		d.Substances = append(d.Substances, rowDocument{row.Name, row.CAS, row.Group, row.Min.String(), row.Max.String(), row.Exemption})
	}
	for _, s := range n.Without {
		d.Without = append(d.Without, statementDocument(s))
	}
	return d
}

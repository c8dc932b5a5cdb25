// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// Errors of a bill of materials.
var (
	ErrBill    = errors.New("bill refused")
	ErrCycle   = errors.New("cycle")
	ErrBalance = errors.New("mass balance")
)

// Bill is what a company knows of a part: the nodes it is made of, by id. Nodes
// refer to each other, so that a resistor is described once however often it is
// used. A Bill that was decoded holds no cycle, and each mass covers its contents.
type Bill struct {
	Part    string // the id of the outermost node
	Version string // changes whenever the contents do
	Nodes   map[string]Node
	// Ingredients are bought and mixed into its own materials: part by supplier. They
	// are no nodes, since what comes of them is described by the materials.
	Ingredients map[string]string
}

// Root is the outermost node.
func (b Bill) Root() Node { return b.Nodes[b.Part] }

// Node is a product, a part, an article or a material. Only a material holds
// substances; only the others hold nodes.
type Node struct {
	ID        string
	Name      string
	Kind      Kind
	Mass      Mass   // of one piece
	Tolerance Share  // how far the mass and the sum of the contents may differ
	Supplier  string // the company it is bought from; its contents are then not known here
	Contents  []Line
	Rows      []Row
	Without   []Statement // what is certainly not in the undeclared rest
}

// Bought reports whether a supplier knows what is in it.
func (n Node) Bought() bool { return n.Supplier != "" }

// Line says how many pieces of a node go into one piece of another.
type Line struct {
	Count int
	Node  string
}

// Row is a substance in a material, with the range its content lies in. It is
// named by its CAS number or, where a supplier does not tell it, by a group.
type Row struct {
	Name      string
	CAS       CAS
	Group     string
	Min, Max  Share
	Exemption string // the code that the maker claims for this application
	AskOf     string // for a group: the ingredient whose supplier knows which substance it is
}

// Statement is a negative statement: none of these is in it. It names one of a
// number, a group, or a release, of which no entry is in it. A statement on a
// release says nothing of what a later release adds.
type Statement struct {
	CAS   CAS
	Group string
	List  string
}

const (
	maxNodes   = 20_000
	maxDepth   = 12
	maxLines   = 20_000
	maxRows    = 500
	maxCount   = 1_000_000
	maxPercent = 5 // of tolerance
)

var mayHold = map[Kind][]Kind{
	Product:  {Product, PartKind, Article},
	PartKind: {PartKind, Article},
	Article:  {Material},
}

// check walks the bill once: every reference leads somewhere, none in a circle,
// every node is reached, kinds nest, and no mass is exceeded.
func (b Bill) check() error {
	if _, ok := b.Nodes[b.Part]; !ok {
		return fmt.Errorf("there is no node %s, which is the part", strict.Quote(b.Part))
	}
	w := walk{bill: b, done: make(map[string]int)}
	if _, err := w.visit(b.Part); err != nil {
		return err
	}
	for id, n := range b.Nodes {
		if _, reached := w.done[id]; !reached {
			return fmt.Errorf("%s is not in %s, nor in anything that is in it", id, b.Part)
		}
		if _, both := b.Ingredients[id]; both {
			return fmt.Errorf("%s is an ingredient, and a node too", id)
		}
		for _, row := range n.Rows {
			if _, ok := b.Ingredients[row.AskOf]; row.AskOf != "" && !ok {
				return fmt.Errorf("%s: askOf: %s is not an ingredient", id, row.AskOf)
			}
		}
	}
	return nil
}

// walk goes depth first through a bill.
type walk struct {
	bill Bill
	done map[string]int // height of each node that was left
	path []string
}

func (w *walk) visit(id string) (height int, err error) {
	for i, above := range w.path {
		if above == id {
			return 0, fmt.Errorf("%w: %s contains %s", ErrCycle, strings.Join(w.path[i:], " contains "), id)
		}
	}
	if height, done := w.done[id]; done {
		return height, nil
	}
	if err := w.deep(0); err != nil {
		return 0, err // on the way in too: nobody should have to follow a chain of thousands
	}
	node := w.bill.Nodes[id]
	w.path = append(w.path, id)
	for _, line := range node.Contents {
		child, ok := w.bill.Nodes[line.Node]
		if !ok {
			return 0, fmt.Errorf("%s contains %s, which is not described", id, strict.Quote(line.Node))
		}
		if err := nests(node, child); err != nil {
			return 0, err
		}
		below, err := w.visit(line.Node)
		if err != nil {
			return 0, err
		}
		height = max(height, below+1)
	}
	w.path = w.path[:len(w.path)-1]
	w.done[id] = height
	if err := w.deep(height); err != nil {
		return 0, err
	}
	return height, w.bill.balance(node)
}

// deep refuses what is nested too far, seen from the way that led here.
func (w *walk) deep(height int) error {
	if len(w.path)+height >= maxDepth {
		return fmt.Errorf("nested more than %d deep", maxDepth)
	}
	return nil
}

func nests(node, child Node) error {
	if slices.Contains(mayHold[node.Kind], child.Kind) {
		return nil
	}
	return fmt.Errorf("%s is of kind %s and cannot contain %s of kind %s; it can contain %q",
		node.ID, node.Kind, child.ID, child.Kind, mayHold[node.Kind])
}

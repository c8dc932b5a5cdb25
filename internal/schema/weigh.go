// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// maxNodes bounds the objects in a schema: compiling takes time in proportion
// to its square.
const maxNodes = 2048

var errNodes = errors.New("it has too many parts")

// weight is an upper bound of what a schema costs for one value of a document,
// with every reference written out: objects that are visited, and instructions
// of regular expressions that are run. It is saturating.
type weight struct{ nodes, regexp uint64 }

func (w weight) plus(o weight) weight {
	return weight{saturate(w.nodes, o.nodes), saturate(w.regexp, o.regexp)}
}

func saturate(a, b uint64) uint64 {
	if a > math.MaxUint32 || b > math.MaxUint32 {
		return math.MaxUint32
	}
	return min(a+b, math.MaxUint32)
}

// scale walks a schema once, in which nothing tells a schema from other
// objects: what is not one makes it heavier, never lighter.
type scale struct {
	root    any
	names   []string // that the document is known by
	draft4  bool
	parts   bool // a part of it has an address of its own
	anchors map[string]any

	byPath map[string]*node
	count  int
}

// node is an object or array of the schema that a reference points to. Its
// weight is asked for once.
type node struct {
	weight weight
	state  int // 0 new, 1 being weighed, 2 weighed
}

// weigh bounds the cost of a schema. It refuses one that refers to another
// document, or to itself, and one in which references could be read in two
// ways.
func weigh(root any, address string) (weight, error) {
	s := &scale{root: root, names: []string{"", address}, anchors: make(map[string]any), byPath: make(map[string]*node)}
	object, _ := root.(map[string]any)
	for _, name := range []string{"$id", "id"} {
		if id, ok := object[name].(string); ok {
			id, _, _ = strings.Cut(id, "#")
			s.names = append(s.names, id)
		}
	}
	draft, _ := object["$schema"].(string)
	s.draft4 = strings.Contains(draft, "draft-04")
	if err := s.collect(root, true); err != nil {
		return weight{}, err
	}
	return s.at("", root)
}

// at weighs what a reference points to, or the whole.
func (s *scale) at(path string, value any) (weight, error) {
	n, ok := s.byPath[path]
	if !ok {
		n = &node{}
		s.byPath[path] = n
	}
	switch n.state {
	case 1:
		return weight{}, fmt.Errorf("%w: it refers to itself", ErrCost)
	case 2:
		return n.weight, nil
	}
	n.state = 1
	w, err := s.of(value)
	n.weight, n.state = w, 2
	return w, err
}

// of weighs a value with all that lies in it.
func (s *scale) of(value any) (weight, error) {
	var w weight
	switch v := value.(type) {
	case []any:
		for _, child := range v {
			more, err := s.of(child)
			if err != nil {
				return w, err
			}
			w = w.plus(more)
		}
	case map[string]any:
		w.nodes++
		for name, child := range v {
			more, err := s.member(name, child)
			if err != nil {
				return w, err
			}
			w = w.plus(more)
		}
	}
	return w, nil
}

// member weighs one member of an object: with what it refers to, if it refers.
func (s *scale) member(name string, value any) (weight, error) {
	text, isText := value.(string)
	switch {
	case isText && (name == "$ref" || name == "$dynamicRef" || name == "$recursiveRef"):
		path, target, err := s.resolve(text)
		if err != nil {
			return weight{}, err
		}
		return s.at(path, target)
	case isText && name == "pattern":
		n, err := instructions(text)
		return weight{regexp: n}, err
	}
	w, err := s.of(value)
	if patterns, ok := value.(map[string]any); ok && err == nil && name == "patternProperties" {
		for pattern := range patterns {
			n, err := instructions(pattern)
			if err != nil {
				return w, err
			}
			w = w.plus(weight{regexp: n})
		}
	}
	return w, err
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// readBill reads the nodes of a bill. Only a company's own file may say what is
// bought from whom (own); the document that crosses a border must not.
func (r *Register) readBill(own bool, b *Bill) strict.Reader {
	return func(raw []byte) error {
		var nodes []Node
		read := func(raw []byte, n *Node) error {
			if err := r.readNode(raw, own, n); err != nil {
				return fmt.Errorf("%s: %w", strict.Quote(n.ID), err)
			}
			return nil
		}
		if err := strict.List(&nodes, maxNodes, read)(raw); err != nil {
			return err
		}
		b.Nodes = make(map[string]Node, len(nodes))
		for _, n := range nodes {
			if _, twice := b.Nodes[n.ID]; twice {
				return fmt.Errorf("%s is described twice", n.ID)
			}
			b.Nodes[n.ID] = n
		}
		return nil
	}
}

func (r *Register) readNode(raw []byte, own bool, n *Node) error {
	optional := map[string]strict.Reader{
		"tolerance":  strict.Parsed(&n.Tolerance, parseTolerance),
		"contents":   strict.List(&n.Contents, maxLines, readLine),
		"substances": strict.List(&n.Rows, maxRows, func(raw []byte, row *Row) error { return r.readRow(raw, own, row) }),
		"without":    strict.List(&n.Without, maxRows, r.readStatement),
	}
	if own {
		optional["supplier"] = strict.Parsed(&n.Supplier, parseSlug)
	}
	err := strict.Object(raw, map[string]strict.Reader{
		"id":   strict.Parsed(&n.ID, parseID),
		"name": strict.Parsed(&n.Name, parseName),
		"kind": strict.Parsed(&n.Kind, oneOf(Material, Article, PartKind, Product)),
		"mass": strict.Parsed(&n.Mass, ParseMass),
	}, optional)
	switch {
	case err != nil:
		return err
	case n.Kind == Material && len(n.Contents) > 0:
		return errors.New("contents: a material has substances, no contents")
	case n.Kind != Material && len(n.Rows) > 0:
		return errors.New("substances: only a material has them; describe what it is made of in contents")
	case n.Bought() && len(n.Contents)+len(n.Rows) > 0:
		return errors.New("supplier: what is in it is the supplier's to say; leave out contents and substances")
	}
	return nil
}

func readLine(raw []byte, l *Line) error {
	return strict.Object(raw, map[string]strict.Reader{
		"count": number(&l.Count, 1, maxCount),
		"node":  strict.Parsed(&l.Node, parseID),
	}, nil)
}

func (r *Register) readRow(raw []byte, own bool, row *Row) error {
	optional := map[string]strict.Reader{
		"cas":       strict.Parsed(&row.CAS, ParseCAS),
		"group":     strict.Parsed(&row.Group, parseID),
		"exemption": strict.Parsed(&row.Exemption, parseCode),
	}
	if own {
		optional["askOf"] = strict.Parsed(&row.AskOf, parseID)
	}
	err := strict.Object(raw, map[string]strict.Reader{
		"name": strict.Parsed(&row.Name, parseName),
		"min":  strict.Parsed(&row.Min, ParseShare),
		"max":  strict.Parsed(&row.Max, ParseShare),
	}, optional)
	switch {
	case err != nil:
		return err
	case (row.CAS == "") == (row.Group == ""):
		return errors.New("a substance has either cas or group; what has neither is left out, and counts as undeclared")
	case row.Max.Fraction().Cmp(row.Min.Fraction()) < 0:
		return fmt.Errorf("max: %s is less than min, %s", row.Max, row.Min)
	case row.AskOf != "" && row.Group == "":
		return errors.New("askOf: with a CAS number there is nothing to ask")
	case row.Group != "" && !r.knownGroup(row.Group):
		return fmt.Errorf("group: %s is not known", strict.Quote(row.Group))
	case row.CAS != "":
		return r.CheckName(row.Name, row.CAS)
	}
	return nil
}

func (r *Register) readStatement(raw []byte, s *Statement) error {
	err := strict.Object(raw, nil, map[string]strict.Reader{
		"cas":   strict.Parsed(&s.CAS, ParseCAS),
		"group": strict.Parsed(&s.Group, parseID),
		"list":  strict.Parsed(&s.List, parseRelease),
	})
	given := 0
	for _, text := range []string{string(s.CAS), s.Group, s.List} {
		if text != "" {
			given++
		}
	}
	switch {
	case err != nil:
		return err
	case given != 1:
		return errors.New("a statement has one of cas, group and list")
	case s.Group != "" && !r.knownGroup(s.Group):
		return fmt.Errorf("group: %s is not known", strict.Quote(s.Group))
	}
	return nil
}

func parseTolerance(text string) (Share, error) {
	s, err := ParseShare(text)
	if err == nil && s.Fraction().Mul(whole(100)).Cmp(whole(maxPercent)) > 0 {
		err = fmt.Errorf("%s is more than %d %%", strict.Quote(text), maxPercent)
	}
	return s, err
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
)

// readBill reads the nodes of a bill. Only a company's own file may say what is
// bought from whom (own); the document that crosses a border must not.
func (r *Register) readBill(own bool, b *Bill) reader {
	return func(raw []byte) error {
		var nodes []Node
		read := func(raw []byte, n *Node) error {
			if err := r.readNode(raw, own, n); err != nil {
				return fmt.Errorf("%s: %w", quote(n.ID), err)
			}
			return nil
		}
		if err := list(&nodes, maxNodes, read)(raw); err != nil {
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
	optional := map[string]reader{
		"tolerance":  parsed(&n.Tolerance, parseTolerance),
		"contents":   list(&n.Contents, maxLines, readLine),
		"substances": list(&n.Rows, maxRows, func(raw []byte, row *Row) error { return r.readRow(raw, own, row) }),
		"without":    list(&n.Without, maxRows, r.readStatement),
	}
	if own {
		optional["supplier"] = parsed(&n.Supplier, parseSlug)
	}
	err := object(raw, map[string]reader{
		"id":   parsed(&n.ID, parseID),
		"name": parsed(&n.Name, parseName),
		"kind": parsed(&n.Kind, oneOf(Material, Article, PartKind, Product)),
		"mass": parsed(&n.Mass, ParseMass),
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
	return object(raw, map[string]reader{
		"count": number(&l.Count, 1, maxCount),
		"node":  parsed(&l.Node, parseID),
	}, nil)
}

func (r *Register) readRow(raw []byte, own bool, row *Row) error {
	optional := map[string]reader{
		"cas":       parsed(&row.CAS, ParseCAS),
		"group":     parsed(&row.Group, parseID),
		"exemption": parsed(&row.Exemption, parseCode),
	}
	if own {
		optional["askOf"] = parsed(&row.AskOf, parseID)
	}
	err := object(raw, map[string]reader{
		"name": parsed(&row.Name, parseName),
		"min":  parsed(&row.Min, ParseShare),
		"max":  parsed(&row.Max, ParseShare),
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
		return fmt.Errorf("group: %s is not known", quote(row.Group))
	case row.CAS != "":
		return r.CheckName(row.Name, row.CAS)
	}
	return nil
}

func (r *Register) readStatement(raw []byte, s *Statement) error {
	err := object(raw, nil, map[string]reader{
		"cas":   parsed(&s.CAS, ParseCAS),
		"group": parsed(&s.Group, parseID),
		"list":  parsed(&s.List, parseRelease),
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
		return fmt.Errorf("group: %s is not known", quote(s.Group))
	}
	return nil
}

func parseTolerance(text string) (Share, error) {
	s, err := ParseShare(text)
	if err == nil && s.Fraction().Mul(whole(100)).Cmp(whole(maxPercent)) > 0 {
		err = fmt.Errorf("%s is more than %d %%", quote(text), maxPercent)
	}
	return s, err
}

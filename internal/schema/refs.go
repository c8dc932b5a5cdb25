// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// collect counts the objects and finds the names that references may use.
func (s *scale) collect(value any, top bool) error {
	switch v := value.(type) {
	case []any:
		for _, child := range v {
			if err := s.collect(child, false); err != nil {
				return err
			}
		}
	case map[string]any:
		if s.count++; s.count > maxNodes {
			return fmt.Errorf("%w: %w", ErrCost, errNodes)
		}
		if err := s.name(v, top); err != nil {
			return err
		}
		for _, child := range v {
			if err := s.collect(child, false); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *scale) name(object map[string]any, top bool) error {
	for _, member := range []string{"$anchor", "$dynamicAnchor"} {
		if name, ok := object[member].(string); ok {
			if err := s.anchor(name, object); err != nil {
				return err
			}
		}
	}
	for _, member := range []string{"$id", "id"} {
		id, ok := object[member].(string)
		if !ok || member == "id" && !s.draft4 {
			continue
		}
		base, fragment, _ := strings.Cut(id, "#")
		s.parts = s.parts || base != "" && !top
		if fragment != "" {
			if err := s.anchor(fragment, object); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *scale) anchor(name string, object map[string]any) error {
	if _, twice := s.anchors[name]; twice {
		return fmt.Errorf("%w: two parts of it have one name", ErrSchema)
	}
	s.anchors[name] = object
	return nil
}

// resolve finds what a reference inside the document points to.
func (s *scale) resolve(reference string) (path string, target any, err error) {
	if s.parts { // from where it stands, the same text may mean another place
		return "", nil, fmt.Errorf("%w: it has references and a part with an address of its own", ErrSchema)
	}
	base, fragment, _ := strings.Cut(reference, "#")
	if !slices.Contains(s.names, base) {
		return "", nil, fmt.Errorf("%w: %.200q", ErrRemote, base)
	}
	if fragment, err = url.PathUnescape(fragment); err != nil {
		return "", nil, fmt.Errorf("%w: a reference cannot be read", ErrSchema)
	}
	if fragment != "" && fragment[0] != '/' {
		if target, ok := s.anchors[fragment]; ok {
			return "#" + fragment, target, nil
		}
		return "", nil, fmt.Errorf("%w: a reference leads nowhere", ErrSchema)
	}
	target = s.root
	for _, token := range strings.Split(fragment, "/")[1:] {
		if target = step(target, token); target == nil {
			return "", nil, fmt.Errorf("%w: a reference leads nowhere", ErrSchema)
		}
	}
	return fragment, target, nil
}

// step follows one token of a JSON Pointer (RFC 6901).
func step(value any, token string) any {
	token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	switch v := value.(type) {
	case map[string]any:
		return v[token]
	case []any:
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}

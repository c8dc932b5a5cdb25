// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"fmt"
	"maps"
	"strings"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// With returns a register that knows a release more. It refuses one that is known,
// that does not follow its predecessor, or that changes what is not there
// (ErrRelease): an old release that is sent again starts nothing.
func (r *Register) With(release Release) (*Register, error) {
	state, err := r.next(release)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrRelease, release.ID, err)
	}
	grown := *r
	grown.releases, grown.states = maps.Clone(r.releases), maps.Clone(r.states)
	grown.releases[release.ID], grown.states[release.ID] = release, state
	return &grown, nil
}

// next is the state of the list after the release.
func (r *Register) next(release Release) (map[string]Entry, error) {
	if _, known := r.releases[release.ID]; known {
		return nil, fmt.Errorf("it is known already")
	}
	if err := r.follows(release); err != nil {
		return nil, err
	}
	state := maps.Clone(r.states[release.Previous])
	if state == nil {
		state = make(map[string]Entry)
	}
	for _, id := range release.Removed {
		if _, there := state[id]; !there {
			return nil, fmt.Errorf("removed: %s is not on the list", id)
		}
		delete(state, id)
	}
	for _, entry := range release.Changed {
		if _, there := state[entry.ID]; !there {
			return nil, fmt.Errorf("changed: %s is not on the list", entry.ID)
		}
		state[entry.ID] = entry
	}
	for _, entry := range release.Added {
		if _, there := state[entry.ID]; there {
			return nil, fmt.Errorf("added: %s is on the list already", entry.ID)
		}
		state[entry.ID] = entry
	}
	return state, r.checkEntries(state)
}

// follows checks the place of a release in its list, whose latest release it must
// name as its predecessor.
func (r *Register) follows(release Release) error {
	latest := r.Latest(Family(release.ID))
	switch {
	case release.Previous != latest && latest == "":
		return fmt.Errorf("the previous release, %s, is not known", release.Previous)
	case release.Previous != latest:
		return fmt.Errorf("it follows %s, but the latest that is known is %s", strict.Quote(release.Previous), latest)
	case latest != "" && !r.releases[latest].Date.Before(release.Date):
		return fmt.Errorf("it is not later than %s", latest)
	}
	return nil
}

// Latest is the id of the latest release of a list such as CL, empty if none is known.
func (r *Register) Latest(family string) string {
	latest := ""
	for id := range r.releases {
		if Family(id) == family && id > latest { // of one list, the ids differ by their date only
			latest = id
		}
	}
	return latest
}

// Family is the list that a release belongs to: CL for CL-2025-11-05.
func Family(release string) string {
	family, _, _ := strings.Cut(release, "-")
	return family
}

// checkEntries finds what would make an entry match nothing without a word.
func (r *Register) checkEntries(state map[string]Entry) error {
	for _, e := range state {
		if e.Element != "" && r.atoms[e.Element].IsZero() {
			return fmt.Errorf("%s: there is no atomic mass for %s", e.ID, strict.Quote(e.Element))
		}
		for _, group := range e.Groups {
			if !r.knownGroup(group) {
				return fmt.Errorf("%s: no substance belongs to the group %s", e.ID, strict.Quote(group))
			}
		}
	}
	return nil
}

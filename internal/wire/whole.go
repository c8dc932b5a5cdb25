// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"slices"
	"strings"
)

// whole refuses an object of which a reader of JSON-LD would see more than the
// members that are read here by their names.
func (r *reader) whole(o *value) {
	for i := range o.kids {
		m := &o.kids[i]
		if m.name == "" || m.name[0] != '@' || m.name == "@id" || m.name == "@type" {
			continue
		}
		switch {
		case m.name != "@context":
			r.hidden(m.name, "absent, since what it holds is not read here")
			if r.failed != nil && r.resolves(m.name) {
				r.failed.expandable = true
			}
		case !r.listed(m):
			r.hidden(m.name, "one at the top of the message, for all of it")
		}
	}
	if name := twice(o); name != "" && r.ok() {
		e := failure(CodeDuplicateMember, "%s is the same member as another of its object", r.at(name))
		e.Exception = ExceptionHidden
		r.fail(e)
	}
}

// resolves reports whether expansion may put something else in the place of a
// keyword: a graph that holds the message and nothing else, or a list.
func (r *reader) resolves(keyword string) bool {
	return keyword == "@graph" && len(r.path) == 0 || keyword == "@list" || keyword == "@set"
}

// listed reports whether a context says nothing that the message does not say
// at its top.
func (r *reader) listed(context *value) bool {
	if len(r.path) == 0 {
		return true
	}
	entries := context.kids
	if context.kind != arrayKind {
		entries = []value{*context}
	}
	for i := range entries {
		if entries[i].kind != stringKind || !slices.Contains(r.contexts, entries[i].text) {
			return false
		}
	}
	return true
}

// hidden records a member that would be read elsewhere in another way.
func (r *reader) hidden(name, must string) {
	if r.ok() {
		r.invalid(name, must)
		r.failed.Exception = ExceptionHidden
		r.failed.expandable = false
	}
}

// describedOnce refuses a message that says something of its policy, or of one
// of its rules or constraints, in another place: to JSON-LD, what has one @id
// is one thing.
func (r *reader) describedOnce(message *value) {
	if len(r.nodes) == 0 {
		return
	}
	places := map[string]int{}
	for _, id := range r.nodes {
		places[id] = 0
	}
	for i := range message.kids {
		count(&message.kids[i], places)
	}
	for _, id := range r.nodes {
		if places[id] > 1 {
			r.hidden("@id", "that of one thing, but "+excerpt(id)+" is described in two places")
		}
	}
}

// count counts where each of some ids is said more of than that it is.
func count(v *value, places map[string]int) {
	if id := v.get("@id"); id != nil && len(v.kids) > 1 {
		if n, sought := places[id.text]; sought {
			places[id.text] = n + 1
		}
	}
	for i := range v.kids {
		count(&v.kids[i], places)
	}
}

// twice names a member that stands in an object under two names, or is "".
func twice(o *value) string {
	var seen map[string]bool
	var terms vocabulary
	for i := range o.kids {
		name := o.kids[i].name
		if !strings.Contains(name, ":") {
			continue
		}
		if seen == nil {
			seen = map[string]bool{}
			terms = vocabularyOf(o.typeName())
		}
		iri := IRI(name)
		if t, known := terms[iri]; seen[iri] || known && o.get(t.name) != nil {
			return name
		}
		seen[iri] = true
	}
	return ""
}

// typeName is the @type of an object, where it is one bare name.
func (v *value) typeName() string {
	if typ := v.get("@type"); typ != nil {
		return typ.text
	}
	return ""
}

// unclear refuses a bare name that the protocol leaves open, where a context
// that is not held may give it a meaning.
func (r *reader) unclear(name string) {
	if r.foreign == "" || !r.ok() {
		return
	}
	e := failure(CodeContextUnknown, "%s may have a meaning by the context %s, which is not known here, and contexts are never fetched", r.at(name), excerpt(r.foreign))
	e.Exception = ExceptionHidden
	r.fail(e)
}

// odrlWords are the left operands and actions of ODRL 2.2 that the DSP context
// does not define. Written bare, they are taken for ODRL's.
var odrlWords = func() map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(`
		absolutePosition absoluteSize absoluteSpatialPosition absoluteTemporalPosition count dateTime delayPeriod
		deliveryChannel device elapsedTime event fileFormat industry language media meteredTime payAmount percentage
		product purpose recipient relativePosition relativeSize relativeSpatialPosition relativeTemporalPosition
		resolution spatial spatialCoordinates system systemDevice timeInterval unitOfCount version virtualLocation
		acceptTracking aggregate annotate anonymize archive attribute compensate concurrentUse delete derive digitize
		display distribute ensureExclusivity execute extract give grantUse include index inform install modify move
		nextPolicy obtainConsent play present print read reproduce reviewPolicy sell stream synchronize textToSpeech
		transfer transform translate uninstall watermark`) {
		m[name] = true
	}
	return m
}()

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Schemes of security evaluation. Levels are compared within one scheme only.
const (
	SCS            = "urn:jp:scs"             // ★3 and ★4
	SecurityAction = "urn:jp:security-action" // ★1 and ★2
	ISO27001       = "urn:iso:27001"          // has no levels: 1
	TISAX          = "urn:tisax"              // assessment levels 1 to 3
)

// Kinds of assessment.
const (
	SelfDeclared   = "self-declared"
	SelfWithExpert = "self-with-expert"
	ThirdParty     = "third-party"
)

// evaluationLevel says how a level of a scheme is reached and how many years
// it lasts, from the day of assessment.
type evaluationLevel struct {
	kinds []string
	years int
}

// evaluations holds the schemes that policies may name. A scheme that is not
// here is kept, and satisfies nothing.
var evaluations = map[string]map[int]evaluationLevel{
	SCS:            {3: {[]string{SelfWithExpert, ThirdParty}, 1}, 4: {[]string{ThirdParty}, 3}},
	SecurityAction: {1: {[]string{SelfDeclared}, 3}, 2: {[]string{SelfDeclared}, 3}},
	ISO27001:       {1: {[]string{ThirdParty}, 3}},
	TISAX:          {1: {[]string{SelfDeclared}, 3}, 2: {[]string{ThirdParty}, 3}, 3: {[]string{ThirdParty}, 3}},
}

// SecurityEvaluation says that a participant's security was evaluated. It is
// an evaluation, neither a certificate nor a rank.
type SecurityEvaluation struct {
	ID           string    `json:"id,omitempty"`
	Scheme       string    `json:"securityScheme"`
	Edition      string    `json:"schemeVersion"`
	Level        int       `json:"level"`
	Assessment   string    `json:"assessmentType"`
	Assessor     *Assessor `json:"assessor,omitempty"`
	AssessedAt   string    `json:"assessedAt"` // the day from which it counts
	Registration string    `json:"registrationNumber"`
	Registry     string    `json:"registryUrl,omitempty"`
	Scope        string    `json:"evaluationScope"`
	// Credential is what says so.
	Credential Credential `json:"-"`
}

// Assessor is who evaluated.
type Assessor struct {
	Name       string     `json:"name"`
	Identifier Identifier `json:"identifier"`
}

// Known reports whether we know the scheme. One that is not known never
// satisfies a policy.
func (s SecurityEvaluation) Known() bool {
	_, known := evaluations[s.Scheme]
	return known
}

var webAddress = regexp.MustCompile(`^https://[!-~]+$`)

// securityEvaluation judges the subject of a SecurityEvaluationCredential.
func (j judge) securityEvaluation(o object) {
	j.id(o)
	scheme := o.matching("securityScheme", true, uri, "a URI")
	o.text("V79", "schemeVersion", true)
	kind := o.oneOf("assessmentType", []string{SelfDeclared, SelfWithExpert, ThirdParty})
	level, ok := o.integer("C14", "level", true)
	if ok && scheme != "" {
		judgeLevel(o, scheme, level, kind)
	}
	j.assessor(o, kind == ThirdParty)
	if at := o.date("V79", "assessedAt", true); at.After(j.Now.AddDate(0, 0, 1)) {
		o.fault("V79", "assessedAt", "lies in the future")
	}
	o.text("V79", "registrationNumber", true)
	o.matching("registryUrl", false, webAddress, "an https address")
	o.text("C18", "evaluationScope", true)
}

// judgeLevel is C14: the level exists in the scheme, and is reached by this
// kind of assessment.
func judgeLevel(o object, scheme string, level int, kind string) {
	levels, known := evaluations[scheme]
	if !known {
		return
	}
	l, exists := levels[level]
	switch {
	case !exists:
		o.fault("C14", "level", "%s has no level %d", scheme, level)
	case kind != "" && !slices.Contains(l.kinds, kind):
		o.fault("C14", "assessmentType", "level %d of %s is reached by %s, not by %s", level, scheme, strings.Join(l.kinds, " or "), kind)
	}
}

// assessor: an evaluation by a third party says which.
func (j judge) assessor(o object, need bool) {
	a, ok := o.object("C14", "assessor", need)
	if !ok {
		return
	}
	a.text("C18", "name", true)
	entry, ok := a.object("C14", "identifier", true)
	if !ok {
		return
	}
	i, whole := readIdentifier(entry)
	if !whole {
		return
	}
	if number, err := i.check(j.Samples); err != nil {
		entry.fault(number, "value", "%v", err)
	}
}

// evaluationEnd is the end of the term that the scheme gives, counted from the
// day of assessment; three years in a scheme that we do not know.
func evaluationEnd(o object, from time.Time) time.Time {
	quiet := object{members: o.members, faults: new(Faults)}
	years := 3
	level, _ := quiet.integer("", "level", false)
	if l, known := evaluations[quiet.text("", "securityScheme", false)][level]; known {
		years = l.years
	}
	if at := quiet.date("", "assessedAt", false); !at.IsZero() {
		from = at.AddDate(0, 0, 1) // the day ends later in some places than in others
	}
	return from.AddDate(years, 0, 0)
}

// readSecurityEvaluation takes what can be read and leaves the rest.
func readSecurityEvaluation(members map[string]json.RawMessage) SecurityEvaluation {
	o := object{members: members, faults: new(Faults)}
	level, _ := o.integer("", "level", false)
	out := SecurityEvaluation{
		ID:           o.text("", "id", false),
		Scheme:       o.text("", "securityScheme", false),
		Edition:      o.text("", "schemeVersion", false),
		Level:        level,
		Assessment:   o.text("", "assessmentType", false),
		AssessedAt:   o.text("", "assessedAt", false),
		Registration: o.text("", "registrationNumber", false),
		Registry:     o.text("", "registryUrl", false),
		Scope:        o.text("", "evaluationScope", false),
	}
	if a, ok := o.object("", "assessor", false); ok {
		out.Assessor = &Assessor{Name: a.text("", "name", false)}
		if i, ok := a.object("", "identifier", false); ok {
			out.Assessor.Identifier, _ = readIdentifier(i)
		}
	}
	return out
}

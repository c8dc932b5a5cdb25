// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

// Policy is an ODRL policy: an offer, an agreement, or rules alone. The zero
// value permits nothing.
type Policy struct {
	// ID, Type, Target, Assigner, Assignee and Timestamp frame the rules. They
	// are carried and not compared: Canonical, Hash and Equal leave them out.
	// Each is empty where absent.
	ID        string // @id
	Type      string // @type: Offer, Agreement or Set
	Target    string // the dataset
	Assigner  string // the provider
	Assignee  string // the consumer
	Timestamp string // of an agreement, xsd:dateTime

	// Profile lists the ODRL profiles that define the terms in use. It is part
	// of the rules: what a term means depends on it.
	Profile []string

	Permissions  []Rule
	Prohibitions []Rule
	Obligations  []Rule
}

// Rule is a permission, a prohibition or a duty, by the list that holds it.
// All its constraints have to hold (ODRL Information Model section 2.5).
type Rule struct {
	Action      string
	Constraints []Constraint
	// Duties have to be fulfilled to make use of a permission.
	Duties []Rule
}

// Constraint is Atomic or Logical.
type Constraint interface {
	// String says the constraint in one line, for people.
	String() string

	// check and appendTo seal the interface; see validate.go and write.go.
	check(*limits, int) error
	appendTo([]byte, order) []byte
}

// Atomic compares the left operand with the right one (ODRL Information Model
// section 2.5.1).
type Atomic struct {
	Left     string
	Operator string // one of the operators, such as Eq
	Right    Value
}

// Logical joins constraints (ODRL Information Model section 2.5.2).
type Logical struct {
	Op          string // And, Or, Xone or AndSequence
	Constraints []Constraint
}

// The ways to join constraints. The order of the operands matters to
// AndSequence alone.
const (
	And         = "and"         // all hold
	Or          = "or"          // at least one holds
	Xone        = "xone"        // exactly one holds
	AndSequence = "andSequence" // all hold, in this order
)

// Use is the action of the protocol's own vocabulary.
const Use = "use"

// Permit returns a policy with one permission: the action, where all the
// constraints hold.
func Permit(action string, constraints ...Constraint) Policy {
	return Policy{Permissions: []Rule{{Action: action, Constraints: constraints}}}
}

// HasRules reports whether p says anything: without a permission, a
// prohibition and an obligation it permits nothing and asks for nothing.
func (p Policy) HasRules() bool {
	return len(p.Permissions)+len(p.Prohibitions)+len(p.Obligations) > 0
}

func atomicOf(c Constraint) (a Atomic, ok bool) {
	switch c := c.(type) {
	case Atomic:
		return c, true
	case *Atomic:
		return *c, true
	}
	return Atomic{}, false
}

func logicalOf(c Constraint) (l Logical, ok bool) {
	switch c := c.(type) {
	case Logical:
		return c, true
	case *Logical:
		return *c, true
	}
	return Logical{}, false
}

// MarshalJSON is JSON, so that a policy can stand inside a larger message.
func (p Policy) MarshalJSON() ([]byte, error) { return p.JSON() }

// UnmarshalJSON is Parse.
func (p *Policy) UnmarshalJSON(raw []byte) error {
	parsed, err := Parse(raw)
	if err == nil {
		*p = parsed
	}
	return err
}

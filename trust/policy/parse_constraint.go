// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

func readConstraints(value any) ([]Constraint, error) {
	list, err := readList(value)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return readEach(list)
}

func readEach(list []any) ([]Constraint, error) {
	constraints := make([]Constraint, len(list))
	for i, item := range list {
		var err error
		if constraints[i], err = readConstraint(item); err != nil {
			return nil, index(i, err)
		}
	}
	return constraints, nil
}

// readConstraint reads either shape; an object with both is neither.
func readConstraint(value any) (Constraint, error) {
	members, ok := value.(map[string]any)
	if !ok {
		return nil, malformed("a constraint is an object")
	}
	for _, name := range sortedNames(members) {
		if logicalOps[name] && members[name] != nil {
			return readLogical(name, members)
		}
	}
	return readAtomic(members)
}

func readLogical(op string, members map[string]any) (Constraint, error) {
	for _, name := range sortedNames(members) {
		if name == op {
			continue
		}
		if members[name] != nil && (logicalOps[name] || atomicMembers[name]) {
			return nil, malformed("a constraint has both %s and %s", op, name)
		}
		if err := checkUnknown(name, members[name]); err != nil {
			return nil, at(name, err)
		}
	}
	list, ok := members[op].([]any)
	if !ok {
		list = []any{members[op]} // the context has no @set for these: one operand loses its list
	}
	constraints, err := readEach(list)
	return Logical{Op: op, Constraints: constraints}, at(op, err)
}

var atomicMembers = set("leftOperand", "operator", "rightOperand")

func readAtomic(members map[string]any) (Constraint, error) {
	var a Atomic
	for _, name := range sortedNames(members) {
		var err error
		switch name {
		case "leftOperand":
			a.Left, err = readTerm(members[name])
		case "operator":
			a.Operator, err = readTerm(members[name])
		case "rightOperand":
			a.Right, err = readValue(members[name])
		default:
			err = checkUnknown(name, members[name])
		}
		if err != nil {
			return nil, at(name, err)
		}
	}
	if _, ok := members["rightOperand"]; !ok {
		return nil, at("rightOperand", malformed("it is missing"))
	}
	return a, nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import "fmt"

func readRules(value any) ([]Rule, error) {
	list, err := readList(value)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	rules := make([]Rule, len(list))
	for i, item := range list {
		if rules[i], err = readRule(item); err != nil {
			return nil, index(i, err)
		}
	}
	return rules, nil
}

func readRule(value any) (Rule, error) {
	members, ok := value.(map[string]any)
	if !ok {
		return Rule{}, malformed("a rule is an object")
	}
	var r Rule
	for _, name := range sortedNames(members) {
		var err error
		switch name {
		case "action":
			r.Action, err = readTerm(members[name])
		case "constraint":
			r.Constraints, err = readConstraints(members[name])
		case "duty":
			r.Duties, err = readRules(members[name])
		default:
			err = checkUnknown(name, members[name])
		}
		if err != nil {
			return Rule{}, at(name, err)
		}
	}
	return r, nil
}

// checkUnknown refuses members of rules and constraints that are not read,
// since each could change what is agreed. @id and @type change nothing.
func checkUnknown(name string, value any) error {
	if value == nil || name == "@id" || name == "@type" {
		return nil
	}
	return fmt.Errorf("%w: this member is not understood here", ErrUnsupported)
}

func readProfile(value any) ([]string, error) {
	if one, ok := value.(string); ok {
		value = []any{one}
	}
	list, err := readList(value)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	profile := make([]string, len(list))
	for i, item := range list {
		if profile[i], err = readText(item); err != nil || item == nil {
			return nil, malformed("a profile is a string")
		}
		profile[i] = expandPrefix(profile[i])
	}
	return profile, nil
}

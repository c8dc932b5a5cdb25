// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/jcs"
)

// Parse reads a policy in the protocol's compact JSON (contract-schema.json of
// DSP 2025-1) and brings terms and values to their one spelling.
//
// It takes somewhat more than the schema: a policy without @id or rules, empty
// lists of rules, one operand of a logical constraint without its list, and
// numbers and booleans as right operands. It takes less where a rule or
// constraint holds a member that the model lacks (ErrUnsupported). Members of
// the policy itself that ODRL does not define are ignored; null is absence.
func Parse(compact []byte) (Policy, error) {
	if len(compact) > maxParsedText {
		return parse(compact)
	}
	text := string(compact)
	if p, ok := parsed.Peek(text); ok {
		return p.clone(), nil
	}
	p, err := parse(compact)
	if err == nil {
		parsed.Put(text, p.clone())
	}
	return p, err
}

func parse(compact []byte) (Policy, error) {
	members, err := decode(compact)
	if err != nil {
		return Policy{}, fmt.Errorf("policy: %w", err)
	}
	p, err := readPolicy(members)
	if err == nil {
		err = p.checkRules()
	}
	if err == nil && len(compact) > maxSize/maxGrowth {
		_, err = p.JSON() // what is read can be written, and read again
	}
	if err != nil {
		return Policy{}, err
	}
	return p, nil
}

// decode reads strict JSON: no name twice, bounded size and depth. Numbers keep
// their digits.
func decode(compact []byte) (map[string]any, error) {
	if len(compact) > maxSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(compact), maxSize)
	}
	if _, err := jcs.Transform(compact); errors.Is(err, jcs.ErrTooDeep) {
		return nil, fmt.Errorf("%w: %w", ErrTooLarge, err)
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(compact))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, malformed("it is not JSON")
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, malformed("it is not a JSON object")
	}
	return members, nil
}

func readPolicy(members map[string]any) (Policy, error) {
	var p Policy
	for _, name := range sortedNames(members) {
		if err := at(name, readMember(&p, name, members[name])); err != nil {
			return Policy{}, err
		}
	}
	return p, nil
}

func readMember(p *Policy, name string, value any) (err error) {
	switch name {
	case "permission":
		p.Permissions, err = readRules(value)
	case "prohibition":
		p.Prohibitions, err = readRules(value)
	case "obligation":
		p.Obligations, err = readRules(value)
	case "profile":
		p.Profile, err = readProfile(value)
	case "@id":
		p.ID, err = readText(value)
	case "@type":
		p.Type, err = readText(value)
		p.Type = strings.TrimPrefix(expandPrefix(p.Type), Namespace)
	case "target":
		p.Target, err = readText(value)
	case "assigner":
		p.Assigner, err = readText(value)
	case "assignee":
		p.Assignee, err = readText(value)
	case "timestamp":
		p.Timestamp, err = readText(value)
	default:
		err = checkForeign(name, value)
	}
	return err
}

// policyTerms are members by which ODRL would change what the rules say.
var policyTerms = set("conflict", "inheritAllowed", "inheritFrom", "inheritRelation", "duty", "prohibit", "constraint",
	"action", "refinement", "function", "uid")

// checkForeign lets members pass that say nothing about the rules. A rule in
// another spelling, such as odrl:permission, is not one of them.
func checkForeign(name string, value any) error {
	if value == nil {
		return nil
	}
	if policyTerms[name] || strings.HasPrefix(expandPrefix(name), Namespace) {
		return fmt.Errorf("%w: the protocol's compact form has no such member", ErrUnsupported)
	}
	return nil
}

func readTerm(value any) (string, error) {
	term, err := readText(value)
	return normalTerm(term), err
}

func readText(value any) (string, error) {
	switch value := value.(type) {
	case nil:
		return "", nil
	case string:
		return value, nil
	}
	return "", malformed("it is not a string")
}

func readList(value any) ([]any, error) {
	switch value := value.(type) {
	case nil:
		return nil, nil
	case []any:
		return value, nil
	}
	return nil, malformed("it is not a list")
}

// sortedNames fixes which of several faults is reported.
func sortedNames(members map[string]any) []string {
	return slices.Sorted(maps.Keys(members))
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What the decoder says of a member that nobody reads, and of a value of the
// wrong type. It repeats the value, which may be a secret in the wrong place.
var (
	unknownMember = regexp.MustCompile(`^(line \d+): field (\S+) not found in type \S+$`)
	wrongType     = regexp.MustCompile("(?s)^(line \\d+): cannot unmarshal !!(\\w+)(?: `.*`)? into (\\S+)$")
)

// maxFaults bounds how many faults of a file are told at once.
const maxFaults = 5

// pageOf is where the members of a configuration are described.
func pageOf(cfg any) string {
	if _, ok := cfg.(*DataPlaneConfig); ok {
		return "docs/data-planes.md"
	}
	return "docs/configuration.md"
}

// yamlHints say what to do about faults that the decoder names in the words of
// its own making.
var yamlHints = map[string]string{
	"mapping values are not allowed":        `put a text that ends in a colon, or has one before a blank, into quotes, as in "memory:"`,
	"character that cannot start any token": "indent by blanks, not by tabs, and put a text that begins with @, % or ` into quotes",
}

// explainYAML says in words what is wrong in which line, and repeats no value;
// page is the one that describes what can be written.
func explainYAML(err error, page string) error {
	var typed *yaml.TypeError
	if !errors.As(err, &typed) {
		text := strings.TrimPrefix(err.Error(), "yaml: ")
		for words, hint := range yamlHints {
			if strings.Contains(text, words) {
				text += "; " + hint
			}
		}
		return errors.New(text)
	}
	var lines []string
	for i, line := range typed.Errors {
		if i == maxFaults {
			lines = append(lines, fmt.Sprintf("and %d more", len(typed.Errors)-maxFaults))
			break
		}
		lines = append(lines, explainLine(line, page))
	}
	return errors.New(strings.Join(lines, "; "))
}

func explainLine(line, page string) string {
	if m := unknownMember.FindStringSubmatch(line); m != nil {
		return fmt.Sprintf("%s: there is no member %q; %s lists them", m[1], m[2], page)
	}
	m := wrongType.FindStringSubmatch(line)
	if m == nil {
		return line
	}
	is, ok := map[string]string{
		"str": "a text", "seq": "a list", "map": "an object", "int": "a number", "float": "a number", "bool": "true or false",
	}[m[2]]
	if !ok {
		is = "another value"
	}
	return fmt.Sprintf("%s: %s is needed here, and this is %s", m[1], needed(m[3]), is)
}

// needed is a Go type of Config in words of YAML.
func needed(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasSuffix(goType, "Duration"):
		return "a time such as 30s"
	case strings.HasSuffix(goType, "string"), strings.HasSuffix(goType, "Secret"):
		return "a text"
	case strings.HasPrefix(goType, "int"):
		return "a number"
	case goType == "bool":
		return "true or false"
	}
	return "an object"
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of a subject.
const (
	maxSubject = 64 << 10 // bytes
	maxText    = 1000     // characters
	maxList    = 64       // entries
	// slack is how far clocks may be apart: what an issuer says it did now is
	// not in the future.
	slack = time.Minute
)

// Fault is one thing that is wrong with the subject of a credential.
type Fault struct {
	Path  string `json:"path"`  // the member at fault, such as identifier[0].value
	Check string `json:"check"` // the number of the check, such as C04
	Text  string `json:"text"`  // what is wrong, for who filled it in
}

func (f Fault) String() string { return f.Path + ": " + f.Text + " (" + f.Check + ")" }

// Faults are all that is wrong at once, so that a person need not be told one
// by one.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "; ")
}

// object reads a JSON object by the exact names of its members, and notes what
// is wrong with them. (Decoding into structs would take "Primary" for
// "primary".)
type object struct {
	path    string
	members map[string]json.RawMessage
	faults  *Faults
}

func (o object) at(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}

func (o object) fault(check, name, format string, args ...any) {
	*o.faults = append(*o.faults, Fault{Path: o.at(name), Check: check, Text: fmt.Sprintf(format, args...)})
}

func (o object) has(name string) bool { return o.members[name] != nil }

// decode reads a member into out; kind says what it must be.
func (o object) decode(check, name, kind string, need bool, out any) bool {
	raw := o.members[name]
	if raw == nil {
		if need {
			o.fault(check, name, "is missing")
		}
		return false
	}
	if bytes.Equal(raw, []byte("null")) || json.Unmarshal(raw, out) != nil {
		o.fault(check, name, "must be %s", kind)
		return false
	}
	return true
}

// text reads a text of 1 to maxText characters, none of which is hidden.
func (o object) text(check, name string, need bool) string {
	var s string
	if !o.decode(check, name, "a text", need, &s) {
		return ""
	}
	return o.checkText(check, name, s)
}

func (o object) checkText(check, name, s string) string {
	switch {
	case strings.TrimSpace(s) == "":
		o.fault(check, name, "must not be empty")
	case utf8.RuneCountInString(s) > maxText:
		o.fault(check, name, "must not be longer than %d characters", maxText)
	case hidden(s):
		o.fault(check, name, "has characters that cannot be seen or that change how others are shown")
	default:
		return s
	}
	return ""
}

// oneOf reads a text that must be one of a list.
func (o object) oneOf(name string, list []string) string {
	s := o.text("V79", name, true)
	if s == "" {
		return ""
	}
	if !slices.Contains(list, s) {
		o.fault("V79", name, "is %q; it must be one of %s", clip(s), strings.Join(list, ", "))
		return ""
	}
	return s
}

// matching reads a text that must have a shape.
func (o object) matching(name string, need bool, shape *regexp.Regexp, words string) string {
	s := o.text("V79", name, need)
	if s != "" && !shape.MatchString(s) {
		o.fault("V79", name, "is %q; it must be %s", clip(s), words)
		return ""
	}
	return s
}

// membersOf returns the members of a JSON object, nil if it is none.
func membersOf(raw json.RawMessage) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	return members
}

// subjects returns the subjects of a credential: its one subject, or those of
// a list. nil if it is neither, or too large.
func subjects(raw json.RawMessage) []map[string]json.RawMessage {
	if len(raw) > maxSubject {
		return nil
	}
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '[' {
		if members := membersOf(raw); members != nil {
			return []map[string]json.RawMessage{members}
		}
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) > maxList {
		return nil
	}
	out := make([]map[string]json.RawMessage, len(list))
	for i := range list {
		if out[i] = membersOf(list[i]); out[i] == nil {
			return nil
		}
	}
	return out
}

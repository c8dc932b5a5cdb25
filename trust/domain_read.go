// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
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
func (o object) oneOf(check, name string, list []string) string {
	s := o.text(check, name, true)
	if s == "" {
		return ""
	}
	for _, known := range list {
		if s == known {
			return s
		}
	}
	o.fault(check, name, "is %q; it must be one of %s", clip(s), strings.Join(list, ", "))
	return ""
}

// matching reads a text that must have a shape.
func (o object) matching(check, name string, need bool, shape *regexp.Regexp, words string) string {
	s := o.text(check, name, need)
	if s != "" && !shape.MatchString(s) {
		o.fault(check, name, "is %q; it must be %s", clip(s), words)
		return ""
	}
	return s
}

// texts reads a list of texts, or one alone, which JSON-LD takes for a list of
// one.
func (o object) texts(check, name string, need bool) []string {
	raw := o.members[name]
	if len(raw) > 0 && raw[0] == '"' {
		return []string{o.text(check, name, need)}
	}
	var list []*string
	if !o.decode(check, name, "a list of texts", need, &list) {
		return nil
	}
	if len(list) == 0 || len(list) > maxList {
		o.fault(check, name, "must have 1 to %d entries", maxList)
		return nil
	}
	out := make([]string, len(list))
	for i, s := range list {
		entry := name + "[" + strconv.Itoa(i) + "]"
		if s == nil {
			o.fault(check, entry, "must be a text")
			continue
		}
		out[i] = o.checkText(check, entry, *s)
	}
	return out
}

// objects reads a list of objects; check is for the list as a whole.
func (o object) objects(check, name string, need bool) []object {
	var list []json.RawMessage
	if !o.decode(check, name, "a list of objects", need, &list) {
		return nil
	}
	if len(list) == 0 || len(list) > maxList {
		o.fault(check, name, "must have 1 to %d entries", maxList)
		return nil
	}
	out := make([]object, 0, len(list))
	for i, raw := range list {
		entry := name + "[" + strconv.Itoa(i) + "]"
		if members := membersOf(raw); members != nil {
			out = append(out, object{o.at(entry), members, o.faults})
		} else {
			o.fault("V79", entry, "must be an object")
		}
	}
	return out
}

// object reads an object.
func (o object) object(check, name string, need bool) (object, bool) {
	if !o.has(name) {
		if need {
			o.fault(check, name, "is missing")
		}
		return object{}, false
	}
	members := membersOf(o.members[name])
	if members == nil {
		o.fault(check, name, "must be an object")
	}
	return object{o.at(name), members, o.faults}, members != nil
}

// when reads a point in time (RFC 3339, as xsd:dateTime with a zone).
func (o object) when(check, name string, need bool) (t time.Time) {
	if !o.decode(check, name, "a point in time such as 2026-11-01T00:00:00Z", need, &t) {
		return time.Time{}
	}
	return t
}

// date reads a day, as midnight UTC.
func (o object) date(check, name string, need bool) time.Time {
	s := o.text(check, name, need)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		o.fault(check, name, "is %q; it must be a day such as 2026-11-01", clip(s))
	}
	return t
}

var wholeNumber = regexp.MustCompile(`^(-?(?:0|[1-9][0-9]{0,8}))(?:\.0{1,8})?$`)

// integer reads a whole number of at most nine digits. 3.0 is one, as in JSON
// Schema; 3e0 is not read.
func (o object) integer(check, name string, need bool) (int, bool) {
	if !o.has(name) {
		if need {
			o.fault(check, name, "is missing")
		}
		return 0, false
	}
	parts := wholeNumber.FindSubmatch(o.members[name])
	if parts == nil {
		o.fault(check, name, "must be a whole number")
		return 0, false
	}
	n, err := strconv.Atoi(string(parts[1]))
	return n, err == nil
}

// flag reads true or false.
func (o object) flag(check, name string) (on bool) {
	o.decode(check, name, "true or false", false, &on)
	return on
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

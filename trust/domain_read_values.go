// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"
)

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

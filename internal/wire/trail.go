// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"slices"
	"strconv"
	"strings"
)

// trail is where a reading or a check stands within a message. It keeps the
// first failure, so that what follows need not ask after every step.
type trail struct {
	path    []step
	failed  *Error
	lenient bool        // a message from a peer: the exceptions hold
	used    []Exception // those that were needed
}

// step is a member name, or a list and an index in it.
type step struct {
	name  string
	index int // -1: the member itself
}

func (t *trail) push(name string)            { t.path = append(t.path, step{name, -1}) }
func (t *trail) pushItem(name string, i int) { t.path = append(t.path, step{name, i}) }
func (t *trail) pop()                        { t.path = t.path[:len(t.path)-1] }

// at is the JSON path of a member of the current object.
func (t *trail) at(name string) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range t.path {
		b.WriteString("." + s.name)
		if s.index >= 0 {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		}
	}
	if name != "" {
		b.WriteString("." + name)
	}
	return b.String()
}

// ok reports whether nothing has failed yet.
func (t *trail) ok() bool { return t.failed == nil }

func (t *trail) fail(e *Error) {
	if t.failed == nil {
		t.failed = e
	}
}

// missing records that a required member is absent.
func (t *trail) missing(name string) {
	if t.ok() {
		e := failure(CodeMemberMissing, "%s is required", t.at(name))
		e.expandable = true
		t.fail(e)
	}
}

// invalid records that a member is not what it must be.
func (t *trail) invalid(name, must string) {
	if t.ok() {
		e := failure(CodeMemberInvalid, "%s must be %s", t.at(name), must)
		e.expandable = true
		t.fail(e)
	}
}

// need demands a value for a required member.
func (t *trail) need(name, value string) {
	if value == "" {
		t.missing(name)
	}
}

func (t *trail) needPIDs(provider, consumer string) {
	t.need("providerPid", provider)
	t.need("consumerPid", consumer)
}

// allow reports whether an exception may be made, and remembers that it was.
func (t *trail) allow(e Exception) bool {
	if t.lenient && !slices.Contains(t.used, e) {
		t.used = append(t.used, e)
	}
	return t.lenient
}

// checkList checks each element of a list member.
func checkList[T any](t *trail, name string, items []T, check func(*T)) {
	for i := range items {
		t.pushItem(name, i)
		check(&items[i])
		t.pop()
	}
}

// oneOf demands one of some words.
func (t *trail) oneOf(name, value string, words ...string) {
	t.need(name, value)
	if !slices.Contains(words, value) {
		t.invalid(name, "one of "+strings.Join(words, ", "))
	}
}

// needState demands the state of an acknowledgement.
func (t *trail) needState(state string, words ...string) {
	if state == "" && t.ok() && t.allow(ExceptionThinAnswer) {
		return
	}
	t.oneOf("state", state, words...)
}

// needErrorPIDs demands the pids of an error.
func (t *trail) needErrorPIDs(provider, consumer string) {
	if (provider == "" || consumer == "") && t.ok() && t.allow(ExceptionThinAnswer) {
		return
	}
	t.needPIDs(provider, consumer)
}

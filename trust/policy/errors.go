// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of this package wrap one of these. Their text names the place in the
// policy and is safe to show.
var (
	// ErrMalformed marks what is not a policy of the protocol.
	ErrMalformed = errors.New("not a policy")
	// ErrUnsupported marks a policy that says something this model does not
	// carry.
	ErrUnsupported = errors.New("not supported")
	// ErrTooLarge marks a policy beyond the limits.
	ErrTooLarge = errors.New("policy too large")
	// ErrUnenforceable marks terms that nobody here would enforce.
	ErrUnenforceable = errors.New("not enforceable")
)

// placed is an error with the way to its place, such as
// permission[0].constraint[1].
type placed struct {
	place string
	err   error
}

func (p *placed) Error() string { return "policy: " + p.place + ": " + p.err.Error() }
func (p *placed) Unwrap() error { return p.err }

// at puts a member's name before the place of an error. Nil stays nil.
func at(name string, err error) error {
	if err == nil {
		return nil
	}
	return put(shown(name), err)
}

// index puts a position in a list before the place of an error. Nil stays nil.
func index(i int, err error) error {
	if err == nil {
		return nil // before anything is formatted: the path of every good policy
	}
	return put(fmt.Sprintf("[%d]", i), err)
}

func put(place string, err error) error {
	inner, ok := errors.AsType[*placed](err)
	if !ok {
		return &placed{place, err}
	}
	if !strings.HasPrefix(inner.place, "[") {
		place += "."
	}
	return &placed{place + inner.place, inner.err}
}

// shown is a member's name as it may stand in a message: a stranger may have
// chosen it.
func shown(name string) string {
	if len(name) > 80 || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789@:/._#-") != "" || name == "" {
		return fmt.Sprintf("%.60q", name)
	}
	return name
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import "fmt"

// Refusal is a verdict against a proof: which check failed, on what, and why.
// It is for our own log and users. A peer is told no more than that it was
// refused, and under which support id.
type Refusal struct {
	// Check is the number of the check, "V01" to "V94" or "C01" to "C18", as
	// docs/trust.md lists them.
	Check string
	// Reason says in one sentence what is wrong. It may quote ids and types,
	// never a token.
	Reason string
	// Credential is the id of the credential at fault, if it is one.
	Credential string
	// Subject is the DID that the proof claims to be from, as far as it could
	// be read. It is not proved.
	Subject string
	// Err is the cause, if there is one below.
	Err error
}

// Refuse makes a Refusal.
func Refuse(check, format string, args ...any) *Refusal {
	return &Refusal{Check: check, Reason: fmt.Sprintf(format, args...)}
}

// Because adds the cause.
func (r *Refusal) Because(err error) *Refusal {
	r.Err = err
	return r
}

// Of names the credential at fault.
func (r *Refusal) Of(credential string) *Refusal {
	r.Credential = credential
	return r
}

func (r *Refusal) Error() string {
	text := r.Check + ": " + r.Reason
	if r.Credential != "" {
		text += " (credential " + r.Credential + ")"
	}
	if r.Err != nil {
		text += ": " + r.Err.Error()
	}
	return text
}

// Is makes every Refusal an ErrUnauthenticated.
func (r *Refusal) Is(target error) bool { return target == ErrUnauthenticated }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

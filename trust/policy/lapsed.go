// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// statusAge bounds the status lists behind a running transfer, and statusWait
// how long new ones are waited for: a server that hangs must not keep anything
// else from being noticed.
const (
	statusAge  = 3 * time.Second
	statusWait = time.Second
)

// lost is the first credential that no longer holds, and why; none: "".
func (f *Facts) lost() (credential, why string, lasting bool) {
	if f.Point < AtNegotiation {
		return "", "", false
	}
	for _, cred := range f.Claims.Credentials {
		if why, lasting, gone := f.lapsed(cred); gone {
			return cred.ID, why, lasting
		}
	}
	return "", "", false
}

// lapsed reports whether a credential that was good is so no longer. One that
// is not good yet was let pass with the message, for clocks differ.
func (f *Facts) lapsed(c trust.Credential) (why string, lasting, gone bool) {
	if _, void := f.Void[c.ID]; !void && (c.ValidUntil.IsZero() || f.Now.Before(c.ValidUntil)) {
		return "", false, false
	}
	why, lasting, good := f.Good(c)
	return why, lasting, !good
}

// recheck finds credentials that were good when they were shown and are no
// longer. At the catalogue they have just been shown; a negotiation may have
// waited for a person for days.
func (j *Judge) recheck(ctx context.Context, f *Facts, k Case) error {
	if k.Point < AtNegotiation || j.Recheck == nil || len(k.Claims.Credentials) == 0 {
		return nil
	}
	rest := k.Claims
	for range k.Claims.Credentials {
		err := j.again(ctx, k, rest)
		var no *trust.Refusal
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &no):
			return fmt.Errorf("%w: whether credentials are still good: %w", ErrNotTold, err)
		}
		before := len(rest.Credentials)
		rest = without(rest, no.Credential)
		if len(rest.Credentials) < before {
			f.void(no.Credential, no)
			continue
		}
		if len(f.Void) > 0 { // the rest alone is not enough, which is no news
			return nil
		}
		for _, c := range rest.Credentials { // it is about all of them
			f.void(c.ID, no)
		}
		return nil
	}
	return nil
}

// again rechecks as strictly as the point asks. A status list that is out of
// reach for a moment does not stop what runs: what was known a minute ago is
// what every other message is judged by. Nor does a suspension that the list
// told seconds ago, if it has been lifted since.
func (j *Judge) again(ctx context.Context, k Case, claims trust.Claims) error {
	if k.Point < WhileRunning { // as for any message
		return j.Recheck(ctx, k.Context, claims, 0)
	}
	no, err := j.briefly(ctx, k, claims, statusAge)
	switch {
	case err == nil:
		return nil
	case no == nil:
		return j.Recheck(ctx, k.Context, claims, 0)
	case no.Check != suspended:
		return err
	}
	if now, nowErr := j.briefly(ctx, k, claims, time.Nanosecond); nowErr == nil || now != nil {
		return nowErr
	}
	return err
}

// briefly rechecks by lists of at most an age. The refusal, if it is one, is also
// the error.
func (j *Judge) briefly(ctx context.Context, k Case, claims trust.Claims, age time.Duration) (no *trust.Refusal, err error) {
	brief, cancel := context.WithTimeout(ctx, statusWait)
	defer cancel()
	err = j.Recheck(brief, k.Context, claims, age)
	errors.As(err, &no)
	return no, err
}

func (f *Facts) void(credential string, no *trust.Refusal) {
	if f.Void == nil {
		f.Void = make(map[string]Voided)
	}
	f.Void[credential] = Voided{Why: no.Check + ": " + no.Reason, Lasting: no.Check == revoked}
}

// The checks that refuse a credential whose issuer took it back, for good and
// for a time (docs/trust.md).
const (
	revoked   = "V80"
	suspended = "V81"
)

func without(c trust.Claims, id string) trust.Claims {
	var rest []trust.Credential
	for _, one := range c.Credentials {
		if one.ID != id {
			rest = append(rest, one)
		}
	}
	c.Credentials = rest
	return c
}

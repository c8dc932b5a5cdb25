// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
)

// Explain says in a few sentences why a process is not at its end, or how it
// came to it. refused are the latest refusals of whoever claimed to be the
// peer, newest first; help is what would turn the verdict of our policy.
func Explain(r engine.Record, refused []Refused, help []string) string {
	var s []string
	say := func(format string, args ...any) { s = append(s, fmt.Sprintf(format, args...)) }
	switch {
	case r.Pending != nil:
		explainPending(r, say)
	case r.Person:
		say("A person has to decide: %s.", strings.Join(possible(r), ", "))
	case r.Call != nil && r.Call.Tries > 0:
		say("Our data plane has not done %q yet; %d attempts failed.", r.Call.Verb, r.Call.Tries)
	case r.Call != nil:
		say("Our data plane is at work on %q.", r.Call.Verb)
	case r.Planned != nil:
		say("%s is planned for %s.", name(r.Planned.Message), when(r.Planned.NotBefore))
	case r.Decide && r.DecideTries > 0:
		say("Our decider has failed %d times.", r.DecideTries)
	case r.Decide:
		say("Our decider has not answered yet.")
	case r.Final && r.NextTry().IsZero():
		say("It has come to its end.")
	case r.Final:
		say("It has come to its end; work for its data plane is still owed.")
	case r.Kind == engine.Transfer && r.Shown() == transfer.Suspended:
		say("It is suspended until a resumption, which the policy has to permit: nothing is owed by us.")
	default:
		say("The peer %s has to move: nothing is owed by us.", r.Peer)
	}
	if v := VerdictOf(r); v != nil && !v.Permit {
		say("Our policy denied it at %s (%s): %s.", when(v.At), v.Point, strings.TrimSuffix(v.Reason, "."))
		if len(help) > 0 {
			say("What would help: %s.", strings.Join(help, "; "))
		}
	}
	if len(refused) > 0 && refused[0].At.After(r.Created) {
		one := refused[0]
		say("We last refused a message that claims to be from this peer at %s, by check %s: %s (support id %s).",
			when(one.At), one.Check, strings.TrimSuffix(one.Reason, "."), one.SupportID)
	}
	if r.LastError != nil {
		say("Last error, %s: %s (%s).", when(r.LastError.At), strings.TrimSuffix(r.LastError.Reason, "."), r.LastError.Code)
	}
	if next := r.NextTry(); !next.IsZero() {
		say("Next attempt: %s.", when(next))
	}
	if end := r.Deadline(); !end.IsZero() {
		say("Given up at %s.", when(end))
	}
	return strings.Join(s, " ")
}

func explainPending(r engine.Record, say func(string, ...any)) {
	p := r.Pending
	switch {
	case p.Unauthorized > 0:
		say("The peer %s refuses our %s for lack of a proof (%d times): check the secrets or credentials of both sides.", r.Peer, name(p.Message), p.Unauthorized)
	case p.Tries > 0:
		say("The peer %s has not acknowledged our %s in %d attempts.", r.Peer, name(p.Message), p.Tries)
	default:
		say("Our %s to %s is on its way.", name(p.Message), r.Peer)
	}
}

// name is a message without what marks it in the table.
func name(m engine.Message) string { return strings.ReplaceAll(string(m), ":", " ") }

func when(t time.Time) string { return t.UTC().Format(time.RFC3339) }

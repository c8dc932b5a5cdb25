// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/internal/engine"
)

// ErrInvalid: the commit contradicts itself or cannot be stored. It is a
// mistake of the caller, and nothing was written.
var ErrInvalid = errors.New("invalid commit")

// ErrUnknownWrite: Commit.Writes holds a row of a type that the store does
// not know. Nothing was written.
var ErrUnknownWrite = errors.New("unknown row type")

// MaxID is the greatest length in bytes of an id, a peer's or ours: it has to
// fit into an index entry.
const MaxID = 1024

// Check reports the first reason why c cannot be one step of one process of
// the participant.
func Check(context string, c engine.Commit) error {
	checks := []error{record(context, c.Record, c.Expect), outbox(c), history(c), entries(context, c.Journal)}
	for _, err := range checks {
		if err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	return nil
}

func record(context string, r engine.Record, expect int64) error {
	if r.Context != context || context == "" {
		return fmt.Errorf("record of participant %q in the store of %q", r.Context, context)
	}
	if r.Version != expect+1 || expect < 0 {
		return fmt.Errorf("version %d does not follow %d", r.Version, expect)
	}
	if r.Kind != engine.Negotiation && r.Kind != engine.Transfer {
		return fmt.Errorf("kind %q", r.Kind)
	}
	if r.Role != engine.Consumer && r.Role != engine.Provider {
		return fmt.Errorf("role %q", r.Role)
	}
	switch {
	case r.ID == "":
		return errors.New("no id")
	case r.Final && (r.Decide || r.Person):
		return errors.New("a final process waits for a decision")
	case r.Final && r.State == "":
		return errors.New("a final process has no state")
	case r.PeerPID == "" && (r.OpenedByPeer || r.PeerPIDTentative):
		return errors.New("the peer's pid is missing")
	}
	return texts("id", r.ID, "peer", r.Peer, "peer pid", r.PeerPID, "subject", r.Subject)
}

// texts checks name, value pairs.
func texts(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		switch {
		case len(value) > MaxID:
			return fmt.Errorf("%s is longer than %d bytes", name, MaxID)
		case strings.ContainsRune(value, 0) || !utf8.ValidString(value):
			return fmt.Errorf("%s holds bytes that are not text", name)
		}
	}
	return nil
}

var ops = map[engine.Op]bool{engine.OpSend: true, engine.OpCall: true, engine.OpDecide: true}

func outbox(c engine.Commit) error {
	seen := map[engine.Op]bool{}
	once := func(w engine.Work) error {
		if seen[w.Op] {
			return fmt.Errorf("two changes of the %s row", w.Op)
		}
		seen[w.Op] = true
		return owned(c.Record, w)
	}
	for _, put := range c.Put {
		if err := once(put.Now); err != nil {
			return err
		}
		if put.Was.Key != "" && put.Was.Op != put.Now.Op {
			return fmt.Errorf("a %s row put over a %s row", put.Now.Op, put.Was.Op)
		}
		if put.Now.Fence < 0 {
			return errors.New("a fence below zero")
		}
	}
	for _, w := range c.Remove {
		if err := once(w); err != nil {
			return err
		}
	}
	if c.Held == nil {
		return nil
	}
	if c.Held.Owner == "" || c.Expect == 0 {
		return errors.New("a lease without an owner or without a process")
	}
	return owned(c.Record, *c.Held)
}

// owned checks that w is a row of the process of r.
func owned(r engine.Record, w engine.Work) error {
	switch {
	case w.Context != r.Context || w.Process != r.ID:
		return errors.New("work of another process")
	case !ops[w.Op]:
		return fmt.Errorf("operation %q", w.Op)
	case w.Key == "":
		return fmt.Errorf("the %s row has no key", w.Op)
	}
	return texts("key", w.Key, "lane", w.Lane)
}

var outcomes = map[string]bool{"": true, "acknowledged": true, "refused": true, "dropped": true}

func history(c engine.Commit) error {
	for _, x := range c.Exchanges {
		switch {
		case !x.Inbound && x.MessageID == "":
			return errors.New("a message of ours without an id")
		case x.Inbound && x.Outcome != "", !outcomes[x.Outcome]:
			return fmt.Errorf("outcome %q of a message", x.Outcome)
		}
		if err := texts("message id", x.MessageID); err != nil {
			return err
		}
	}
	for _, o := range c.Outcomes {
		if o.Outcome == "" || !outcomes[o.Outcome] {
			return fmt.Errorf("outcome %q", o.Outcome)
		}
	}
	return nil
}

// Journal reports why rows cannot be written with a change of the domain.
func Journal(context string, list ...engine.Entry) error {
	return invalid("journal", entries(context, list))
}

func entries(context string, list []engine.Entry) error {
	for _, e := range list {
		switch {
		case e.Context != context:
			return fmt.Errorf("journal row of participant %q", e.Context)
		case e.ID == "" || e.Event == "":
			return errors.New("journal row without id or event")
		case e.Position != 0:
			return errors.New("journal row with a position")
		}
		if err := texts("journal id", e.ID, "process", e.Process, "event", e.Event); err != nil {
			return err
		}
	}
	return nil
}

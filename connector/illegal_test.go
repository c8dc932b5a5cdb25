// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// The tests of this file drive a process of the node through each state, and
// send in each every message that the peer could. What the specification does
// not allow there is refused with a 400 and changes nothing; what it allows is
// written down here again, by hand.

// script drives a negotiation or a transfer of the node into a state, and
// returns both pids. steps are done in order: "<ACT" is the node's, ">MESSAGE"
// the stranger's.
type script struct {
	state string
	steps string
	legal string // messages of the stranger that are taken there
}

var asProvider = []script{
	{"REQUESTED", "", "termination"},
	{"OFFERED", "<offer", "request accepted termination"},
	{"ACCEPTED", "<offer >accepted", "termination"},
	{"AGREED", "<agree", "verification termination"},
	{"VERIFIED", "<agree >verification", "termination"},
	{"FINALIZED", "<agree >verification <finalize", ""},
	{"TERMINATED", ">termination", ""},
	{"TERMINATED", "<terminate", ""},
}

var asConsumer = []script{
	{"REQUESTED", "", "offer agreement termination"},
	{"OFFERED", ">offer", "termination"},
	{"ACCEPTED", ">offer <accept", "agreement termination"},
	{"AGREED", ">agreement", "termination"},
	{"VERIFIED", ">agreement <verify", "finalized termination"},
	{"FINALIZED", ">agreement <verify >finalized", ""},
	{"TERMINATED", ">termination", ""},
	{"TERMINATED", "<terminate", ""},
}

var asTransferProvider = []script{
	{"REQUESTED", "", "termination"},
	{"STARTED", "<start", "suspension completion termination"},
	{"SUSPENDED", "<start >suspension", "start termination"},
	{"SUSPENDED", "<start <suspend", "start termination"},
	{"COMPLETED", "<start >completion", ""},
	{"COMPLETED", "<start <complete", ""},
	{"TERMINATED", ">termination", ""},
}

var asTransferConsumer = []script{
	{"REQUESTED", "", "start termination"},
	{"STARTED", ">start", "start suspension completion termination"},
	{"SUSPENDED", ">start >suspension", "start termination"},
	{"SUSPENDED", ">start <suspend", "start termination"},
	{"COMPLETED", ">start >completion", ""},
	{"TERMINATED", "<terminate", ""},
}

// once is the last message of the stranger, if nobody can mean it twice: said
// again it has no effect. An agreement has an id of its own here each time.
func (c script) once() string {
	last := ""
	for step := range strings.FieldsSeq(c.steps) {
		if m, ok := strings.CutPrefix(step, ">"); ok {
			last = m
		}
	}
	if c.state == "TERMINATED" || !slices.Contains([]string{"accepted", "verification", "finalized", "completion"}, last) {
		return ""
	}
	return last
}

// stage is a process between the node and the stranger.
type stage struct {
	n          *node
	s          *stranger
	collection string
	id, theirs string // pids: the node's, the stranger's
	consumer   bool   // the node is
}

// pids are those of a message, by role.
func (g *stage) pids() (consumer, provider string) {
	if g.consumer {
		return g.id, g.theirs
	}
	return g.theirs, g.id
}

// say makes a message of the stranger with an id of its own, and its endpoint.
func (g *stage) say(name string) (string, object) {
	consumer, provider := g.pids()
	id := g.s.newPID()
	m := func(endpoint, typ string, more ...any) (string, object) {
		return at(g.collection, g.id, endpoint), message(typ, consumer, provider, append(more, "@id", id)...)
	}
	if g.collection == "transfers" {
		switch name {
		case "start":
			return m("start", "TransferStartMessage")
		case "suspension":
			return m("suspension", "TransferSuspensionMessage")
		case "completion":
			return m("completion", "TransferCompletionMessage")
		}
		return m("termination", "TransferTerminationMessage")
	}
	switch name {
	case "request":
		return m("request", "ContractRequestMessage", "offer", offered(id, dataset, use()))
	case "offer":
		return m("offers", "ContractOfferMessage", "offer", offered(id, dataset, use()))
	case "agreement":
		return m("agreement", "ContractAgreementMessage", "agreement", g.s.agreement(id, use()))
	case "verification":
		return m("agreement/verification", "ContractAgreementVerificationMessage")
	case "accepted", "finalized":
		return m("events", "ContractNegotiationEventMessage", "eventType", strings.ToUpper(name))
	}
	return m("termination", "ContractNegotiationTerminationMessage")
}

// play does the steps and waits for the state.
func (g *stage) play(t *testing.T, c script) {
	t.Helper()
	for step := range strings.FieldsSeq(c.steps) {
		who, what := step[0], step[1:]
		if who == '>' {
			path, m := g.say(what)
			g.s.must(t, path, m)
			continue
		}
		d := negotiation.Decision{Act: negotiation.Act(what), Reason: "the script has it"}
		var err error
		if g.collection == "transfers" {
			_, err = g.n.ActTransfer(t.Context(), g.id, d)
		} else {
			_, err = g.n.Act(t.Context(), g.id, d)
		}
		if err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		g.settled(t, "")
	}
	g.settled(t, c.state)
}

// settled waits until nothing of the node's is under way and, if given, for
// the state.
func (g *stage) settled(t *testing.T, state string) {
	t.Helper()
	var err error
	if g.collection == "transfers" {
		_, err = g.n.AwaitTransfer(t.Context(), g.id, patience, func(p transfer.Process) bool {
			return p.Pending == "" && (p.WaitingFor == "peer" || p.WaitingFor == "") && (state == "" || p.State == state)
		})
	} else {
		_, err = g.n.AwaitNegotiation(t.Context(), g.id, patience, func(n negotiation.Negotiation) bool {
			return n.Pending == "" && (n.WaitingFor == "peer" || n.WaitingFor == "") && (state == "" || n.State == state)
		})
	}
	if err != nil {
		t.Fatalf("not %s: %v", state, err)
	}
}

// TestIllegalTransitions tries everything in every state.
func TestIllegalTransitions(t *testing.T) {
	t.Parallel()
	n := startNode(t, "memory:", "supplier", wait()...)
	n.publish(t, noSource)
	s := newStranger(t, n)
	done, ended := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(done); <-ended })
	go func() { // what the node says matters to nobody here
		defer close(ended)
		for {
			select {
			case <-s.inbox:
			case <-done:
				return
			}
		}
	}()
	agreed := n.imported(t, s.id)
	const ours = "urn:example:agreement:ours"
	bought := negotiation.Imported{ID: ours, Role: "consumer", Peer: s.id, Target: dataset, Policy: proposalOf(s.id).Terms.Policy}
	if _, err := n.ImportAgreement(t.Context(), bought); err != nil {
		t.Fatal(err)
	}

	contract := []string{"request", "offer", "agreement", "verification", "accepted", "finalized", "termination"}
	moves := []string{"start", "suspension", "completion", "termination"}
	for name, c := range map[string]struct {
		scripts  []script
		messages []string
		fault    string
		open     func(t *testing.T) *stage
	}{
		"negotiation as provider": {asProvider, contract, "ContractNegotiationError", func(t *testing.T) *stage {
			theirs, id := s.asks(t)
			return &stage{n: n, s: s, collection: "negotiations", id: id, theirs: theirs}
		}},
		"negotiation as consumer": {asConsumer, contract, "ContractNegotiationError", func(t *testing.T) *stage {
			g := n.negotiate(t, proposalOf(s.id), "REQUESTED")
			return &stage{n: n, s: s, collection: "negotiations", id: g.ID, theirs: g.PeerPID, consumer: true}
		}},
		"transfer as provider": {asTransferProvider, moves, "TransferError", func(t *testing.T) *stage {
			theirs := s.newPID()
			got := s.must(t, "/transfers/request", message("TransferRequestMessage", theirs, "", "agreementId", agreed, "format", pull, "callbackAddress", s.url))
			return &stage{n: n, s: s, collection: "transfers", id: got["providerPid"].(string), theirs: theirs}
		}},
		"transfer as consumer": {asTransferConsumer, moves, "TransferError", func(t *testing.T) *stage {
			p := n.request(t, ours, "REQUESTED")
			return &stage{n: n, s: s, collection: "transfers", id: p.ID, theirs: p.PeerPID, consumer: true}
		}},
	} {
		for _, script := range c.scripts {
			t.Run(name+" "+script.state+" by "+orNothing(script.steps), func(t *testing.T) {
				g := c.open(t)
				g.play(t, script)
				legal := strings.Fields(script.legal)
				for _, m := range c.messages {
					switch {
					case slices.Contains(legal, m):
					case m == script.once():
						path, body := g.say(m)
						s.must(t, path, body)
						g.settled(t, script.state)
					default:
						g.refuses(t, m, c.fault, script.state)
					}
				}
				for _, m := range legal {
					again := c.open(t)
					again.play(t, script)
					path, body := again.say(m)
					s.must(t, path, body)
				}
			})
		}
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// refuses proves that a message is refused and changes nothing.
func (g *stage) refuses(t *testing.T, name, fault, state string) {
	t.Helper()
	show := at(g.collection, g.id, "")
	before := g.s.sees(t, show)
	path, body := g.say(name)
	refusedBy(t, g.s.sends(t, path, body), 400, fault, "is not possible in state "+state)
	if after := g.s.sees(t, show); after.status != 200 || after.body != before.body {
		t.Errorf("%s in %s: the process was %s and is %d %s", name, state, before.body, after.status, after.body)
	}
}

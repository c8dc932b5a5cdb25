// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
)

// letter is a message that is wrong in one way.
type letter struct {
	name, path string
	body       object
	identity   string // "" for the right one, "-" for none
}

// refusalCases send what is wrong, in both directions, and compare all that
// both sides have before and after.
func (w *World) refusalCases() []Case {
	return []Case{
		{"provider: bad messages in EDC's name are refused by us, nothing changes", w.wrong(w.asProvider, "by-us", w.toUs)},
		{"consumer: bad messages in EDC's name are refused by us, nothing changes", w.wrong(w.asConsumer, "by-us", w.toUs)},
		{"provider: bad messages of ours are refused by EDC, nothing changes", w.wrong(w.asProvider, "by-edc", w.toEDC)},
		{"consumer: bad messages of ours are refused by EDC, nothing changes", w.wrong(w.asConsumer, "by-edc", w.toEDC)},
	}
}

// post is a side that wrong messages go to, with the identity of the other.
type post struct {
	to       *API
	identity string
	ours     bool // the receiver is our side
}

// pids of a process: the receiver's and the sender's.
func (p post) pids(of pair) (receiver, sender string) {
	if p.ours {
		return of.us, of.edc
	}
	return of.edc, of.us
}

func (w *World) toUs() post {
	return post{NewAPI(w.Address, ""), MockIdentity(w.EDC.ID, w.Address), true}
}

func (w *World) toEDC() post {
	return post{NewAPI(w.EDC.Protocol, ""), MockIdentity(ourID, w.EDC.Protocol), false}
}

// wrong runs a transfer, sends wrong messages about it to one side, and checks
// that each is refused, that nothing changed on either, and that data flows.
func (w *World) wrong(open opener, name string, side func() post) func(context.Context) error {
	return func(ctx context.Context) error {
		f, err := open(ctx, "refused-"+name)
		if err != nil {
			return err
		}
		before, err := w.snapshot(ctx)
		if err != nil {
			return err
		}
		p := side()
		n, err := w.negotiationOf(ctx, f.asset)
		if err != nil {
			return err
		}
		toProvider := p.ours == f.provided
		list := append(letters(p, f.pair, toProvider), tooLate(p, n, toProvider))
		for _, l := range list {
			if err := p.send(ctx, l); err != nil {
				return err
			}
		}
		after, err := w.snapshot(ctx)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(before, after) {
			return fmt.Errorf("something changed:\n%v\n%v", before, after)
		}
		return f.gets(ctx)
	}
}

// send sends a letter, which has to be refused.
func (p post) send(ctx context.Context, l letter) error {
	p.to.Header = map[string]string{"Authorization": p.identity}
	switch l.identity {
	case "":
	case "-":
		p.to.Header = nil
	default:
		p.to.Header["Authorization"] = l.identity
	}
	text, err := json.Marshal(l.body)
	if err != nil {
		return err
	}
	answer, status, err := p.to.Send(ctx, http.MethodPost, l.path, text)
	if err == nil && (status < 400 || status > 499) {
		err = fmt.Errorf("%s: %d %.300s", l.name, status, answer)
	}
	return err
}

const (
	dsp     = "https://w3id.org/dspace/2025/1/context.jsonld"
	unknown = "urn:uuid:00000000-0000-7000-8000-000000000000"
)

// names are the members of a message that hold the receiver's pid and the
// sender's.
func names(toProvider bool) (receiver, sender string) {
	if toProvider {
		return "providerPid", "consumerPid"
	}
	return "consumerPid", "providerPid"
}

// tooLate is a message for a negotiation at its end.
func tooLate(p post, n pair, toProvider bool) letter {
	receiver, sender := p.pids(n)
	theirs, other := names(toProvider)
	l := letter{name: "wrong state", path: "/negotiations/" + receiver + "/events", body: object{
		"@context": []string{dsp}, "@type": "ContractNegotiationEventMessage", "@id": unknown, theirs: receiver, other: sender, "eventType": "FINALIZED",
	}}
	if toProvider {
		l.body["eventType"] = "ACCEPTED"
	}
	return l
}

// letters are wrong messages about a transfer in STARTED.
func letters(p post, t pair, toProvider bool) []letter {
	const old = "https://w3id.org/dspace/2024/1/context.json"
	receiver, sender := p.pids(t)
	theirs, other := names(toProvider)
	suspension := object{
		"@context": []string{dsp}, "@type": "TransferSuspensionMessage", theirs: receiver, other: sender, "reason": []string{"a test"},
	}
	typed := func(typ string, more object) object { return merged(suspension, object{"@type": typ}, more) }
	suspend := "/transfers/" + receiver + "/suspension"
	return []letter{
		{name: "unknown pid", path: "/transfers/" + unknown + "/suspension", body: merged(suspension, object{theirs: unknown})},
		{name: "unknown negotiation", path: "/negotiations/" + unknown + "/termination", body: typed("ContractNegotiationTerminationMessage", object{theirs: unknown})},
		{name: "no context", path: suspend, body: merged(suspension, object{"@context": nil})},
		{name: "wrong context", path: suspend, body: merged(suspension, object{"@context": []string{old}})},
		{name: "another's pids in the body", path: suspend, body: merged(suspension, object{theirs: unknown, other: unknown})},
		{name: "no identity", path: suspend, body: suspension, identity: "-"},
		{name: "another's identity", path: suspend, body: suspension, identity: MockIdentity("somebody-else", "anybody")},
		{name: "unknown agreement", path: "/transfers/request", body: object{
			"@context": []string{dsp}, "@type": "TransferRequestMessage", "consumerPid": "urn:uuid:00000000-0000-7000-8000-000000000001",
			"agreementId": unknown, "format": pull, "callbackAddress": "http://127.0.0.1:1/dsp",
		}},
	}
}

// negotiationOf finds the one negotiation about an asset.
func (w *World) negotiationOf(ctx context.Context, asset string) (pair, error) {
	all, err := w.All(ctx, negotiations)
	if err != nil {
		return pair{}, err
	}
	for _, v := range all {
		if v.Dataset == asset {
			return pair{us: v.ID, edc: v.PeerPID}, nil
		}
	}
	return pair{}, fmt.Errorf("no negotiation about %s", asset)
}

// snapshot is the state of everything that both sides have.
func (w *World) snapshot(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	for kind, collection := range map[string]string{negotiations: Negotiations, transfers: Transfers} {
		us, err := w.All(ctx, kind)
		if err != nil {
			return nil, err
		}
		edc, err := w.EDC.All(ctx, collection)
		if err != nil {
			return nil, err
		}
		for id, v := range us {
			all[id] = fmt.Sprintln(v.State, v.Pending, v.PeerPID, v.LastError, v.TerminatedFor, v.StoppedFor)
		}
		for id, e := range edc {
			all[id] = fmt.Sprintln(e.State, e.CorrelationID, e.Error)
		}
	}
	return all, nil
}

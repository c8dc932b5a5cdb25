// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
)

// letter is a message that is wrong in one way.
type letter struct {
	name, path string
	body       object
	identity   string // "" for the right one, "-" for none
}

// refusalCases send what is wrong, in both directions, and compare all that
// both sides have before and after; then messages that are in order, and still
// cannot be answered with yes.
func (w *World) refusalCases() []Case {
	return []Case{
		{"provider: wrong messages of EDC's identity are refused, nothing changes", func(ctx context.Context) error {
			return w.wrong(ctx, w.asProvider, "refused-of-theirs", NewAPI(w.Peer.Address, ""), MockIdentity(w.EDC.ID, w.Peer.Address), w.Counterpart)
		}},
		{"consumer: wrong messages of ours are refused by EDC, nothing changes", func(ctx context.Context) error {
			return w.wrong(ctx, w.asConsumer, "refused-of-ours", NewAPI(w.EDC.Protocol, ""), MockIdentity(ourID, w.EDC.Protocol), ourID)
		}},
		{"provider: EDC asks for an offer that does not exist: refused, none of ours began", func(ctx context.Context) error {
			return w.theyAskInVain(ctx, "no-such-asset", object{"@id": "no-such-offer", "@type": "Offer", "permission": []object{{"action": "use"}}})
		}},
		{"consumer: we ask for an offer that does not exist: EDC refuses, ours ends and says why", func(ctx context.Context) error {
			const asset = "theirs-other"
			if err := w.publishTheirs(ctx, asset, use); err != nil {
				return err
			}
			var v View
			in := object{"peer": w.Counterpart, "dataset": asset, "offerId": "no-such-offer", "policy": use}
			if err := w.Post(ctx, "/negotiations", in, &v); err != nil {
				return err
			}
			v, err := w.Await(ctx, negotiations, v.ID, "TERMINATED")
			if err == nil && !strings.Contains(v.TerminatedFor, "404") {
				err = fmt.Errorf("our side does not say why: %s", v)
			}
			return err
		}},
		{"provider: EDC asks for other terms: refused by us, TERMINATED on both", func(ctx context.Context) error {
			const asset = "ours-terms"
			if err := w.publishOurs(ctx, asset, window(longAgo, "contractAgreement+30d")); err != nil {
				return err
			}
			offer := object{"@id": "offer-" + asset, "@type": "Offer", "permission": []object{{"action": "use"}}}
			id, err := w.EDC.Negotiate(ctx, w.Peer, asset, offer)
			if err != nil {
				return err
			}
			us, err := w.EDC.answered(ctx, Negotiations, id)
			if err != nil {
				return err
			}
			_, _, err = w.both(ctx, negotiations, pair{us, id}, "TERMINATED")
			return err
		}},
		{"consumer: EDC's agreement is not what we asked for: never verified, TERMINATED on both", func(ctx context.Context) error {
			const asset = "theirs-terms"
			if err := w.publishTheirs(ctx, asset, window(longAgo, "contractAgreement+30d")); err != nil {
				return err
			}
			offer, err := w.theirOffer(ctx, asset)
			if err != nil {
				return err
			}
			n, err := w.negotiateTheirs(ctx, asset, object{"offerId": offer, "policy": use})
			if err != nil {
				return err
			}
			v, _, err := w.both(ctx, negotiations, n, "TERMINATED")
			if err == nil && v.Mismatch == "" {
				err = fmt.Errorf("not for the agreement: %s", v)
			}
			return err
		}},
	}
}

// theirOffer is the id of the first offer that the EDC shows us of an asset.
func (w *World) theirOffer(ctx context.Context, asset string) (string, error) {
	var d struct{ Offers []struct{ OfferID string } }
	if err := ours(w.Call(ctx, http.MethodGet, "/peers/"+w.Counterpart+"/datasets/"+asset, nil, &d)); err != nil {
		return "", err
	}
	if len(d.Offers) == 0 {
		return "", fmt.Errorf("no offer of %s is shown", asset)
	}
	return d.Offers[0].OfferID, nil
}

// theyAskInVain has the EDC ask for what we do not offer.
func (w *World) theyAskInVain(ctx context.Context, asset string, offer object) error {
	before, err := w.Us.All(ctx, negotiations)
	if err != nil {
		return err
	}
	id, err := w.EDC.Negotiate(ctx, w.Peer, asset, offer)
	if err != nil {
		return err
	}
	if _, err := w.EDC.Await(ctx, Negotiations, id, "TERMINATED"); err != nil {
		return err
	}
	after, err := w.Us.All(ctx, negotiations)
	if err == nil && len(after) != len(before) {
		err = fmt.Errorf("we have %d negotiations, %d before", len(after), len(before))
	}
	return err
}

// wrong runs a transfer, sends wrong messages about it to one side, and checks
// that each is refused, that nothing changed on either, and that data flows.
func (w *World) wrong(ctx context.Context, open opener, asset string, to *API, identity, sender string) error {
	f, err := open(ctx, asset)
	if err != nil {
		return err
	}
	before, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	receiver, from := f.us, f.edc
	if sender == ourID {
		receiver, from = f.edc, f.us
	}
	for _, l := range letters(receiver, from) {
		to.Header = map[string]string{"Authorization": identity}
		switch l.identity {
		case "":
		case "-":
			to.Header = nil
		default:
			to.Header["Authorization"] = l.identity
		}
		text, err := json.Marshal(l.body)
		if err != nil {
			return err
		}
		answer, status, err := to.Send(ctx, http.MethodPost, l.path, text)
		if err != nil {
			return err
		}
		if status < 400 || status > 499 {
			return fmt.Errorf("%s: %d %.300s", l.name, status, answer)
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

// letters are wrong messages about a transfer in STARTED, by its pid at the
// receiver, who is the provider, and at the sender.
func letters(receiver, sender string) []letter {
	const dsp = "https://w3id.org/dspace/2025/1/context.jsonld"
	message := func(typ string, more object) object {
		all := object{"@context": []string{dsp}, "@type": typ, "providerPid": receiver, "consumerPid": sender}
		maps.Copy(all, more)
		return all
	}
	const unknown = "urn:uuid:00000000-0000-7000-8000-000000000000"
	suspension := message("TransferSuspensionMessage", object{"reason": []string{"a test"}})
	return []letter{
		{name: "unknown pid", path: "/transfers/" + unknown + "/suspension", body: message("TransferSuspensionMessage", object{"providerPid": unknown})},
		{name: "unknown negotiation", path: "/negotiations/" + unknown + "/termination", body: message("ContractNegotiationTerminationMessage", object{"providerPid": unknown})},
		{name: "wrong state", path: "/negotiations/" + receiver + "/agreement/verification", body: message("ContractAgreementVerificationMessage", nil)},
		{name: "no context", path: "/transfers/" + receiver + "/suspension", body: merged(suspension, object{"@context": nil})},
		{name: "wrong context", path: "/transfers/" + receiver + "/suspension", body: merged(suspension, object{"@context": []string{"https://w3id.org/dspace/2024/1/context.json"}})},
		{name: "another's pids in the body", path: "/transfers/" + receiver + "/suspension", body: message("TransferSuspensionMessage", object{"providerPid": unknown, "consumerPid": unknown})},
		{name: "no identity", path: "/transfers/" + receiver + "/suspension", body: suspension, identity: "-"},
		{name: "another's identity", path: "/transfers/" + receiver + "/suspension", body: suspension, identity: MockIdentity("somebody-else", "anybody")},
		{name: "unknown agreement", path: "/transfers/request", body: object{
			"@context": []string{dsp}, "@type": "TransferRequestMessage", "consumerPid": "urn:uuid:00000000-0000-7000-8000-000000000001",
			"agreementId": unknown, "format": pull, "callbackAddress": "http://127.0.0.1:1/dsp",
		}},
	}
}

// snapshot is the state of everything that both sides have.
func (w *World) snapshot(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	for kind, collection := range map[string]string{negotiations: Negotiations, transfers: Transfers} {
		us, err := w.Us.All(ctx, kind)
		if err != nil {
			return nil, err
		}
		edc, err := w.EDC.All(ctx, collection)
		if err != nil {
			return nil, err
		}
		for id, v := range us {
			all[id] = v.String()
		}
		for id, e := range edc {
			all[id] = e.String()
		}
	}
	return all, nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
)

// The kinds of process, as our management API names them.
const (
	negotiations = "negotiations"
	transfers    = "transfers"
)

// pull and push are the formats that both sides speak.
const (
	pull = "HttpData-PULL"
	push = "HttpData-PUSH"
)

// use permits whatever use, in the form of either side.
var use = object{"permission": []object{{"action": "use"}}}

// publishOurs offers an asset of ours to everybody under a usage policy.
func (w *World) publishOurs(ctx context.Context, asset string, policy object, rules ...object) error {
	return w.Post(ctx, "/catalog", object{
		"assets": []object{{"id": asset, "formats": []string{pull, push}, "source": object{"type": "http", "url": w.Source.URL(asset)}}},
		"offers": []object{{"id": "offer-" + asset, "assets": object{"ids": []string{asset}}, "access": use, "usage": policy, "rules": rules}},
	}, nil)
}

// publishTheirs offers an asset of the EDC to everybody.
func (w *World) publishTheirs(ctx context.Context, asset string, policy object) error {
	return w.EDC.Publish(ctx, asset, w.Source.URL(asset), object{"name": asset}, policy)
}

// pair is one process as both sides have it: our id of it, and theirs.
type pair struct{ us, edc string }

// negotiateOurs: the EDC asks for an asset of ours, on the terms that our
// catalogue shows.
func (w *World) negotiateOurs(ctx context.Context, asset string) (pair, error) {
	found, err := w.EDC.Catalog(ctx, w.Peer, byID(asset))
	if err != nil {
		return pair{}, err
	}
	if len(found) != 1 {
		return pair{}, fmt.Errorf("EDC sees %d datasets of the id %s", len(found), asset)
	}
	offer, err := offerOf(found[0])
	if err != nil {
		return pair{}, err
	}
	id, err := w.EDC.Negotiate(ctx, w.Peer, asset, offer)
	if err != nil {
		return pair{}, err
	}
	us, err := w.taken(ctx, negotiations, Negotiations, id)
	return pair{us: us, edc: id}, err
}

// negotiateTheirs: we ask for an asset of the EDC.
func (w *World) negotiateTheirs(ctx context.Context, asset string, more ...object) (pair, error) {
	var v View
	in := merged(append([]object{{"peer": w.Counterpart, "dataset": asset}}, more...)...)
	if err := w.Post(ctx, "/negotiations", in, &v); err != nil {
		return pair{}, err
	}
	p, err := w.EDC.arrived(ctx, Negotiations, v.ID)
	return pair{us: v.ID, edc: p}, err
}

// taken waits for a request of the EDC's to be taken by us and returns our id
// of the process. An EDC that is told of the end while it saves our answer
// keeps the end, and not our id: then ours is asked.
func (w *World) taken(ctx context.Context, kind, collection, id string) (string, error) {
	us, err := w.EDC.answered(ctx, collection, id)
	if err == nil {
		return us, nil
	}
	all, failed := w.All(ctx, kind)
	for _, v := range all {
		if v.PeerPID == id {
			return v.ID, nil
		}
	}
	return "", errors.Join(err, failed)
}

// both waits for a process to be in a state on both sides.
func (w *World) both(ctx context.Context, kind string, p pair, state string) (View, Entity, error) {
	v, err := w.Await(ctx, kind, p.us, state)
	if err != nil {
		return v, Entity{}, err
	}
	collection, states := Negotiations, []string{state}
	if kind == transfers {
		collection = Transfers
	}
	if final := state == "COMPLETED" || state == "TERMINATED"; final && kind == transfers {
		states = append(states, deprovisioned)
	}
	e, err := w.EDC.shows(ctx, collection, p.edc, states...)
	switch {
	case err != nil:
		return v, e, fmt.Errorf("%w; %s; said: %s", err, v, v.Said())
	case v.PeerPID != p.edc || e.CorrelationID != p.us && (e.CorrelationID != "" || state != "TERMINATED"):
		return v, e, fmt.Errorf("the pids differ: %s has peer %s, %s has %s", p.us, v.PeerPID, p.edc, e.CorrelationID)
	}
	return v, e, nil
}

// data checks that the EDC, with the address it was given, gets the asset's
// data, or that it does not.
func (w *World) theyGet(ctx context.Context, transfer, asset string) error {
	a, err := w.EDC.Address(ctx, transfer)
	if err != nil {
		return err
	}
	return gets(ctx, a, asset)
}

func gets(ctx context.Context, a Address, asset string) error {
	body, status, err := a.Pull(ctx)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK || !bytes.Equal(body, DataOf(asset)):
		return fmt.Errorf("pulling %s: %d, %d bytes: %.200s", asset, status, len(body), body)
	}
	return nil
}

// refuses checks that an address that was good gives nothing any more.
func refuses(ctx context.Context, a Address, asset string) error {
	body, status, err := a.Pull(ctx)
	switch {
	case err != nil:
		return err
	case status < 400 || status > 499 || bytes.Contains(body, DataOf(asset)[:64]):
		return fmt.Errorf("pulling %s should be refused: %d, %d bytes: %.200s", asset, status, len(body), body)
	}
	return nil
}

// weGet checks that our side gets the asset's data.
func (w *World) weGet(ctx context.Context, transfer, asset string) error {
	body, err := w.Data(ctx, transfer)
	if err == nil && !bytes.Equal(body, DataOf(asset)) {
		err = fmt.Errorf("%d bytes of %s came, not its %d: %.100s", len(body), asset, len(DataOf(asset)), body)
	}
	return err
}

func byID(asset string) object {
	return object{"@type": "QuerySpec", "filterExpression": []object{Criterion(EDCNamespace+"id", "=", asset)}}
}

// offerOf is the first offer of a dataset as an EDC shows it.
func offerOf(dataset object) (object, error) {
	offer, ok := dataset["hasPolicy"].(object)
	if all, is := dataset["hasPolicy"].([]any); is && len(all) > 0 {
		offer, ok = all[0].(object)
	}
	if !ok {
		return nil, fmt.Errorf("the dataset has no offer: %v", dataset)
	}
	return offer, nil
}

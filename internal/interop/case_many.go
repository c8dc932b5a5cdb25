// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// many is how many negotiations with their transfers run at once in each
// direction.
const many = 50

// manyCases show that what an EDC refuses while it saves (409) ends nothing.
// Lists are read, not single processes: a hundred that look at it are a load
// of their own.
func (w *World) manyCases() []Case {
	return []Case{{
		fmt.Sprintf("both: %d negotiations and transfers each way at once, all bytes", many), func(ctx context.Context) error {
			const theirs, ours = "theirs-many", "ours-many"
			if err := errors.Join(w.publishTheirs(ctx, theirs, use), w.publishOurs(ctx, ours, use)); err != nil {
				return err
			}
			agreed, err := w.manyNegotiations(ctx, theirs, ours)
			if err != nil {
				return err
			}
			return w.manyTransfers(ctx, agreed, theirs, ours)
		},
	}}
}

// begun are the ids of what was begun at once: ours of those that we asked
// for, the EDC's of those that it did.
type begun struct{ us, edc []string }

func (w *World) manyNegotiations(ctx context.Context, theirs, ours string) (agreed begun, err error) {
	found, err := w.EDC.Catalog(ctx, w.Peer, byID(ours))
	if err != nil || len(found) != 1 {
		return agreed, fmt.Errorf("EDC sees %d datasets: %w", len(found), err)
	}
	offer, err := offerOf(found[0])
	if err != nil {
		return agreed, err
	}
	b, err := atOnce(
		func(int) (string, error) {
			var v View
			err := w.Post(ctx, "/negotiations", object{"peer": w.Counterpart, "dataset": theirs}, &v)
			return v.ID, err
		},
		func(int) (string, error) { return w.EDC.Negotiate(ctx, w.Peer, ours, offer) })
	if err != nil {
		return agreed, err
	}
	views, entities, err := w.all(ctx, negotiations, Negotiations, b, "FINALIZED")
	for _, id := range b.us {
		agreed.us = append(agreed.us, views[id].AgreementID)
	}
	for _, id := range b.edc {
		agreed.edc = append(agreed.edc, entities[id].Agreement)
	}
	return agreed, err
}

func (w *World) manyTransfers(ctx context.Context, agreed begun, theirs, ours string) error {
	b, err := atOnce(
		func(i int) (string, error) {
			var v View
			err := w.Post(ctx, "/transfers", object{"agreement": agreed.us[i], "format": pull}, &v)
			return v.ID, err
		},
		func(i int) (string, error) { return w.EDC.Transfer(ctx, w.Peer, agreed.edc[i], pull) })
	if err != nil {
		return err
	}
	if _, _, err := w.all(ctx, transfers, Transfers, b, "STARTED"); err != nil {
		return err
	}
	for i := range many {
		if err := errors.Join(w.weGet(ctx, b.us[i], theirs), w.theyGet(ctx, b.edc[i], ours)); err != nil {
			return err
		}
	}
	return nil
}

// all waits until everything that was begun is in a state on both sides.
func (w *World) all(ctx context.Context, kind, collection string, b begun, state string) (views map[string]View, entities map[string]Entity, err error) {
	missing := ""
	err = poll(ctx, func() (bool, error) {
		if views, err = w.Us.All(ctx, kind); err != nil {
			return false, err
		}
		if entities, err = w.EDC.All(ctx, collection); err != nil {
			return false, err
		}
		there := 0
		for _, id := range b.us {
			if v := views[id]; v.State == state && v.Pending == "" && entities[v.PeerPID].State == state {
				there++
			} else {
				missing = fmt.Sprint(v, "; EDC: ", entities[v.PeerPID])
			}
		}
		for _, id := range b.edc {
			if e := entities[id]; e.State == state && views[e.CorrelationID].State == state && views[e.CorrelationID].Pending == "" {
				there++
			} else {
				missing = fmt.Sprint(views[e.CorrelationID], "; EDC: ", e)
			}
		}
		return there == len(b.us)+len(b.edc), ended(b, views, entities)
	})
	if err != nil {
		err = fmt.Errorf("not all are %s: %s: %w", state, missing, err)
	}
	return views, entities, err
}

func ended(b begun, views map[string]View, entities map[string]Entity) error {
	for _, id := range b.us {
		if views[id].State == "TERMINATED" {
			return fmt.Errorf("%s", views[id])
		}
	}
	for _, id := range b.edc {
		if entities[id].ended() {
			return fmt.Errorf("%s", entities[id])
		}
	}
	return nil
}

// atOnce begins as many as there are to be of each, all at once.
func atOnce(us, edc func(int) (string, error)) (begun, error) {
	b := begun{make([]string, many), make([]string, many)}
	failed := make([]error, 2*many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() { b.us[i], failed[2*i] = us(i) })
		all.Go(func() { b.edc[i], failed[2*i+1] = edc(i) })
	}
	all.Wait()
	failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
	return b, errors.Join(failed[:min(len(failed), 5)]...)
}

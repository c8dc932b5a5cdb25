// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
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
	b, err := atOnce(many, many,
		func(int) (string, error) {
			var v View
			err := w.Post(ctx, "/negotiations", object{"peer": w.Counterpart, "dataset": theirs}, &v)
			return v.ID, err
		},
		func(int) (string, error) { return w.EDC.Negotiate(ctx, w.Peer, ours, offer) })
	if err != nil {
		return agreed, err
	}
	b, views, entities, err := w.all(ctx, negotiations, Negotiations, b, "FINALIZED")
	for _, id := range b.us { // those that are there
		agreed.us = append(agreed.us, views[id].AgreementID)
	}
	for _, id := range b.edc {
		agreed.edc = append(agreed.edc, entities[id].Agreement)
	}
	return agreed, err
}

func (w *World) manyTransfers(ctx context.Context, agreed begun, theirs, ours string) error {
	b, err := atOnce(len(agreed.us), len(agreed.edc),
		func(i int) (string, error) {
			var v View
			err := w.Post(ctx, "/transfers", object{"agreement": agreed.us[i], "format": pull}, &v)
			return v.ID, err
		},
		func(i int) (string, error) { return w.EDC.Transfer(ctx, w.Peer, agreed.edc[i], pull) })
	if err != nil {
		return err
	}
	if b, _, _, err = w.all(ctx, transfers, Transfers, b, "STARTED"); err != nil {
		return err
	}
	for _, id := range b.us {
		if err := w.weGet(ctx, id, theirs); err != nil {
			return err
		}
	}
	for _, id := range b.edc {
		if err := w.theyGet(ctx, id, ours); err != nil {
			return err
		}
	}
	return nil
}

// Where a peer saves a process while it takes a message for it, it may go on to
// show the state from before what it acknowledged: then ours is where it should
// be, or waits for what the other has to send, and nothing that we send changes it. So many of a round may be so,
// settled that long; they are counted, and left out of what comes after.
const (
	mayGoBack = 3
	settled   = 10 * time.Second
)

// all waits until everything that was begun is in a state on both sides, and
// returns what is.
func (w *World) all(ctx context.Context, kind, collection string, b begun, state string) (there begun, views map[string]View, entities map[string]Entity, err error) {
	var missing string
	var quiet time.Time
	err = poll(ctx, func() (bool, error) {
		if views, err = w.All(ctx, kind); err != nil {
			return false, err
		}
		if entities, err = w.EDC.All(ctx, collection); err != nil {
			return false, err
		}
		var back int
		there, missing, back = b.arrived(state, views, entities)
		n := len(b.us) + len(b.edc) - len(there.us) - len(there.edc)
		if n != back || n > mayGoBack {
			quiet = time.Time{}
		} else if quiet.IsZero() {
			quiet = time.Now()
		}
		return n == 0 || !quiet.IsZero() && time.Since(quiet) > settled, ended(b, views, entities)
	})
	if err != nil {
		err = fmt.Errorf("not all are %s: %s: %w", state, missing, err)
	} else if missing != "" {
		fmt.Printf("                acknowledged by EDC, and not shown by it: %s\n", missing)
	}
	return there, views, entities, err
}

// arrived are those in a state on both sides; missing describes another, and
// back counts those of which only the other side is missing.
func (b begun) arrived(state string, views map[string]View, entities map[string]Entity) (there begun, missing string, back int) {
	both := func(v View, e Entity) bool {
		if v.State == state && v.Pending == "" && e.State == state {
			return true
		}
		missing = fmt.Sprint(v, "; EDC: ", e)
		if v.Pending == "" && (v.State == state || v.WaitingFor == "peer") || v.anotherAgreement() { // all of ours was acknowledged
			back++
		}
		return false
	}
	for _, id := range b.us {
		if both(views[id], entities[views[id].PeerPID]) {
			there.us = append(there.us, id)
		}
	}
	for _, id := range b.edc {
		if both(views[entities[id].CorrelationID], entities[id]) {
			there.edc = append(there.edc, id)
		}
	}
	return there, missing, back
}

func ended(b begun, views map[string]View, entities map[string]Entity) error {
	for _, id := range b.us {
		if v := views[id]; v.State == "TERMINATED" && !v.anotherAgreement() {
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
func atOnce(ofUs, ofEDC int, us, edc func(int) (string, error)) (begun, error) {
	b := begun{make([]string, ofUs), make([]string, ofEDC)}
	failed := make([]error, ofUs+ofEDC)
	var all sync.WaitGroup
	for i := range ofUs {
		all.Go(func() { b.us[i], failed[i] = us(i) })
	}
	for i := range ofEDC {
		all.Go(func() { b.edc[i], failed[ofUs+i] = edc(i) })
	}
	all.Wait()
	failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
	return b, errors.Join(failed[:min(len(failed), 5)]...)
}

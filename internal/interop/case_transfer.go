// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"fmt"
)

// side is one of the two, and what it can do to a transfer.
type side struct {
	name                                 string
	suspend, resume, complete, terminate func(context.Context, pair) error
}

func (w *World) sides() []side {
	we := func(act, why string) func(context.Context, pair) error {
		return func(ctx context.Context, t pair) error { return w.Act(ctx, transfers, t.us, act, why) }
	}
	they := func(act string) func(context.Context, pair) error {
		return func(ctx context.Context, t pair) error { return w.EDC.Act(ctx, Transfers, t.edc, act, reason) }
	}
	return []side{
		{"us", we("suspend", reason), we("resume", ""), we("complete", ""), we("terminate", reason)},
		{"EDC", they("suspend"), they("resume"), func(ctx context.Context, t pair) error { return w.EDC.Complete(ctx, t.edc) }, they("terminate")},
	}
}

// flow is a transfer of one role of ours that was started, with its data.
type flow struct {
	pair
	asset string
	// provided: by us.
	provided bool
	// from is where the consumer may pull; gets pulls as the consumer does.
	from func(context.Context) (Address, error)
	gets func(context.Context) error
}

// opener starts a transfer of a new asset.
type opener func(ctx context.Context, asset string) (flow, error)

func (w *World) asProvider(ctx context.Context, asset string) (flow, error) {
	asset = "ours-" + asset
	if err := w.publishOurs(ctx, asset, use); err != nil {
		return flow{}, err
	}
	t, err := w.transferOurs(ctx, asset)
	return flow{
		pair: t, asset: asset, provided: true,
		from: func(ctx context.Context) (Address, error) { return w.EDC.Address(ctx, t.edc) },
		gets: func(ctx context.Context) error { return w.theyGet(ctx, t.edc, asset) },
	}, err
}

func (w *World) asConsumer(ctx context.Context, asset string) (flow, error) {
	asset = "theirs-" + asset
	if err := w.publishTheirs(ctx, asset, use); err != nil {
		return flow{}, err
	}
	t, err := w.transferTheirs(ctx, asset)
	return flow{
		pair: t, asset: asset,
		from: func(ctx context.Context) (Address, error) { return w.PullFrom(ctx, t.us) },
		gets: func(ctx context.Context) error { return w.weGet(ctx, t.us, asset) },
	}, err
}

func (w *World) transferCases() []Case {
	var cases []Case
	for _, role := range []struct {
		name string
		open opener
	}{{"provider", w.asProvider}, {"consumer", w.asConsumer}} {
		add := func(name string, run func(context.Context, flow) error) {
			asset := fmt.Sprintf("transfer-%d", len(cases))
			cases = append(cases, Case{role.name + ": " + name, func(ctx context.Context) error {
				f, err := role.open(ctx, asset)
				if err != nil {
					return err
				}
				return run(ctx, f)
			}})
		}
		add("transfer STARTED, all bytes", func(ctx context.Context, f flow) error { return f.gets(ctx) })
		for _, s := range w.sides() {
			add("transfer suspended and resumed by "+s.name, func(ctx context.Context, f flow) error { return w.pausing(ctx, f, s) })
			add("transfer completed by "+s.name, func(ctx context.Context, f flow) error {
				// A data plane of EDC's that says so has closed the flow itself; here it is we who say so for it.
				if role.name == "consumer" && s.name == "EDC" {
					return w.stopping(ctx, f, s.complete, "COMPLETED")
				}
				return w.ending(ctx, f, s.complete, "COMPLETED")
			})
			add("transfer terminated by "+s.name, func(ctx context.Context, f flow) error {
				if err := w.ending(ctx, f, s.terminate, "TERMINATED"); err != nil {
					return err
				}
				return w.endedFor(ctx, transfers, f.pair, s.name)
			})
		}
	}
	return cases
}

// pausing suspends, finds that no data flows, resumes, and finds that it does.
func (w *World) pausing(ctx context.Context, f flow, by side) error {
	a, err := f.from(ctx)
	if err != nil {
		return err
	}
	if err := f.gets(ctx); err != nil {
		return err
	}
	if err := by.suspend(ctx, f.pair); err != nil {
		return err
	}
	if _, _, err := w.both(ctx, transfers, f.pair, "SUSPENDED"); err != nil {
		return err
	}
	if err := refuses(ctx, a, f.asset); err != nil {
		return fmt.Errorf("while suspended: %w", err)
	}
	if err := by.resume(ctx, f.pair); err != nil {
		return err
	}
	if _, _, err := w.both(ctx, transfers, f.pair, "STARTED"); err != nil {
		return fmt.Errorf("resuming: %w", err)
	}
	return f.gets(ctx)
}

// ending ends it, and finds that no data flows.
func (w *World) ending(ctx context.Context, f flow, end func(context.Context, pair) error, state string) error {
	a, err := f.from(ctx)
	if err != nil {
		return err
	}
	if err := w.stopping(ctx, f, end, state); err != nil {
		return err
	}
	return refuses(ctx, a, f.asset)
}

func (w *World) stopping(ctx context.Context, f flow, end func(context.Context, pair) error, state string) error {
	if err := f.gets(ctx); err != nil {
		return err
	}
	if err := end(ctx, f.pair); err != nil {
		return err
	}
	_, _, err := w.both(ctx, transfers, f.pair, state)
	return err
}

// transferOurs concludes a contract about an asset of ours and starts a
// transfer under it.
func (w *World) transferOurs(ctx context.Context, asset string) (pair, error) {
	n, err := w.negotiateOurs(ctx, asset)
	if err != nil {
		return pair{}, err
	}
	_, e, err := w.both(ctx, negotiations, n, "FINALIZED")
	if err != nil {
		return pair{}, err
	}
	t, err := w.theyRequest(ctx, e.Agreement)
	if err != nil {
		return pair{}, err
	}
	_, _, err = w.both(ctx, transfers, t, "STARTED")
	return t, err
}

// theyRequest has the EDC ask for a transfer.
func (w *World) theyRequest(ctx context.Context, agreement string) (pair, error) {
	id, err := w.EDC.Transfer(ctx, w.Peer, agreement, pull)
	if err != nil {
		return pair{}, err
	}
	us, err := w.taken(ctx, transfers, Transfers, id)
	return pair{us: us, edc: id}, err
}

// transferTheirs is transferOurs for an asset of the EDC.
func (w *World) transferTheirs(ctx context.Context, asset string, more ...object) (pair, error) {
	n, err := w.negotiateTheirs(ctx, asset, more...)
	if err != nil {
		return pair{}, err
	}
	v, _, err := w.both(ctx, negotiations, n, "FINALIZED")
	if err != nil {
		return pair{}, err
	}
	t, err := w.weRequest(ctx, v.AgreementID)
	if err != nil {
		return pair{}, err
	}
	_, _, err = w.both(ctx, transfers, t, "STARTED")
	return t, err
}

// weRequest asks the EDC for a transfer.
func (w *World) weRequest(ctx context.Context, agreement string) (pair, error) {
	var v View
	if err := w.Post(ctx, "/transfers", object{"agreement": agreement, "format": pull}, &v); err != nil {
		return pair{}, err
	}
	edc, err := w.EDC.arrived(ctx, Transfers, v.ID)
	return pair{us: v.ID, edc: edc}, err
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"fmt"
	"strings"
)

// negotiationCases: to the end, and ended early by each side. Where we are the
// provider, a person of ours has to agree and never does; where the EDC is, its
// agreement is held on its way.
func (w *World) negotiationCases() []Case {
	return []Case{
		{"provider: negotiation to FINALIZED", func(ctx context.Context) error {
			const asset = "ours-agreed"
			if err := w.publishOurs(ctx, asset, use); err != nil {
				return err
			}
			n, err := w.negotiateOurs(ctx, asset)
			if err != nil {
				return err
			}
			return w.agreed(ctx, n)
		}},
		{"consumer: negotiation to FINALIZED", func(ctx context.Context) error {
			const asset = "theirs-agreed"
			if err := w.publishTheirs(ctx, asset, use); err != nil {
				return err
			}
			n, err := w.negotiateTheirs(ctx, asset)
			if err != nil {
				return err
			}
			return w.agreed(ctx, n)
		}},
		{"provider: negotiation terminated by us", w.withOpenOurs("by-us", w.weTerminate)},
		{"provider: negotiation terminated by EDC", w.withOpenOurs("by-edc", w.theyTerminate)},
		{"consumer: negotiation terminated by us", w.withOpenTheirs("by-us", w.weTerminate)},
		{"consumer: negotiation terminated by EDC", w.withOpenTheirs("by-edc", w.theyTerminate)},
	}
}

// agreed waits for the end, and checks that both sides hold the same agreement.
func (w *World) agreed(ctx context.Context, n pair) error {
	v, e, err := w.both(ctx, negotiations, n, "FINALIZED")
	if err != nil {
		return err
	}
	var a struct {
		ID, Target, Assigner, Assignee, State string
	}
	if err := w.Call(ctx, "GET", "/agreements/"+v.AgreementID, nil, &a); err != nil {
		return err
	}
	var t struct {
		Asset    string `json:"assetId"`
		Provider string `json:"providerId"`
		Consumer string `json:"consumerId"`
	}
	if err := w.EDC.Call(ctx, "GET", "/v3/contractagreements/"+e.Agreement, nil, &t); err != nil {
		return err
	}
	if a.Target != t.Asset || a.Assigner != t.Provider || a.Assignee != t.Consumer || a.State != "IN_FORCE" {
		return fmt.Errorf("two agreements: %+v and %+v", a, t)
	}
	return nil
}

func (w *World) withOpenOurs(name string, end func(context.Context, pair) error) func(context.Context) error {
	return func(ctx context.Context) error {
		asset := "ours-open-" + name
		if err := w.publishOurs(ctx, asset, use, object{"do": "approve"}); err != nil {
			return err
		}
		n, err := w.negotiateOurs(ctx, asset)
		if err != nil {
			return err
		}
		if _, _, err := w.both(ctx, negotiations, n, "REQUESTED"); err != nil {
			return err
		}
		return end(ctx, n)
	}
}

func (w *World) withOpenTheirs(name string, end func(context.Context, pair) error) func(context.Context) error {
	return func(ctx context.Context) error {
		asset := "theirs-open-" + name
		if err := w.publishTheirs(ctx, asset, use); err != nil {
			return err
		}
		w.Gate.Hold("/agreement")
		defer w.Gate.Hold()
		n, err := w.negotiateTheirs(ctx, asset)
		if err != nil {
			return err
		}
		if _, err := w.EDC.Await(ctx, Negotiations, n.edc, "REQUESTED", "AGREEING"); err != nil {
			return err
		}
		return end(ctx, n)
	}
}

const reason = "the terms do not suit us"

func (w *World) weTerminate(ctx context.Context, n pair) error {
	if err := w.Act(ctx, negotiations, n.us, "terminate", reason); err != nil {
		return err
	}
	return w.endedFor(ctx, negotiations, n, "us")
}

func (w *World) theyTerminate(ctx context.Context, n pair) error {
	if err := w.EDC.Act(ctx, Negotiations, n.edc, "terminate", reason); err != nil {
		return err
	}
	return w.endedFor(ctx, negotiations, n, "EDC")
}

// endedFor checks that both sides have ended it and know why; an EDC keeps no
// reason of its counterparty.
func (w *World) endedFor(ctx context.Context, kind string, p pair, by string) error {
	v, e, err := w.both(ctx, kind, p, "TERMINATED")
	if err == nil && (!strings.Contains(v.TerminatedFor+v.StoppedFor, reason) || by == "EDC" && !strings.Contains(e.Error, reason)) {
		err = fmt.Errorf("the reason is lost: %s; EDC: %s", v, e)
	}
	return err
}

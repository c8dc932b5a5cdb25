// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// RunFlows proves the contract of signaling.Flows.
func RunFlows(t *testing.T, open func(testing.TB) Opened) {
	play(t, open, []chapter{{"Flows", flows}, {"Untold", untold}})
}

func (b *box) f() signaling.Flows {
	b.Helper()
	f, ok := b.Store.(signaling.Flows)
	if !ok {
		b.Fatalf("%T keeps no flows", b.Store)
	}
	return f
}

// flowing is a new flow of a control plane.
func flowing(controlPlane, id string) signaling.Flow {
	return signaling.Flow{
		ID: id, ControlPlane: controlPlane, Version: 1, State: transfer.FlowStarted,
		Asked: transfer.Flow{
			MessageID: "m", Context: owner, Process: id, Role: "provider", Dataset: "部品 <&>", Format: "HttpData-PULL",
			DataAddress: &transfer.DataAddress{EndpointType: "t", Properties: []transfer.Property{{Name: "authorization", Value: "secret"}}},
		},
		Grant: "m", Said: []signaling.Said{{MessageID: "m", Verb: "start", Status: 200, State: transfer.FlowStarted}},
		Owes: []signaling.Report{{Kind: "started", MessageID: "r", First: at(1)}}, Began: t0, Changed: t0,
	}
}

func (b *box) addFlow(f signaling.Flow) signaling.Flow {
	b.Helper()
	b.must(b.f().AddFlow(b.ctx, f))
	return f
}

func (b *box) dueFlows(now time.Time, limit int) (ids []string) {
	b.Helper()
	list, err := b.f().DueFlows(b.ctx, now, limit)
	b.must(err)
	for _, f := range list {
		ids = append(ids, f.ID)
	}
	return ids
}

var flows = []contract{
	{"a flow is found by its control plane and id, and by its participant and process", func(b *box) {
		f := b.addFlow(flowing("cp", "f"))
		got, err := b.f().Flow(b.ctx, "cp", "f")
		b.must(err)
		b.equal("by id", got, f)
		got, err = b.f().FlowOf(b.ctx, owner, "f")
		b.must(err)
		b.equal("by process", got, f)
		_, err = b.f().Flow(b.ctx, "other", "f")
		b.is("of another control plane", err, signaling.ErrNoFlow)
		_, err = b.f().FlowOf(b.ctx, "other", "f")
		b.is("of another participant", err, signaling.ErrNoFlow)
	}},
	{"there is one flow of an id, and one of a process", func(b *box) {
		b.addFlow(flowing("cp", "f"))
		b.is("the same", b.f().AddFlow(b.ctx, flowing("cp", "f")), signaling.ErrFlowExists)
		b.is("the process", b.f().AddFlow(b.ctx, flowing("other", "f")), signaling.ErrFlowExists)
		other := flowing("other", "f")
		other.Asked.Context = "another"
		b.addFlow(other)
	}},
	{"PutFlow writes over the version before its own, and no other", func(b *box) {
		f := b.addFlow(flowing("cp", "f"))
		f.Version, f.State, f.Changed = 2, transfer.FlowSuspended, at(2)
		b.must(b.f().PutFlow(b.ctx, f))
		for _, version := range []int64{1, 2, 4} {
			lost := f
			lost.Version, lost.State = version, transfer.FlowTerminated
			b.is(fmt.Sprint("version ", version), b.f().PutFlow(b.ctx, lost), signaling.ErrFlowChanged)
		}
		moved := f
		moved.Version, moved.Asked.Process = 3, "g"
		b.is("another process", b.f().PutFlow(b.ctx, moved), signaling.ErrFlowChanged)
		none := flowing("cp", "none")
		none.Version = 2
		b.is("none", b.f().PutFlow(b.ctx, none), signaling.ErrFlowChanged)
		got, err := b.f().Flow(b.ctx, "cp", "f")
		b.must(err)
		b.equal("kept", got, f)
	}},
	{"of many that write at the same time, one does", func(b *box) {
		f := b.addFlow(flowing("cp", "f"))
		f.Version = 2
		one := b.race(signaling.ErrFlowChanged)
		b.enforcers(16, func(i int, _ Policy) error { return one.came(i, b.f().PutFlow(b.ctx, f)) })
		one.end()
	}},
	{"flows that are due come in order", func(b *box) {
		next, err := b.f().NextFlow(b.ctx)
		b.must(err)
		b.equal("next of none", next, time.Time{})
		for id, due := range map[string]time.Time{"a": at(3), "b": at(1), "c": {}, "d": at(2), "e": at(9)} {
			f := flowing("cp", id)
			f.Due = due
			b.addFlow(f)
		}
		b.equal("due", b.dueFlows(at(3), 10), []string{"b", "d", "a"})
		b.equal("two", b.dueFlows(at(3), 2), []string{"b", "d"})
		b.equal("none", len(b.dueFlows(at(0), 10)), 0)
		if next, err = b.f().NextFlow(b.ctx); err != nil {
			b.Fatal(err)
		}
		b.equal("next", next, at(1))
	}},
	{"what has ended, owes nothing and is old is forgotten", func(b *box) {
		for id, f := range map[string]struct {
			state        transfer.FlowState
			due, changed time.Time
		}{
			"done": {transfer.FlowCompleted, time.Time{}, at(1)}, "gone": {transfer.FlowTerminated, time.Time{}, at(2)},
			"runs": {transfer.FlowStarted, time.Time{}, at(1)}, "owes": {transfer.FlowCompleted, at(5), at(1)},
			"new": {transfer.FlowCompleted, time.Time{}, at(9)},
		} {
			flow := flowing("cp", id)
			flow.State, flow.Due, flow.Changed = f.state, f.due, f.changed
			b.addFlow(flow)
		}
		n, err := b.f().DropFlows(b.ctx, at(9), 1)
		b.must(err)
		b.equal("one at most", n, 1)
		n, err = b.f().DropFlows(b.ctx, at(9), 10)
		b.must(err)
		b.equal("the rest", n, 1)
		for id, want := range map[string]error{"done": signaling.ErrNoFlow, "gone": signaling.ErrNoFlow, "runs": nil, "owes": nil, "new": nil} {
			if _, err := b.f().Flow(b.ctx, "cp", id); !errors.Is(err, want) {
				b.Errorf("%s: %v", id, err)
			}
		}
	}},
	{"what is no flow is refused", func(b *box) {
		for name, spoil := range map[string]func(*signaling.Flow){
			"no id": func(f *signaling.Flow) { f.ID = "" }, "no control plane": func(f *signaling.Flow) { f.ControlPlane = "" },
			"no process": func(f *signaling.Flow) { f.Asked.Process = "" }, "no participant": func(f *signaling.Flow) { f.Asked.Context = "" },
			"no state": func(f *signaling.Flow) { f.State = "" }, "no role": func(f *signaling.Flow) { f.Asked.Role = "" },
			"version": func(f *signaling.Flow) { f.Version = 0 }, "second version": func(f *signaling.Flow) { f.Version = 2 },
			"no time": func(f *signaling.Flow) { f.Changed = time.Time{} },
		} {
			f := flowing("cp", "f")
			spoil(&f)
			b.is(name, b.f().AddFlow(b.ctx, f), signaling.ErrFlow)
		}
	}},
	{"what a control plane says of itself is kept until it says something else", func(b *box) {
		s, ok := b.Store.(signaling.ControlPlanes)
		if !ok {
			b.Fatalf("%T keeps no control planes", b.Store)
		}
		one := signaling.ControlRegistration{ControlplaneID: "cp", Endpoint: "https://one.example", Authorization: &signaling.Authorization{Type: "authorization_header", Value: "secret"}}
		two := one
		two.Endpoint = "https://two.example"
		_, err := s.ControlPlane(b.ctx, "cp")
		b.is("none", err, signaling.ErrNoControlPlane)
		for _, c := range []signaling.ControlRegistration{one, two} {
			b.must(s.PutControlPlane(b.ctx, c))
			got, err := s.ControlPlane(b.ctx, "cp")
			b.must(err)
			b.equal("kept", got, c)
		}
		b.must(errors.Join(s.DropControlPlane(b.ctx, "other"), s.DropControlPlane(b.ctx, "cp"), s.DropControlPlane(b.ctx, "cp")))
		_, err = s.ControlPlane(b.ctx, "cp")
		b.is("dropped", err, signaling.ErrNoControlPlane)
		b.is("no id", s.PutControlPlane(b.ctx, signaling.ControlRegistration{}), signaling.ErrFlow)
	}},
	{"that a control plane gives verdicts is noted for good", func(b *box) {
		b.is("no name", b.f().PutJudge(b.ctx, ""), signaling.ErrFlow)
		b.must(errors.Join(b.f().PutJudge(b.ctx, "cp"), b.f().PutJudge(b.ctx, "cp")))
		for name, want := range map[string]bool{"cp": true, "other": false} {
			got, err := b.f().Judge(b.ctx, name)
			b.must(err)
			b.equal(name, got, want)
		}
	}},
	{"a flow is there after a restart", func(b *box) {
		if b.Restart == nil {
			b.Skip("this store does not outlive the process")
		}
		f := b.addFlow(flowing("cp", "f"))
		b.must(b.f().PutJudge(b.ctx, "cp"))
		b.Store = b.Restart()
		judges, err := b.f().Judge(b.ctx, "cp")
		b.must(err)
		b.equal("the control plane gives verdicts", judges, true)
		got, err := b.f().Flow(b.ctx, "cp", "f")
		b.must(err)
		b.equal("kept", got, f)
	}},
}

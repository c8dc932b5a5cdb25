// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
)

// The verbs of calls to a data plane, as the engine keeps them.
const (
	verbPrepare   = "prepare"
	verbStart     = "start"
	verbResume    = "resume"
	verbSuspend   = "suspend"
	verbComplete  = "complete"
	verbTerminate = "terminate" // also the engine's own word for undoing a call
	// verbRelease is no verb of a plane: it gives back the start of a transfer
	// that never began.
	verbRelease = "release"
)

// Do implements engine.Domain. Calls that nothing waits for may be made late:
// what is done then is what the process needs now.
func (m *domain) Do(ctx context.Context, r engine.Record, c engine.Call) (json.RawMessage, error) {
	d, err := read(r)
	if err != nil {
		return nil, err
	}
	if c.Verb == verbRelease {
		return nil, m.policies.release(ctx, r)
	}
	plane, ok := planeOf(m.planes, r, d)
	switch {
	case !ok && d.Plane != "" && (c.Tries < fewTries || m.Stops(c) && (d.known() || c.Tries < engine.MaxCallTries)):
		return nil, fmt.Errorf("the data plane %q is not known here yet", d.Plane) // it registered at another replica, and may send
	case !ok && d.Plane != "":
		return nil, engine.Refusef("data-plane-unknown", "there is no data plane %q any more", d.Plane)
	case !ok:
		return nil, engine.Refusef("format-unsupported", "no data plane for the format %q", d.Format)
	}
	f := d.flowOf(r, c)
	verb := needed(r, d, c)
	if r.Role == provider && (verb == verbStart || verb == verbResume) {
		if err := m.policies.claim(ctx, r, d, plane); err != nil {
			return nil, err
		}
	}
	if res := d.reported(c); res != nil {
		return res.of(c, f)
	}
	switch verb {
	case verbPrepare:
		return answer(c, plane.Prepare)(ctx, f)
	case verbStart:
		return m.begin(ctx, r, c, f, plane)
	case verbResume:
		return answer(c, plane.Resume)(ctx, f)
	case verbSuspend:
		return nil, plane.Suspend(ctx, f)
	case verbComplete:
		return nil, plane.Complete(ctx, f)
	case verbTerminate:
		return nil, plane.Terminate(ctx, f)
	}
	return nil, nil
}

// fewTries is some ten seconds of attempts.
const fewTries = 7

// known reports whether the plane has ever said that it has the flow.
func (d data) known() bool { return d.Began || d.Prepared || d.Renewed }

// begin starts a flow. A plane that refuses for good gives the start back.
func (m *domain) begin(ctx context.Context, r engine.Record, c engine.Call, f Flow, plane DataPlane) (json.RawMessage, error) {
	raw, err := answer(c, plane.Start)(ctx, f)
	if r.Role == provider && errors.Is(err, engine.ErrRefused) {
		if failed := m.policies.release(ctx, r); failed != nil {
			return nil, failed // it is asked again
		}
	}
	return raw, err
}

// Stops implements engine.Stopper: a plane that was not told may send on.
func (*domain) Stops(c engine.Call) bool {
	return c.Verb == verbSuspend || c.Verb == verbComplete || c.Verb == verbTerminate
}

// needed is the verb that c comes to at this moment, or "" for none.
func needed(r engine.Record, d data, c engine.Call) string {
	if c.Act != nil {
		return c.Verb
	}
	switch c.Verb {
	case verbStart, verbResume:
		if d.Flow != flowOpen {
			return ""
		}
	case verbSuspend:
		if d.Flow != flowClosed {
			return "" // open again, or ended: another call tells
		}
	case verbTerminate:
		switch {
		case r.State == Completed:
			return "" // what is undone here has been completed
		case r.Final || d.Flow == "" || d.Flow == flowEnded:
		case d.Flow == flowOpen:
			return ""
		default: // a resumption that is not to be; the process goes on
			return verbSuspend
		}
	}
	return c.Verb
}

func (d data) flowOf(r engine.Record, c engine.Call) Flow {
	f := Flow{
		MessageID: c.ID, Context: r.Context, Process: r.ID, ID: cmp.Or(d.FlowID, r.ID), Asked: d.Asked == c.ID, Version: r.Version, Role: string(r.Role),
		Participant: d.OwnID, Counterparty: r.Peer, Agreement: r.Subject, Dataset: d.Dataset, Format: d.Format,
		DataAddress: d.Address, Claims: d.Claims, Labels: d.Labels, Metadata: d.Declared, Reason: d.StoppedFor,
	}
	return f
}

// answer turns a plane's status into the call's result. A plane that is not
// ready yet reports when it is.
func answer(c engine.Call, verb func(context.Context, Flow) (FlowStatus, error)) func(context.Context, Flow) (json.RawMessage, error) {
	return func(ctx context.Context, f Flow) (json.RawMessage, error) {
		status, err := verb(ctx, f)
		if err != nil {
			return nil, err
		}
		res := result{Grant: c.ID, FlowID: status.ID, Address: status.DataAddress}
		if res.FlowID == f.Process {
			res.FlowID = ""
		}
		if status.State != FlowPreparing && status.State != FlowStarting {
			return res.of(c, f)
		}
		known, err := json.Marshal(res)
		if err != nil {
			return nil, err
		}
		return nil, &engine.LaterError{Known: known, Reason: fmt.Sprintf("the data plane is %s", status.State)}
	}
}

// of refuses a result that cannot be used.
func (res result) of(c engine.Call, f Flow) (json.RawMessage, error) {
	if c.Verb == verbPrepare && Push(f.Format) && (res.Address == nil || res.Address.Endpoint == "") {
		return nil, &engine.Refusal{Code: "data-address-missing", Reason: "our data plane names no address to push to", Taken: true}
	}
	if c.Verb == verbPrepare && !Push(f.Format) {
		res.Address = nil
	}
	return json.Marshal(res)
}

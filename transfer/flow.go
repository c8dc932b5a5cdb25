// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import "github.com/musubi-ods/musubi/internal/engine"

// Our side's flow opens and closes in the transaction that records why, and its
// plane is told afterwards, of one change after the other: whatever crosses, the
// last that it hears fits the state. STARTED is open and nothing else is, except
// that what waits for the provider's answer, or could not be suspended because
// the peer refused it, is closed.

// Close implements engine.Closer: what our side decided to stop stops before
// its message can go out.
func (m *domain) Close(r *engine.Record, a engine.Act, _ engine.Env) engine.Effects {
	d, err := read(*r)
	if err != nil || a.Message != suspension && a.Message != completion && a.Message != termination {
		return engine.Effects{}
	}
	stop := m.close
	if a.Message == completion {
		stop = m.finish
	}
	effects := stop(*r, &d)
	_ = d.write(r) // it was read: it can be written
	return effects
}

// Refused implements engine.Closer: what opened for a start of ours closes again.
func (m *domain) Refused(r *engine.Record, p engine.Pending, _ engine.Env) engine.Effects {
	d, err := read(*r)
	if err != nil || p.Message != start {
		return engine.Effects{}
	}
	d.AwaitStart = false
	effects := m.close(*r, &d)
	_ = d.write(r) // it was read: it can be written
	return effects
}

// resumed opens the flow of a push for the consumer's start that the provider
// took, where a suspension of the provider came while it was on its way.
func (m *domain) resumed(r engine.Record, d *data) engine.Effects {
	if r.Role != consumer || !Push(d.Format) || d.Flow != flowClosed {
		return engine.Effects{}
	}
	d.Flow = flowOpen
	return m.call(r, *d, verbResume)
}

// close stops the flow until a start. What was granted is void.
func (m *domain) close(r engine.Record, d *data) engine.Effects {
	if d.Flow != flowOpen && d.Flow != flowFinishing {
		return engine.Effects{}
	}
	d.shut(flowClosed)
	return m.call(r, *d, verbSuspend)
}

func (d *data) shut(to flow) {
	d.renews()
	d.Flow, d.Grant = to, ""
	if !Push(d.Format) {
		d.Address = nil
	}
}

// finish closes the flow for a completion of ours. A plane that asks may send no
// more; none is told before the end is certain, since of a flow that is
// suspended none says that it is complete.
func (m *domain) finish(_ engine.Record, d *data) engine.Effects {
	if d.Flow == flowOpen {
		d.shut(flowFinishing)
	}
	return engine.Effects{}
}

// end stops the flow for good.
func (m *domain) end(r engine.Record, d *data, verb string) engine.Effects {
	was := d.Flow
	d.renews()
	d.Flow, d.Grant, d.Address, d.OwesStart, d.AwaitStart = flowEnded, "", nil, false, false
	switch {
	case was == "" && r.Role == provider && !d.Began:
		return engine.Effects{Calls: []engine.Call{{Verb: verbRelease}}}
	case was == "" || was == flowEnded:
		return engine.Effects{}
	}
	return m.call(r, *d, verb)
}

// call asks for a call that no message waits for, if there is a plane that
// knows the flow. One that has a name may be known at another replica alone, for
// now: Do waits for it.
func (m *domain) call(r engine.Record, d data, verb string) engine.Effects {
	p, ok := planeOf(m.planes, r, d)
	switch {
	case !ok && d.Plane == "":
		return engine.Effects{}
	case r.Role == consumer && !d.Prepared && (ok && prepares(p) || !d.Renewed):
		return engine.Effects{}
	}
	return engine.Effects{Calls: []engine.Call{{Verb: verb}}}
}

// renews notes that there is an address whose token is renewed.
func (d *data) renews() {
	if d.Address != nil && !d.Renewed {
		_, d.Renewed = d.Address.Renewal()
	}
}

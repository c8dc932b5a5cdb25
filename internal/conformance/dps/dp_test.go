// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"encoding/json"
	"slices"
	"testing"
)

// dpCase is one test of the kit for data planes.
type dpCase struct {
	id  string
	run func(k *dpKit)
}

// The addresses that an answer has to have.
type dpAddress int

const (
	dpAny dpAddress = iota
	dpNone
	dpSome
)

// dpBegin begins a flow, and dpStep is what the kit does with one.
type (
	dpBegin func(k *dpKit) (flow string)
	dpStep  func(k *dpKit, flow string)
)

// then is a test: a flow is begun, and the steps are done in turn.
func (begin dpBegin) then(steps ...dpStep) func(*dpKit) {
	return func(k *dpKit) {
		flow := begin(k)
		for _, step := range steps {
			step(k, flow)
		}
	}
}

// prepares, starts and pushes begin a flow at once. The last one gives the
// address to push to, as the kit writes it.
func prepares(address dpAddress) dpBegin { return dpAnswer{"prepare", "PREPARED", address}.of(nil) }
func starts(address dpAddress) dpBegin   { return dpAnswer{"start", "STARTED", address}.of(nil) }
func pushes(address dpAddress) dpBegin {
	return dpAnswer{"start", "STARTED", address}.of((*dpKit).pushAddress)
}

// dpAnswer is what prepare or start has to be answered.
type dpAnswer struct {
	verb, state string
	address     dpAddress
}

// of sends it with more members.
func (a dpAnswer) of(with func(*dpKit) map[string]any) dpBegin {
	return func(k *dpKit) string {
		k.t.Helper()
		var more map[string]any
		if with != nil {
			more = with(k)
		}
		s := k.begin(a.verb, a.state, more)
		if a.address != dpAny && (a.address == dpSome) != s.hasAddress() {
			k.t.Fatalf("%s was answered with the address %s", a.verb, s.DataAddress)
		}
		return s.DataFlowID
	}
}

// later is a test of a flow whose beginning is told by a call.
func later(a dpAnswer, with func(*dpKit) map[string]any, told, state string) func(*dpKit) {
	return func(k *dpKit) {
		came := k.expects(told)
		flow := a.of(with)(k)
		k.await(told, came)
		k.poll(flow, state)
	}
}

func (k *dpKit) pushAddress() map[string]any {
	return map[string]any{"dataAddress": map[string]any{"endpointType": "https://w3id.org/idsa/v4.1/HTTP", "endpoint": k.url}}
}

// is waits for a state.
func is(state string) dpStep {
	return func(k *dpKit, flow string) { k.t.Helper(); k.poll(flow, state) }
}

func started(k *dpKit, flow string) {
	k.t.Helper()
	k.notify(flow, "started", map[string]any{"messageId": uuid()})
}

func suspend(k *dpKit, flow string) {
	k.t.Helper()
	k.notify(flow, "suspend", map[string]any{"messageId": uuid()})
	k.poll(flow, "SUSPENDED")
}

func resume(k *dpKit, flow string) {
	k.t.Helper()
	var s dpStatus
	if err := json.Unmarshal(k.notify(flow, "resume", map[string]any{"messageId": uuid()}), &s); err != nil || s.State != "STARTED" {
		k.t.Fatalf("resume was answered %+v: %v", s, err)
	}
	k.poll(flow, "STARTED")
}

func terminate(k *dpKit, flow string) {
	k.t.Helper()
	k.notify(flow, "terminate", map[string]any{"messageId": uuid(), "reason": "any"})
	k.poll(flow, "TERMINATED")
}

func complete(k *dpKit, flow string) {
	k.t.Helper()
	k.notify(flow, "completed", map[string]any{})
	k.poll(flow, "COMPLETED")
}

// completes registers for completed only now, and waits for it.
func completes(k *dpKit, _ string) {
	k.t.Helper()
	k.await("completed", k.expects("completed"))
}

var dpCases = []dpCase{
	{"DP_C_PULL_01_01", prepares(dpNone).then(started, is("STARTED"))},
	{"DP_C_PULL_01_02", prepares(dpNone).then(started, terminate)},
	{"DP_C_PULL_02_01", prepares(dpNone).then(started, suspend, resume)},
	{"DP_C_PULL_02_02", prepares(dpAny).then(started, suspend, terminate)},
	{"DP_C_PULL_03_01", prepares(dpAny).then(is("PREPARED"), started, is("STARTED"), completes)},
	{"DP_C_PULL_04_01", later(dpAnswer{"prepare", "PREPARING", dpNone}, nil, "prepared", "PREPARED")},

	{"DP_P_PULL_01_01", starts(dpSome).then(is("STARTED"), complete)},
	{"DP_P_PULL_01_02", starts(dpSome).then(is("STARTED"), terminate)},
	{"DP_P_PULL_02_01", starts(dpAny).then(suspend, resume)},
	{"DP_P_PULL_02_02", starts(dpAny).then(suspend, terminate)},
	{"DP_P_PULL_04_01", later(dpAnswer{"start", "STARTING", dpAny}, nil, "started", "STARTED")},

	{"DP_C_PUSH_01_01", prepares(dpSome).then(started, is("STARTED"))},
	{"DP_C_PUSH_01_02", prepares(dpSome).then(started, terminate)},
	{"DP_C_PUSH_02_01", prepares(dpSome).then(started, suspend, resume)},
	{"DP_C_PUSH_02_02", prepares(dpSome).then(started, suspend, terminate)},
	{"DP_C_PUSH_03_01", prepares(dpSome).then(started, is("STARTED"), complete)},
	{"DP_C_PUSH_04_01", later(dpAnswer{"prepare", "PREPARING", dpAny}, nil, "prepared", "PREPARED")},

	{"DP_P_PUSH_01_01", pushes(dpNone).then(is("STARTED"))},
	{"DP_P_PUSH_01_02", pushes(dpNone).then(terminate)},
	{"DP_P_PUSH_02_01", pushes(dpAny).then(suspend, resume)},
	{"DP_P_PUSH_02_02", pushes(dpAny).then(suspend, terminate)},
	{"DP_P_PUSH_03_01", pushes(dpAny).then(is("STARTED"), completes)},
	{"DP_P_PUSH_04_01", later(dpAnswer{"start", "STARTING", dpAny}, (*dpKit).pushAddress, "started", "STARTED")},
}

// testDataPlane plays the kit's tests of a data plane.
func testDataPlane(t *testing.T) { runDataPlane(t, slices.Concat(dpCases, dpHTTPCases)) }

// TestDataPlaneVariants goes beyond the kit.
func TestDataPlaneVariants(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes two seconds")
	}
	runDataPlane(t, dpVariants)
}

// runDataPlane runs tests, each as a control plane of its own.
func runDataPlane(t *testing.T, cases []dpCase) {
	kits := map[string]*dpKit{}
	for _, c := range cases {
		kits[c.id] = newDPKit(t)
	}
	dpServe(t, kits)
	for _, c := range cases {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			k := kits[c.id]
			k.t = t
			c.run(k)
		})
	}
}

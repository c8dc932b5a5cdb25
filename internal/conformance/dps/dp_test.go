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

// prepare and start begin a flow.
func (k *dpKit) prepare(address dpAddress) string {
	k.t.Helper()
	return k.begins("prepare", "PREPARED", address, nil)
}

func (k *dpKit) start(address dpAddress) string {
	k.t.Helper()
	return k.begins("start", "STARTED", address, nil)
}

// push starts with the address to push to, as the kit writes it.
func (k *dpKit) push(state string, address dpAddress) string {
	k.t.Helper()
	return k.begins("start", state, address, map[string]any{
		"dataAddress": map[string]any{"endpointType": "https://w3id.org/idsa/v4.1/HTTP", "endpoint": k.url},
	})
}

func (k *dpKit) begins(verb, state string, address dpAddress, with map[string]any) string {
	k.t.Helper()
	s := k.begin(verb, state, with)
	if address != dpAny && (address == dpSome) != s.hasAddress() {
		k.t.Fatalf("%s was answered with the address %s", verb, s.DataAddress)
	}
	return s.DataFlowID
}

func (k *dpKit) started(flow string) {
	k.t.Helper()
	k.notify(flow, "started", map[string]any{"messageId": uuid()})
}

func (k *dpKit) suspend(flow string) {
	k.t.Helper()
	k.notify(flow, "suspend", map[string]any{"messageId": uuid()})
	k.poll(flow, "SUSPENDED")
}

func (k *dpKit) resume(flow string) {
	k.t.Helper()
	var s dpStatus
	if err := json.Unmarshal(k.notify(flow, "resume", map[string]any{"messageId": uuid()}), &s); err != nil || s.State != "STARTED" {
		k.t.Fatalf("resume was answered %+v: %v", s, err)
	}
	k.poll(flow, "STARTED")
}

func (k *dpKit) terminate(flow string) {
	k.t.Helper()
	k.notify(flow, "terminate", map[string]any{"messageId": uuid(), "reason": "any"})
	k.poll(flow, "TERMINATED")
}

func (k *dpKit) complete(flow string) {
	k.t.Helper()
	k.notify(flow, "completed", map[string]any{})
	k.poll(flow, "COMPLETED")
}

// completes registers for completed only now, and waits for it.
func (k *dpKit) completes() {
	k.t.Helper()
	k.await("completed", k.expects("completed"))
}

var dpCases = []dpCase{
	{"DP_C_PULL_01_01", func(k *dpKit) {
		f := k.prepare(dpNone)
		k.started(f)
		k.poll(f, "STARTED")
	}},
	{"DP_C_PULL_01_02", func(k *dpKit) {
		f := k.prepare(dpNone)
		k.started(f)
		k.terminate(f)
	}},
	{"DP_C_PULL_02_01", func(k *dpKit) {
		f := k.prepare(dpNone)
		k.started(f)
		k.suspend(f)
		k.resume(f)
	}},
	{"DP_C_PULL_02_02", func(k *dpKit) {
		f := k.prepare(dpAny)
		k.started(f)
		k.suspend(f)
		k.terminate(f)
	}},
	{"DP_C_PULL_03_01", func(k *dpKit) {
		f := k.prepare(dpAny)
		k.poll(f, "PREPARED")
		k.started(f)
		k.poll(f, "STARTED")
		k.completes()
	}},
	{"DP_C_PULL_04_01", func(k *dpKit) {
		prepared := k.expects("prepared")
		f := k.begins("prepare", "PREPARING", dpNone, nil)
		k.await("prepared", prepared)
		k.poll(f, "PREPARED")
	}},
	{"DP_P_PULL_01_01", func(k *dpKit) {
		f := k.start(dpSome)
		k.poll(f, "STARTED")
		k.complete(f)
	}},
	{"DP_P_PULL_01_02", func(k *dpKit) {
		f := k.start(dpSome)
		k.poll(f, "STARTED")
		k.terminate(f)
	}},
	{"DP_P_PULL_02_01", func(k *dpKit) {
		f := k.start(dpAny)
		k.suspend(f)
		k.resume(f)
	}},
	{"DP_P_PULL_02_02", func(k *dpKit) {
		f := k.start(dpAny)
		k.suspend(f)
		k.terminate(f)
	}},
	{"DP_P_PULL_04_01", func(k *dpKit) {
		started := k.expects("started")
		f := k.begins("start", "STARTING", dpAny, nil)
		k.await("started", started)
		k.poll(f, "STARTED")
	}},
	{"DP_C_PUSH_01_01", func(k *dpKit) {
		f := k.prepare(dpSome)
		k.started(f)
		k.poll(f, "STARTED")
	}},
	{"DP_C_PUSH_01_02", func(k *dpKit) {
		f := k.prepare(dpSome)
		k.started(f)
		k.terminate(f)
	}},
	{"DP_C_PUSH_02_01", func(k *dpKit) {
		f := k.prepare(dpSome)
		k.started(f)
		k.suspend(f)
		k.resume(f)
	}},
	{"DP_C_PUSH_02_02", func(k *dpKit) {
		f := k.prepare(dpSome)
		k.started(f)
		k.suspend(f)
		k.terminate(f)
	}},
	{"DP_C_PUSH_03_01", func(k *dpKit) {
		f := k.prepare(dpSome)
		k.started(f)
		k.poll(f, "STARTED")
		k.complete(f)
	}},
	{"DP_C_PUSH_04_01", func(k *dpKit) {
		prepared := k.expects("prepared")
		f := k.begins("prepare", "PREPARING", dpAny, nil)
		k.await("prepared", prepared)
		k.poll(f, "PREPARED")
	}},
	{"DP_P_PUSH_01_01", func(k *dpKit) {
		f := k.push("STARTED", dpNone)
		k.poll(f, "STARTED")
	}},
	{"DP_P_PUSH_01_02", func(k *dpKit) {
		k.terminate(k.push("STARTED", dpNone))
	}},
	{"DP_P_PUSH_02_01", func(k *dpKit) {
		f := k.push("STARTED", dpAny)
		k.suspend(f)
		k.resume(f)
	}},
	{"DP_P_PUSH_02_02", func(k *dpKit) {
		f := k.push("STARTED", dpAny)
		k.suspend(f)
		k.terminate(f)
	}},
	{"DP_P_PUSH_03_01", func(k *dpKit) {
		f := k.push("STARTED", dpAny)
		k.poll(f, "STARTED")
		k.completes()
	}},
	{"DP_P_PUSH_04_01", func(k *dpKit) {
		started := k.expects("started")
		f := k.push("STARTING", dpAny)
		k.await("started", started)
		k.poll(f, "STARTED")
	}},
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

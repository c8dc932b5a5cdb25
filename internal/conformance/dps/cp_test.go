// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/conformance/dps"
	"github.com/musubi-ods/musubi/internal/testkit"
)

// bench is a control plane under test and the kit around it. The kit plays the
// other participant, and its data plane.
type bench struct {
	t                   *testing.T
	kit                 *kit
	protocol, signaling string // base URLs of the control plane
	trigger             string
	as                  string // Authorization of the kit's own messages
	async               bool
	slow                time.Duration // of each of the kit's answers
	pid                 string        // of the process, once it is known
	request             *route
}

// newBench starts a control plane for one test.
func newBench(t *testing.T, as string, async bool, slow time.Duration) *bench {
	return newStand(t).bench(t, as, async, slow)
}

// stand is a control plane and a kit, for any number of tests.
type stand struct {
	kit     *kit
	cut     *dps.ControlPlane
	trigger string
}

func newStand(t *testing.T) *stand {
	k := newKit(t)
	cut, err := dps.Start(t.Context(), dps.Config{Kit: k.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cut.Stop(t.Context()) })
	hook := httptest.NewServer(cut.Trigger())
	t.Cleanup(hook.Close)
	return &stand{kit: k, cut: cut, trigger: hook.URL}
}

// bench awaits nothing more of earlier tests.
func (s *stand) bench(t *testing.T, as string, async bool, slow time.Duration) *bench {
	s.kit.reset()
	b := &bench{
		t: t, kit: s.kit, protocol: s.cut.Protocol(), signaling: s.cut.Signaling(), trigger: s.trigger,
		as: `{"clientId":"` + as + `"}`, async: async, slow: slow,
	}
	b.register()
	return b
}

// register answers as the other participant, as long as the test runs.
func (b *bench) register() {
	b.request = b.kit.always("/transfers/request", func(m message) reply {
		return reply{Body: map[string]any{
			"@context": dspContext, "@type": "TransferProcess", "providerPid": uuid(), "consumerPid": m.Body["consumerPid"],
		}, Pause: b.slow}
	})
	b.kit.always("/transfers/([^/]+)/start", func(m message) reply {
		return reply{Body: map[string]any{
			"@context": dspContext, "@type": "TransferProcess", "providerPid": m.Body["providerPid"], "consumerPid": uuid(),
		}, Pause: b.slow}
	})
}

// told awaits, as data plane, one message about a flow. It is not there to be
// called before what provokes it is about to be sent.
func (b *bench) told(verb, schema string) *route {
	var body any = map[string]any{}
	if verb == "resume" {
		body = map[string]any{"state": "STARTED"}
	}
	return b.kit.await("/dataflows/([^/]+)/"+verb, schema, func(message) reply { return reply{Body: body, Pause: b.slow} })
}

const dspContext = "https://w3id.org/dspace/2025/1/context.jsonld"

// begun answers prepare or start. The asynchronous data plane calls back within
// a tenth of a second: where its answer is slow, before that arrives.
func (b *bench) begun(now, soon, path string) func(message) reply {
	return func(m message) reply {
		if !b.async {
			return reply{Body: map[string]any{"state": now}, Pause: b.slow}
		}
		id := uuid()
		process, _ := m.Body["processId"].(string)
		go func() {
			after(glance / 2)
			post(b.t, b.signaling+"/transfers/"+process+"/dataflow/"+path, "", map[string]any{"dataFlowId": id, "state": now})
		}()
		return reply{
			Status: http.StatusAccepted, Header: map[string]string{"Location": "/dataflows/" + id + "/status"},
			Body: map[string]any{"dataFlowId": id, "state": soon}, Pause: b.slow,
		}
	}
}

// say sends a message of the kit about the process: our pid is always in
// providerPid, and the other one matches nothing.
func (b *bench) say(verb string) {
	b.t.Helper()
	kind := map[string]string{"start": "Start", "completion": "Completion", "suspension": "Suspension", "termination": "Termination"}[verb]
	post(b.t, b.protocol+"/transfers/"+b.pid+"/"+verb, b.as, map[string]any{
		"@context": dspContext, "@type": "Transfer" + kind + "Message", "providerPid": b.pid, "consumerPid": uuid(),
	})
}

// sees polls the state of the process.
func (b *bench) sees(state string) {
	b.t.Helper()
	poll(b.t, b.protocol+"/transfers/"+b.pid, b.as, state)
}

// consumer has the control plane begin a transfer, up to STARTED.
func (b *bench) consumer() {
	b.t.Helper()
	prepare := b.kit.await("/dataflows/prepare", schemaPrepare, b.begun("PREPARED", "PREPARING", "prepared"))
	out := post(b.t, b.trigger+"/dataflows/trigger", "", map[string]any{
		"agreementId": dps.AgreementAsConsumer, "datasetId": uuid(), "dataPlaneUrl": b.kit.URL, "dspUrl": b.kit.URL, "async": b.async,
	})
	id, _ := out["id"].(string)
	m := prepare.wait(b.t)
	if id == "" || m.Body["processId"] != id {
		b.t.Fatalf("the trigger was answered %v, and prepare names the process %v", out, m.Body["processId"])
	}
	r := b.request.wait(b.t)
	b.pid, _ = r.Body["consumerPid"].(string)
	if callback, _ := r.Body["callbackAddress"].(string); callback != b.protocol || strings.HasSuffix(callback, "/") {
		b.t.Fatalf("the callback address is %q", callback)
	}
	b.sees("REQUESTED")
	started := b.told("started", schemaStarted)
	b.say("start")
	started.wait(b.t)
	b.sees("STARTED")
}

// provider asks the control plane for a transfer, up to the start of its data
// plane.
func (b *bench) provider() {
	b.t.Helper()
	start := b.kit.await("/dataflows/start", schemaStart, b.begun("STARTED", "STARTING", "started"))
	out := post(b.t, b.protocol+"/transfers/request", b.as, map[string]any{
		"@context": dspContext, "@type": "TransferRequestMessage", "consumerPid": uuid(), "callbackAddress": b.kit.URL,
		"agreementId": dps.AgreementAsProvider, "format": dps.Format,
	})
	if b.pid, _ = out["providerPid"].(string); b.pid == "" {
		b.t.Fatalf("the request was answered %v", out)
	}
	if m := start.wait(b.t); m.Body["processId"] != b.pid {
		b.t.Fatalf("start names the process %v, not %s", m.Body["processId"], b.pid)
	}
}

// tells sends messages of the kit, each once the data plane was told of the one
// before, and of the last one.
func (b *bench) tells(verbs ...string) {
	b.t.Helper()
	for _, verb := range verbs {
		next := map[string][2]string{
			"start": {"resume", schemaResume}, "suspension": {"suspend", schemaSuspend}, "completion": {"completed", ""}, "termination": {"terminate", schemaTerminate},
		}[verb]
		told := b.told(next[0], next[1])
		b.say(verb)
		told.wait(b.t)
	}
}

// consumes is a test of the control plane as consumer, which begins a transfer
// and is sent messages, and provides one as provider, which is asked for it.
func consumes(verbs ...string) func(*bench) {
	return func(b *bench) {
		b.consumer()
		b.tells(verbs...)
		b.sees(map[string]string{"completion": "COMPLETED", "termination": "TERMINATED"}[verbs[len(verbs)-1]])
	}
}

func provides(verbs ...string) func(*bench) {
	return func(b *bench) {
		b.provider()
		if b.async {
			b.sees("STARTED")
		}
		b.tells(verbs...)
	}
}

// controlPlane are the kit's tests of a control plane, by the ids of the kit.
var controlPlane = []struct {
	id    string
	as    string
	async bool
	play  func(*bench)
}{
	{"CP_C_01_01", dps.Provider, false, consumes("completion")},
	{"CP_C_01_02", dps.Provider, false, consumes("termination")},
	{"CP_C_02_01", dps.Provider, false, consumes("suspension", "start", "completion")},
	{"CP_C_02_02", dps.Provider, false, consumes("suspension", "termination")},
	{"CP_C_03_01", dps.Provider, true, consumes("completion")},
	{"CP_P_01_01", dps.Consumer, false, provides("completion")},
	{"CP_P_01_02", dps.Consumer, false, provides("termination")},
	{"CP_P_02_01", dps.Consumer, false, provides("suspension", "start", "completion")},
	{"CP_P_02_02", dps.Consumer, false, provides("suspension", "termination")},
	{"CP_P_03_01", dps.Consumer, true, provides("completion")},
}

// testControlPlane plays the tests of a control plane.
func testControlPlane(t *testing.T) {
	for _, tt := range controlPlane {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			tt.play(newBench(t, tt.as, tt.async, 0))
		})
	}
}

// TestSlowControlPlane: the same, where the control plane has each answer of the
// data plane, and of the other participant, only 400 ms after it was given.
func TestSlowControlPlane(t *testing.T) {
	t.Parallel()
	for _, tt := range controlPlane {
		if !testkit.Full() && !tt.async && tt.id != "CP_P_02_01" {
			continue // those that race the most stand for the others
		}
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			tt.play(newBench(t, tt.as, tt.async, 400*time.Millisecond))
		})
	}
}

// TestOneControlPlane: all of them in turn against the same control plane, as the
// kit does it. What an earlier test left behind disturbs no later one.
func TestOneControlPlane(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	for _, tt := range controlPlane {
		t.Run(tt.id, func(t *testing.T) { tt.play(s.bench(t, tt.as, tt.async, 0)) })
	}
}

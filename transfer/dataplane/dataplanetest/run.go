// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplanetest

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/transfer"
)

// Context is the participant whose plane is proved.
const Context = "supplier"

// patience bounds every wait. It is never used up where the plane is right.
const patience = time.Minute

// cutTime is how long a stream may live on that was stopped, but for what the
// machine had it wait.
const cutTime = 5 * time.Second

// contract is one sentence and its proof.
type contract struct {
	sentence string
	proof    func(*box)
}

// Run proves the contract of a provider's plane for a format: of a pull or of
// a push, by the name of the format. open is called once for each sentence, has
// the plane serve Control.SourceURL for every dataset, and cleans up by itself.
func Run(t *testing.T, format string, open func(t testing.TB, c *Control) transfer.DataPlane) {
	list := append(verbs(), pulls()...)
	if transfer.Push(format) {
		list = append(verbs(), pushes()...)
	}
	for _, c := range list {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			control := newControl(t)
			b := &box{T: t, control: control, plane: open(t, control), format: format, late: testkit.NewLateness(t)}
			b.client = &http.Client{Transport: &http.Transport{DisableCompression: true}}
			t.Cleanup(b.client.CloseIdleConnections)
			c.proof(b)
		})
	}
}

// box is one subtest.
type box struct {
	*testing.T
	control *Control
	plane   transfer.DataPlane
	format  string
	client  *http.Client
	late    *testkit.Lateness
	calls   int
	kept    func(process string) []string // of a consumer's plane
}

// flow is a transfer that was not heard of before.
func (b *box) flow() transfer.Flow {
	b.calls++
	f := transfer.Flow{
		Context: Context, Process: fmt.Sprintf("urn:uuid:00000000-0000-7000-8000-%012d", b.calls), Role: "provider",
		Participant: "did:web:supplier.example", Counterparty: "did:web:maker.example", Agreement: "urn:example:agreement",
		Dataset: "urn:example:dataset", Format: b.format, Dataspace: "urn:example:dataspace",
	}
	f.ID = f.Process
	if transfer.Push(b.format) {
		f.DataAddress = b.control.inbox.address()
	}
	b.control.open(f)
	return f
}

// next names a new call about the flow.
func (b *box) next(f transfer.Flow) transfer.Flow {
	b.calls++
	f.MessageID = fmt.Sprintf("urn:uuid:call-%d", b.calls)
	return f
}

// starts begins a flow as the control plane does, and has its start go out.
func (b *box) starts(f transfer.Flow) (transfer.Flow, *transfer.DataAddress) {
	b.Helper()
	f = b.next(f)
	s := b.call(b.plane.Start, f, transfer.FlowStarted)
	if s.ID != "" {
		f.ID = s.ID
	}
	b.control.started(f)
	return f, s.DataAddress
}

// resumes begins it again.
func (b *box) resumes(f transfer.Flow) (transfer.Flow, *transfer.DataAddress) {
	b.Helper()
	f = b.next(f)
	s := b.call(b.plane.Resume, f, transfer.FlowStarted)
	b.control.started(f)
	return f, s.DataAddress
}

// stops has the flow rest or end: the control plane writes it down first.
func (b *box) stops(f transfer.Flow, state transfer.FlowState) transfer.Flow {
	b.Helper()
	f = b.next(f)
	f.Reason = "the test wants it"
	b.control.stopped(f, state)
	b.end(f, state)
	return f
}

// end calls the verb that leads to a state.
func (b *box) end(f transfer.Flow, state transfer.FlowState) {
	b.Helper()
	verb := map[transfer.FlowState]func(context.Context, transfer.Flow) error{
		transfer.FlowSuspended: b.plane.Suspend, transfer.FlowCompleted: b.plane.Complete, transfer.FlowTerminated: b.plane.Terminate,
	}[state]
	b.call(func(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
		return transfer.FlowStatus{State: state}, verb(ctx, f)
	}, f, state)
}

// call makes a call as the engine does: again while it fails or is not ready.
func (b *box) call(verb func(context.Context, transfer.Flow) (transfer.FlowStatus, error), f transfer.Flow, want transfer.FlowState) transfer.FlowStatus {
	b.Helper()
	var s transfer.FlowStatus
	var err error
	b.until(fmt.Sprintf("the plane does not come to %s", want), func() bool {
		s, err = verb(b.Context(), f)
		if _, reason, refused := transfer.Refused(err); refused {
			b.Fatalf("the plane refuses: %s", reason)
		}
		f.Asked = err == nil
		return err == nil && s.State == want
	}, func() string { return fmt.Sprintf("%s, %v", s.State, err) })
	return s
}

// is waits for a state, of which there may be several.
func (b *box) is(f transfer.Flow, want ...transfer.FlowState) {
	b.Helper()
	var s transfer.FlowStatus
	var err error
	b.until(fmt.Sprintf("the state does not become %v", want), func() bool {
		s, err = b.plane.Status(b.Context(), f)
		for _, w := range want {
			if err == nil && s.State == w {
				return true
			}
		}
		return false
	}, func() string { return fmt.Sprintf("%s, %v", s.State, err) })
}

// until looks again and again.
func (b *box) until(what string, done func() bool, is func() string) {
	b.Helper()
	tick, late := time.NewTicker(10*time.Millisecond), time.NewTimer(patience)
	defer tick.Stop()
	defer late.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-late.C:
			b.Fatalf("%s: %s", what, is())
		}
	}
}

// soon fails where more than cutTime was needed since a moment.
func (b *box) soon(began time.Time) {
	b.Helper()
	now := time.Now()
	if now.Sub(began)-b.late.Between(began, now) > cutTime {
		b.Fatalf("it took %v to stop, more than %v", now.Sub(began), cutTime)
	}
}

// ended are the states of a flow that is over.
var ended = []transfer.FlowState{transfer.FlowCompleted, transfer.FlowTerminated}

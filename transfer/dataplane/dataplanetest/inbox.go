// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplanetest

import (
	"net/http"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
)

// Open opens a consumer's plane for one sentence of the contract, and cleans up
// by itself. kept are the SHA-256, in hex, of the bodies that it has kept of a
// process.
type Open func(t testing.TB, c *Control) (plane transfer.DataPlane, kept func(process string) []string)

// RunInbox proves the contract of a consumer's plane for the format of a push:
// it names an address, and keeps what is sent there while the transfer runs. The
// suite sends as any provider does, by a POST of the whole.
func RunInbox(t *testing.T, format string, open Open) {
	for _, c := range append(inboxData(), inboxVerbs()...) {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			control := newControl(t)
			b := &box{T: t, control: control, format: format}
			b.plane, b.kept = open(t, control)
			b.client = &http.Client{Transport: &http.Transport{DisableCompression: true}}
			t.Cleanup(b.client.CloseIdleConnections)
			c.proof(b)
		})
	}
}

// inboxData are the contracts about the address and what is sent to it.
func inboxData() []contract {
	return []contract{
		{"Prepare returns the address to push to, and again one that is good", func(b *box) {
			f, _ := b.prepares()
			a := b.call(b.plane.Prepare, f, transfer.FlowPrepared).DataAddress
			f = b.begins(f)
			b.takes(f, a)
		}},
		{"nothing is taken before the transfer has started", func(b *box) {
			f, a := b.prepares()
			b.refuses(f, a)
			b.takes(b.begins(f), a)
		}},
		{"what is pushed while the transfer runs is kept", func(b *box) {
			f, a := b.prepares()
			f = b.begins(f)
			b.takes(f, a)
			b.is(f, transfer.FlowStarted, transfer.FlowCompleted)
		}},
		{"an address is worth nothing without its token, nor with another flow's", func(b *box) {
			f, a := b.prepares()
			g, other := b.prepares()
			f, g = b.begins(f), b.begins(g)
			b.refuses(f, &transfer.DataAddress{Endpoint: a.Endpoint})
			b.refuses(f, &transfer.DataAddress{Endpoint: a.Endpoint, Properties: other.Properties})
			b.refuses(g, &transfer.DataAddress{Endpoint: other.Endpoint, Properties: a.Properties})
			b.takes(f, a)
			b.takes(g, other)
		}},
		{"nothing is taken after Suspend, and what comes after Resume is", func(b *box) {
			f, a := b.prepares()
			f = b.stops(b.begins(f), transfer.FlowSuspended)
			b.refuses(f, a)
			f, a = b.continues(f, a)
			b.takes(f, a)
		}},
		{"a fresh address of Resume voids the earlier one once it is used", func(b *box) {
			f, first := b.prepares()
			f = b.stops(b.begins(f), transfer.FlowSuspended)
			f, second := b.continues(f, first)
			if second == first {
				b.Skip("the plane keeps its address")
			}
			b.takes(f, second)
			b.turned(first)
			f = b.stops(f, transfer.FlowSuspended)
			_, third := b.continues(f, second)
			b.turned(first)
			if status := b.send(third); status/100 != 2 {
				b.Fatalf("the address after the second Resume: status %d", status)
			}
			b.turned(second)
		}},
	}
}

// inboxVerbs are those about what the verbs do, and to a body that is on its
// way.
func inboxVerbs() []contract {
	return []contract{
		{"a body that is on its way is cut by Suspend, and is taken after Resume", func(b *box) {
			f, a := b.prepares()
			f = b.begins(f)
			cut := b.sends(a)
			f = b.stops(f, transfer.FlowSuspended)
			b.ends(f, cut)
			f, a = b.continues(f, a)
			b.takes(f, a)
		}},
		{"a body that is on its way is cut by Terminate", cutInbox(transfer.FlowTerminated)},
		{"a body that is on its way is cut by Complete", cutInbox(transfer.FlowCompleted)},
		{"every verb has the effect of one call, however often it is made", func(b *box) {
			f, a := b.prepares()
			b.is(f, transfer.FlowPrepared)
			f = b.begins(f)
			b.call(b.plane.Start, f, transfer.FlowStarted)
			b.is(f, transfer.FlowStarted)
			f = b.stops(f, transfer.FlowSuspended)
			b.end(f, transfer.FlowSuspended)
			b.is(f, transfer.FlowSuspended)
			f, a = b.continues(f, a)
			b.is(f, transfer.FlowStarted)
			b.takes(f, a)
			f = b.stops(f, transfer.FlowCompleted)
			b.end(f, transfer.FlowCompleted)
			b.is(f, ended...)
			b.turned(a)
		}},
		{"what is suspended can be terminated", func(b *box) {
			f, a := b.prepares()
			f = b.stops(b.begins(f), transfer.FlowSuspended)
			f = b.stops(f, transfer.FlowTerminated)
			b.is(f, ended...)
			b.refuses(f, a)
		}},
		{"to terminate a flow that nobody knows is no error", func(b *box) {
			b.end(b.next(b.inboxFlow()), transfer.FlowTerminated)
		}},
	}
}

func cutInbox(state transfer.FlowState) func(*box) {
	return func(b *box) {
		f, a := b.prepares()
		f = b.begins(f)
		cut := b.sends(a)
		f = b.stops(f, state)
		b.ends(f, cut)
		b.refuses(f, a)
	}
}

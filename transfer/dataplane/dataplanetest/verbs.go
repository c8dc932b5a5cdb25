// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplanetest

import (
	"github.com/musubi-ods/musubi/transfer"
)

// verbs are the contracts of every format.
func verbs() []contract {
	return []contract{
		{"Prepare readies, and readies again", func(b *box) {
			f := b.next(b.flow())
			f.Role, f.DataAddress = "consumer", nil
			for range 2 {
				b.call(b.plane.Prepare, f, transfer.FlowPrepared)
			}
		}},
		{"every verb has the effect of one call, however often it is made", func(b *box) {
			b.control.endless.Store(true)
			f, _ := b.starts(b.flow())
			for range 2 {
				b.call(b.plane.Start, f, transfer.FlowStarted)
			}
			b.is(f, transfer.FlowStarted)
			f = b.stops(f, transfer.FlowSuspended)
			b.end(f, transfer.FlowSuspended)
			b.is(f, transfer.FlowSuspended)
			f, _ = b.resumes(f)
			b.call(b.plane.Resume, f, transfer.FlowStarted)
			b.is(f, transfer.FlowStarted)
			f = b.stops(f, transfer.FlowTerminated)
			for range 2 {
				b.end(f, transfer.FlowTerminated)
			}
			b.is(f, ended...)
		}},
		{"Complete ends a flow, and again", func(b *box) {
			b.control.endless.Store(true)
			f, _ := b.starts(b.flow())
			f = b.stops(f, transfer.FlowCompleted)
			b.end(f, transfer.FlowCompleted)
			b.is(f, ended...)
		}},
		{"a suspended flow can be terminated, and resumed never after", func(b *box) {
			b.control.endless.Store(true)
			f, _ := b.starts(b.flow())
			f = b.stops(f, transfer.FlowSuspended)
			f = b.stops(f, transfer.FlowTerminated)
			b.is(f, ended...)
		}},
		{"to terminate a flow that nobody knows is no error", func(b *box) {
			f := b.next(b.flow())
			b.end(f, transfer.FlowTerminated)
		}},
		{"a format that the plane does not serve is refused for good", func(b *box) {
			f := b.next(b.flow())
			f.Format, f.DataAddress = "HttpData-PUSH", b.control.inbox.address()
			if transfer.Push(b.format) {
				f.Format, f.DataAddress = "HttpData-PULL", nil
			}
			var err error
			b.until("the plane does not refuse", func() bool {
				_, err = b.plane.Start(b.Context(), f)
				_, _, refused := transfer.Refused(err)
				return refused
			}, func() string { return errorText(err) })
		}},
	}
}

func errorText(err error) string {
	if err == nil {
		return "there is no error"
	}
	return err.Error()
}

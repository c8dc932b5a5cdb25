// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplanetest

import (
	"bytes"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// pushes are the contracts of planes that push to the consumer.
func pushes() []contract {
	return []contract{
		{"Start pushes the data to the address, and says when it is there", func(b *box) {
			f, _ := b.starts(b.flow())
			b.arrives()
			b.completes(f)
		}},
		{"a Start that is made again pushes under the same key", func(b *box) {
			f, _ := b.starts(b.flow())
			b.call(b.plane.Start, f, transfer.FlowStarted)
			b.arrives()
			b.completes(f)
			b.call(b.plane.Start, f, transfer.FlowStarted)
			b.control.inbox.mu.Lock()
			defer b.control.inbox.mu.Unlock()
			if n := len(b.control.inbox.keys); n != 1 {
				b.Errorf("%d keys for one push", n)
			}
		}},
		{"what the receiver refuses for now is pushed again", func(b *box) {
			b.control.inbox.mu.Lock()
			b.control.inbox.fail = 2
			b.control.inbox.mu.Unlock()
			f, _ := b.starts(b.flow())
			b.arrives()
			b.completes(f)
		}},
		{"a push that is on its way is cut by Suspend, and goes on after Resume", func(b *box) {
			b.control.endless.Store(true)
			f, _ := b.starts(b.flow())
			b.pushing()
			f = b.stops(f, transfer.FlowSuspended)
			b.silent()
			b.control.endless.Store(false)
			f, _ = b.resumes(f)
			b.arrives()
			b.completes(f)
		}},
		{"a push that is on its way is cut by Terminate", func(b *box) {
			b.control.endless.Store(true)
			f, _ := b.starts(b.flow())
			b.pushing()
			b.stops(f, transfer.FlowTerminated)
			b.silent()
		}},
	}
}

// arrives waits for a body, which must be the data.
func (b *box) arrives() {
	b.Helper()
	i := b.control.inbox
	b.until("the data does not arrive", func() bool { whole, _, _ := i.now(); return whole > 0 }, i.say)
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, body := range i.whole {
		if !bytes.Equal(body, data) {
			b.Fatalf("%d bytes arrived that are not the %d of the data", len(body), len(data))
		}
	}
	if i.strays > 0 {
		b.Errorf("%d requests came without the address's authorization", i.strays)
	}
}

func (i *inbox) say() string {
	whole, open, taken := i.now()
	i.mu.Lock()
	defer i.mu.Unlock()
	return fmt.Sprintf("%d requests, %d of them whole, %d open, %d bytes", i.begun, whole, open, taken)
}

// completes waits until the plane says that it is done.
func (b *box) completes(f transfer.Flow) {
	b.Helper()
	b.until("the plane does not say that it is done", func() bool { return b.control.signalled(f, transfer.FlowCompleted) }, b.control.inbox.say)
}

// pushing waits until a body is on its way.
func (b *box) pushing() {
	b.Helper()
	i := b.control.inbox
	b.until("nothing is pushed", func() bool { _, open, taken := i.now(); return open > 0 && taken > 64<<10 }, i.say)
}

// silent fails unless nothing is being pushed soon, and nothing begins.
func (b *box) silent() {
	b.Helper()
	i := b.control.inbox
	began := time.Now()
	b.until("it is still pushed", func() bool { _, open, _ := i.now(); return open == 0 }, i.say)
	b.soon(began)
	_, _, before := i.now()
	quiet := time.NewTimer(300 * time.Millisecond)
	defer quiet.Stop()
	<-quiet.C
	if whole, _, after := i.now(); after != before || whole > 0 {
		b.Fatalf("%d bytes more came after the end, %d bodies whole", after-before, whole)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplanetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// inboxFlow is a transfer of ours as consumer that was not heard of before.
func (b *box) inboxFlow() transfer.Flow {
	f := b.flow()
	f.Role, f.DataAddress, f.Context = "consumer", nil, Context
	return f
}

// prepares has a flow readied, and returns where to push to.
func (b *box) prepares() (transfer.Flow, *transfer.DataAddress) {
	b.Helper()
	f := b.next(b.inboxFlow())
	s := b.call(b.plane.Prepare, f, transfer.FlowPrepared)
	if s.DataAddress == nil || s.DataAddress.Endpoint == "" {
		b.Fatalf("the address is %+v", s.DataAddress)
	}
	if s.ID != "" {
		f.ID = s.ID
	}
	return f, s.DataAddress
}

// begins has the provider's start come in.
func (b *box) begins(f transfer.Flow) transfer.Flow {
	b.Helper()
	f = b.next(f)
	b.control.started(f)
	b.call(b.plane.Start, f, transfer.FlowStarted)
	return f
}

// continues resumes a flow, and returns where to push to from then on.
func (b *box) continues(f transfer.Flow, a *transfer.DataAddress) (transfer.Flow, *transfer.DataAddress) {
	b.Helper()
	f, fresh := b.resumes(f)
	if fresh == nil {
		fresh = a
	}
	return f, fresh
}

// send sends all data to an address, and returns the status.
func (b *box) send(a *transfer.DataAddress) int {
	b.Helper()
	return b.post(a, bytes.NewReader(data))
}

func (b *box) post(a *transfer.DataAddress, body io.Reader) int {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, a.Endpoint, body)
	if err != nil {
		b.Error(err)
		return 0
	}
	if token := a.Get(transfer.PropertyAuthorization); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return 0 // cut off
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// takes fails unless data is taken, and kept once more.
func (b *box) takes(f transfer.Flow, a *transfer.DataAddress) {
	b.Helper()
	before := len(b.kept(f.Process))
	if status := b.send(a); status/100 != 2 {
		b.Fatalf("the data is refused with status %d", status)
	}
	sum := sha256.Sum256(data)
	b.until("the data is not kept", func() bool {
		list := b.kept(f.Process)
		return len(list) == before+1 && slices.Contains(list, hex.EncodeToString(sum[:]))
	}, func() string { return fmt.Sprintf("%d bodies, after %d", len(b.kept(f.Process)), before) })
}

// turned fails unless an address is refused.
func (b *box) turned(a *transfer.DataAddress) {
	b.Helper()
	if status := b.send(a); status != 0 && status < 400 {
		b.Fatalf("the data is taken with status %d", status)
	}
}

// refuses fails unless data is refused, and nothing of it kept.
func (b *box) refuses(f transfer.Flow, a *transfer.DataAddress) {
	b.Helper()
	before := len(b.kept(f.Process))
	b.turned(a)
	if n := len(b.kept(f.Process)); n != before {
		b.Fatalf("%d bodies are kept, after %d", n, before)
	}
}

// sends begins to send a body that does not end by itself.
func (b *box) sends(a *transfer.DataAddress) (ended <-chan int) {
	b.Helper()
	r, w := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- b.post(a, r)
		_ = r.CloseWithError(io.ErrClosedPipe)
	}()
	b.Cleanup(func() { _ = w.Close() })
	for range 8 { // more than fits into what lies between
		if _, err := w.Write(data); err != nil {
			b.Fatalf("the body is not read: %v", err)
		}
	}
	return status
}

// ends fails unless a body is refused soon, and not kept.
func (b *box) ends(f transfer.Flow, status <-chan int) {
	b.Helper()
	late := time.NewTimer(cutTime)
	defer late.Stop()
	select {
	case s := <-status:
		if s != 0 && s < 400 {
			b.Fatalf("the body is taken with status %d", s)
		}
	case <-late.C:
		b.Fatalf("the body still flows after %v", cutTime)
	}
	if n := len(b.kept(f.Process)); n != 0 {
		b.Fatalf("%d bodies are kept", n)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplanetest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// pulls are the contracts of planes from which the consumer pulls.
func pulls() []contract {
	return []contract{
		{"Start returns the address of the data", func(b *box) {
			_, a := b.starts(b.flow())
			if a == nil || a.Endpoint == "" || a.EndpointType == "" {
				b.Fatalf("the address is %+v", a)
			}
			b.whole(a)
			b.whole(a)
		}},
		{"a Start that is made again returns an address that is good", func(b *box) {
			f, _ := b.starts(b.flow())
			b.whole(b.call(b.plane.Start, f, transfer.FlowStarted).DataAddress)
		}},
		{"an address is worth nothing without its token, nor with another flow's", func(b *box) {
			_, a := b.starts(b.flow())
			_, other := b.starts(b.flow())
			b.refused(&transfer.DataAddress{Endpoint: a.Endpoint})
			b.refused(&transfer.DataAddress{Endpoint: a.Endpoint, Properties: other.Properties})
			b.refused(&transfer.DataAddress{Endpoint: other.Endpoint, Properties: a.Properties})
			b.whole(a)
			b.whole(other)
		}},
		{"what is asked for after Suspend is refused", func(b *box) {
			f, a := b.starts(b.flow())
			b.whole(a)
			b.stops(f, transfer.FlowSuspended)
			b.refused(a)
		}},
		{"Resume returns a fresh address, and voids the earlier one", func(b *box) {
			f, first := b.starts(b.flow())
			f = b.stops(f, transfer.FlowSuspended)
			f, second := b.resumes(f)
			b.whole(second)
			b.refused(first)
			f = b.stops(f, transfer.FlowSuspended)
			_, third := b.resumes(f)
			b.refused(second)
			b.refused(first)
			b.whole(third)
		}},
		{"a body that is on its way is cut by Suspend", cut(transfer.FlowSuspended)},
		{"a body that is on its way is cut by Terminate", cut(transfer.FlowTerminated)},
		{"a body that is on its way is cut by Complete", cut(transfer.FlowCompleted)},
		{"a flow that was stopped leaves the others alone", func(b *box) {
			b.control.endless.Store(true)
			f, a := b.starts(b.flow())
			_, other := b.starts(b.flow())
			body, otherBody := b.stream(a), b.stream(other)
			b.stops(f, transfer.FlowTerminated)
			b.cut(body)
			b.flows(otherBody)
			_ = otherBody.Close()
		}},
		{"Terminate undoes a Start whose message will not be sent", func(b *box) {
			f := b.next(b.flow())
			a := b.call(b.plane.Start, f, transfer.FlowStarted).DataAddress
			b.end(b.next(f), transfer.FlowTerminated)
			b.refused(a)
		}},
	}
}

// cut is the proof that a state cuts a body and refuses the next.
func cut(state transfer.FlowState) func(*box) {
	return func(b *box) {
		b.control.endless.Store(true)
		f, a := b.starts(b.flow())
		one, two := b.stream(a), b.stream(a)
		b.stops(f, state)
		b.cut(one)
		b.cut(two)
		b.refused(a)
	}
}

// get asks for the data of an address.
func (b *box) get(a *transfer.DataAddress) *http.Response {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, a.Endpoint, http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	if token := a.Get(transfer.PropertyAuthorization); token != "" {
		if !strings.Contains(token, " ") {
			token = "Bearer " + token
		}
		req.Header.Set("Authorization", token)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	return resp
}

// whole fails unless all data comes, and nothing else.
func (b *box) whole(a *transfer.DataAddress) {
	b.Helper()
	if a == nil {
		b.Fatal("there is no address")
	}
	resp := b.get(a)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !bytes.Equal(got, data) {
		b.Fatalf("status %d with %d bytes, of %d: %v: %.200q", resp.StatusCode, len(got), len(data), err, got)
	}
}

// refused fails unless there is an answer that says no, without a byte of data.
func (b *box) refused(a *transfer.DataAddress) {
	b.Helper()
	resp := b.get(a)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode < 400 || bytes.Contains(got, data[:10]) {
		b.Fatalf("status %d: %v: %.200q", resp.StatusCode, err, got)
	}
}

// stream begins to read an endless body.
func (b *box) stream(a *transfer.DataAddress) io.ReadCloser {
	b.Helper()
	resp := b.get(a)
	if resp.StatusCode != http.StatusOK {
		b.Fatalf("status %d", resp.StatusCode)
	}
	b.Cleanup(func() { _ = resp.Body.Close() })
	b.flows(resp.Body)
	return resp.Body
}

// flows fails unless more comes.
func (b *box) flows(body io.Reader) {
	b.Helper()
	if _, err := io.ReadFull(body, make([]byte, 64<<10)); err != nil {
		b.Fatalf("the body does not go on: %v", err)
	}
}

// cut fails unless the body is torn soon, so that nobody takes it for whole.
func (b *box) cut(body io.ReadCloser) {
	b.Helper()
	defer body.Close()
	torn := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, body)
		torn <- err
	}()
	began, limit := time.Now(), time.NewTimer(patience)
	defer limit.Stop()
	select {
	case err := <-torn:
		if err == nil || errors.Is(err, io.EOF) {
			b.Fatal("the body looks as if it had come to its end")
		}
	case <-limit.C:
		b.Fatalf("the body still flows after %v", patience)
	}
	b.soon(began)
}

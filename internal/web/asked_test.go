// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// TestAskedBeforeTheAnswer: a peer that has our first message may ask for the
// process before its own answer has reached us. That is not its mistake; of what
// was never sent it hears nothing.
func TestAskedBeforeTheAnswer(t *testing.T) {
	w := newWorld(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel() // whoever asks does not wait for it
	for _, c := range []struct {
		name   string
		kind   engine.Kind
		sent   bool
		status int
	}{
		{"a negotiation", engine.Negotiation, true, http.StatusServiceUnavailable},
		{"a negotiation that was not sent", engine.Negotiation, false, http.StatusNotFound},
		{"a transfer", engine.Transfer, true, http.StatusServiceUnavailable},
		{"a transfer that was not sent", engine.Transfer, false, http.StatusNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			id, later := newID(), time.Now().Add(time.Hour)
			owed := engine.Work{Context: "supplier", Process: id, Op: engine.OpSend, Key: "urn:message", Due: later}
			if c.sent {
				owed.Owner, owed.LeaseUntil = "another replica", later
			}
			err := w.stores.For("supplier").Commit(t.Context(), engine.Commit{
				Record: engine.Record{
					ID: id, Context: "supplier", Version: 1, Kind: c.kind, Role: engine.Consumer, Peer: idAcme,
					Pending: &engine.Pending{ID: owed.Key, Target: "REQUESTED", Due: later},
				},
				Put: []engine.WorkChange{{Now: owed}},
			})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(gone, http.MethodGet, supplierBase+"/"+string(c.kind)+"s/"+id, http.NoBody)
			r.Header.Set("Authorization", toSupplier)
			rec := httptest.NewRecorder()
			w.protocol.ServeHTTP(rec, r)
			if got := rec.Body.String(); rec.Code != c.status || strings.Contains(got, "member-missing") {
				t.Errorf("it was answered %d %s, want %d", rec.Code, got, c.status)
			}
		})
	}
}

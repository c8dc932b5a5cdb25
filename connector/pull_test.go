// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// orders is a fictional supplier's API, and what it was asked.
type orders struct {
	mu    sync.Mutex
	asked []string
}

func (o *orders) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	o.asked = append(o.asked, r.Method+" "+r.URL.String()+" "+string(body)+" "+r.Header.Get("Authorization"))
	o.mu.Unlock()
	w.Header().Set("X-Total-Count", "7")
	if r.Method == http.MethodPost {
		w.WriteHeader(http.StatusCreated)
	}
	_, _ = io.WriteString(w, "answer to "+r.Method)
}

func (o *orders) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.asked) == 0 {
		return ""
	}
	return o.asked[len(o.asked)-1]
}

// TestPullOfAnAPI: two members, the profile whose tokens are renewed, an API
// behind rules and with a secret of the supplier's, and an application that
// calls its own connector and sees no token.
func TestPullOfAnAPI(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	clock := connector.WithClock(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	s := newSpace(t, clock)
	s.opts = []connector.Option{clock}
	supplier, maker := s.member(t, "supplier"), s.member(t, "maker")
	know(t, supplier, maker)
	api := &orders{}
	if err := supplier.PutSecret(t.Context(), "erp", "s3cr3t"); err != nil {
		t.Fatal(err)
	}
	err := supplier.Publish(t.Context(), []catalog.Asset{{
		ID: dataset, Formats: []string{transfer.ProfileHTTPPull, pull}, Source: catalog.Source{
			Type: catalog.SourceHTTP, URL: serve(t, api) + "/v2", Headers: map[string]string{"Authorization": "Bearer {secret:erp}"},
			Passage: catalog.Passage{
				Paths: []catalog.PathRule{{Path: "/"}, {Path: "/orders/*", Methods: []string{"GET", "POST"}}},
				Query: []string{"page"}, Response: catalog.HeaderRules{Pass: []string{"X-Total-Count"}},
			},
		},
	}}, []catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use"), Usage: policy.Permit("use")}})
	if err != nil {
		t.Fatal(err)
	}
	n := maker.negotiate(t, proposalOf(supplier.id), "FINALIZED")
	asked, err := maker.Request(t.Context(), transfer.RequestArgs{Agreement: n.AgreementID, Format: transfer.ProfileHTTPPull})
	if err != nil {
		t.Fatal(err)
	}
	p := maker.awaitTransfer(t, asked.ID, "STARTED", nil)
	app := serve(t, maker.PullHandler(p.ID))

	got := call(t, http.MethodPost, app+"/orders/7?page=2", "", `{"amount":1}`)
	if got.status != http.StatusCreated || got.body != "answer to POST" || got.header.Get("X-Total-Count") != "7" || got.header.Get("X-Trackingid") == "" {
		t.Errorf("%d %q %v", got.status, got.body, got.header)
	}
	if want := `POST /v2/orders/7?page=2 {"amount":1} Bearer s3cr3t`; api.last() != want {
		t.Errorf("the source was asked %q, want %q", api.last(), want)
	}
	for _, tc := range []struct{ method, below, code string }{
		{http.MethodDelete, "/orders/7", "method-not-allowed"}, {http.MethodGet, "/invoices", "path-not-found"}, {http.MethodGet, "/orders/7?all=1", "query-not-allowed"},
	} {
		if got := call(t, tc.method, app+tc.below, "", ""); !strings.Contains(got.body, tc.code) {
			t.Errorf("%s %s: %d %s", tc.method, tc.below, got.status, got.body)
		}
	}

	for range 2 { // the token has expired: it is renewed, by the DIDs of both
		ahead.Add(int64(6 * time.Minute))
		if got := call(t, http.MethodGet, app+"/", "", ""); got.status != http.StatusOK || got.body != "answer to GET" {
			t.Errorf("%d %q", got.status, got.body)
		}
	}
	if got := maker.pulled(t, p.ID); got != "answer to GET" {
		t.Errorf("%q", got)
	}

	if err := supplier.PutSecret(t.Context(), "erp", "another"); err != nil {
		t.Fatal(err)
	}
	ahead.Add(int64(2 * time.Second)) // then it counts
	if call(t, http.MethodGet, app, "", ""); !strings.HasSuffix(api.last(), " Bearer another") {
		t.Errorf("the source was asked %q", api.last())
	}
	if err := supplier.DeleteSecret(t.Context(), "erp"); err != nil {
		t.Fatal(err)
	}
	ahead.Add(int64(2 * time.Second))
	if got := call(t, http.MethodGet, app, "", ""); got.status != http.StatusBadGateway || !strings.Contains(got.body, "source-credentials-missing") || strings.Contains(got.body, "erp") {
		t.Errorf("%d %s", got.status, got.body)
	}

	before := api.last()
	supplier.does(t, p.PeerPID, negotiation.Suspend)
	maker.awaitTransfer(t, p.ID, "SUSPENDED", nil)
	refused := call(t, http.MethodGet, app, "", "")
	var problem struct{ Code, Message, Hint string }
	if json.Unmarshal([]byte(refused.body), &problem) != nil || refused.status != http.StatusConflict || problem.Code != "no-address" || problem.Hint == "" || api.last() != before {
		t.Errorf("%d %s", refused.status, refused.body)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/negotiation"
)

// ceaseless is data that has no end, as fast as it is read. Nothing but its reader ends it.
type ceaseless struct{ left chan struct{} }

func newCeaseless() *ceaseless { return &ceaseless{left: make(chan struct{}, 10)} }

func (c *ceaseless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() { c.left <- struct{}{} }()
	for r.Context().Err() == nil {
		if _, err := w.Write(make([]byte, 32<<10)); err != nil {
			return
		}
	}
}

// cutBy fails unless data that has begun to come, and has no end, is cut off when
// a transfer is stopped.
func (c *ceaseless) cutBy(t *testing.T, url, authorization string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", authorization)
	resp, err := client(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadFull(resp.Body, make([]byte, 1000)); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp.StatusCode, err)
	}
	stop()
	if _, err := io.Copy(io.Discard, resp.Body); err == nil || ctx.Err() != nil {
		t.Fatalf("it is not cut off: %v", err)
	}
	select {
	case <-c.left:
	case <-time.After(patience):
		t.Error("the provider's data plane sends on")
	}
}

// TestPullStops: what an application reads of a pull is cut off when either side
// suspends or ends it, though the provider's data plane sends on.
func TestPullStops(t *testing.T) {
	t.Parallel()
	data, plane := newCeaseless(), newVendorPlane(t)
	plane.data = data
	provider := startWith(t, "memory:", "supplier", func(c *connector.Config) {
		c.Dataplanes = []connector.RemotePlaneConfig{{
			ID: "vendor", Endpoint: plane.url, Profiles: []string{pull}, Authorization: weCallItBy, Key: keyOfPlane, Roles: []string{"provider"},
		}}
	})
	consumer := startNode(t, "memory:", "maker")
	p := consumer.request(t, agreed(t, provider, consumer, nil), "STARTED")
	app := serve(t, consumer.PullHandler(p.ID))
	data.cutBy(t, app, "", func() { consumer.does(t, p.ID, negotiation.Suspend) })
	consumer.awaitTransfer(t, p.ID, "SUSPENDED", nil)
	consumer.does(t, p.ID, negotiation.Start)
	soon(t, "it does not go on", func() bool {
		p, err := consumer.Transfer(t.Context(), p.ID)
		return err == nil && p.State == "STARTED" && !p.AwaitsStart
	})
	data.cutBy(t, app, "", func() { provider.does(t, p.PeerPID, negotiation.Terminate) })
	if got := call(t, http.MethodGet, app, "", ""); got.status != http.StatusConflict || !strings.Contains(got.body, "no-address") {
		t.Errorf("after the end: %d %s", got.status, got.body)
	}
}

// TestDataPlaneApplicationsStop: the same of a data plane that runs alone, when
// its control plane says so.
func TestDataPlaneApplicationsStop(t *testing.T) {
	t.Parallel()
	data := newCeaseless()
	control := serve(t, http.NotFoundHandler())
	_, provider := startPlane(t, planeConfig("memory:", control, served.Dataset{ID: dataset, Source: served.Source{Type: "http", URL: serve(t, data)}}))
	cfg := planeConfig("memory:", control)
	cfg.Participants = []served.Participant{{Context: "maker", ID: "urn:example:maker", ControlPlane: "cp"}}
	cfg.Applications.Listen = "127.0.0.1:0"
	cfg.Applications.Keys = []served.Application{{Key: "key-of-the-maker", Participant: "maker"}}
	plane, consumer := startPlane(t, cfg)
	post := func(at, path, body string) string {
		t.Helper()
		a := call(t, http.MethodPost, at+"/dataflows/"+path, planeShown, body)
		if a.status != http.StatusOK {
			t.Fatal(path, a.status, a.body)
		}
		return a.body
	}
	turned := strings.NewReplacer("urn:example:supplier", "urn:example:maker", "urn:example:maker", "urn:example:supplier")
	for _, verb := range []string{"suspend", "terminate", "completed"} {
		var started struct{ DataAddress json.RawMessage }
		if err := json.Unmarshal([]byte(post(provider, "start", planeAsk(verb, dataset))), &started); err != nil {
			t.Fatal(err)
		}
		post(consumer, "prepare", turned.Replace(planeAsk(verb, dataset)))
		post(consumer, verb+"/started", `{"messageId":"m2","dataAddress":`+string(started.DataAddress)+`}`)
		data.cutBy(t, "http://"+plane.ApplicationsAddress()+"/maker/pull/"+verb, "Bearer key-of-the-maker", func() {
			post(consumer, verb+"/"+verb, `{"messageId":"m3"}`)
		})
	}
}

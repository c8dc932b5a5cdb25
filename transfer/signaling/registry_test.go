// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// TestRemovePlane: only what is given no new flow and has none is forgotten, here
// and at other replicas, and may register again.
func TestRemovePlane(t *testing.T) {
	const body = `{"dataplaneId":"new","endpoint":"https://new.example/signaling","profiles":["mqtt-pull"]}`
	c := newControlPlane(t)
	call := func(method, path, body string, want int) {
		t.Helper()
		if w := c.call(method, path, "Bearer key-to-register", body); w.Code != want {
			t.Fatalf("%s: %d %s", method, w.Code, w.Body)
		}
	}
	remove := func(id string, want error) {
		t.Helper()
		if err := c.registry.Remove(t.Context(), "acme", id); !errors.Is(err, want) {
			t.Errorf("removing %s: %v, want %v", id, err, want)
		}
	}
	call("PUT", "/dataplanes", body, http.StatusOK)
	remove("none", signaling.ErrNoPlane)
	remove("new", signaling.ErrPlaneActive)
	remove("mine", signaling.ErrPlaneActive)  // it is configured
	remove("other", signaling.ErrPlaneActive) // for all participants

	handler, registry, set := c.handler, c.registry, c.set
	c.set = transfer.NewSet()
	c.restart() // another replica
	other := c.registry
	c.handler, c.registry = handler, registry
	if err := other.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	call("DELETE", "/dataplanes/new", "", http.StatusNoContent)
	if list := other.List("acme"); len(list) != 1 || list[0].Retired {
		t.Errorf("before it looks, the other replica lists %+v", list)
	}
	c.busy = "t9"
	c.now = c.now.Add(10 * time.Second)
	call("DELETE", "/dataplanes/new", "", http.StatusNoContent) // said again
	c.now = c.now.Add(19 * time.Second)
	remove("new", signaling.ErrPlaneLeaving) // the other replica may give it another one
	c.now = c.now.Add(time.Second)
	remove("new", signaling.ErrPlaneBusy)
	c.busy = ""
	remove("new", nil)
	remove("new", signaling.ErrNoPlane)
	if err := other.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list := other.List("acme"); len(list) > 0 {
		t.Errorf("the other replica lists %+v", list)
	}
	for name, set := range map[string]*transfer.Set{"this replica": set, "the other": c.set} {
		if _, ok := set.Named("acme", "new"); ok {
			t.Errorf("%s has a plane that was removed", name)
		}
	}
	call("PUT", "/dataplanes", body, http.StatusOK)
	c.revoked = true
	remove("new", signaling.ErrPlaneLeaving)
	if k := listedPlane(t, c.registry, "new"); !k.Retired || k.Left {
		t.Errorf("a revoked one that is to be removed: retired %v, left %v", k.Retired, k.Left)
	}
	c.now = c.now.Add(30 * time.Second)
	remove("new", nil)
}

func listedPlane(t *testing.T, r *signaling.Registry, id string) signaling.Known {
	t.Helper()
	for _, k := range r.List("acme") {
		if k.ID == id {
			return k
		}
	}
	t.Fatalf("%s is not listed", id)
	return signaling.Known{}
}

// TestRemovePlaneAlone: where there is no other replica, none is waited for.
func TestRemovePlaneAlone(t *testing.T) {
	c := newControlPlane(t)
	c.alone = true
	c.restart()
	for _, way := range []string{"left", "revoked"} {
		if w := c.call("PUT", "/dataplanes", "Bearer key-to-register", `{"dataplaneId":"new","endpoint":"https://new.example","profiles":["x"]}`); w.Code != http.StatusOK {
			t.Fatal(w.Code, w.Body)
		}
		if c.revoked = way == "revoked"; !c.revoked {
			c.call("DELETE", "/dataplanes/new", "Bearer key-to-register", "")
		}
		if err := c.registry.Remove(t.Context(), "acme", "new"); err != nil {
			t.Errorf("%s: %v", way, err)
		}
	}
}

// TestRemoveOfPlaneThatIsBack: one that registers anew, at another replica, while
// it is removed here stays.
func TestRemoveOfPlaneThatIsBack(t *testing.T) {
	const body = `{"dataplaneId":"new","endpoint":"https://new.example/signaling","profiles":["mqtt-pull"]}`
	c := newControlPlane(t)
	here, handler := c.registry, c.handler
	set := c.set
	c.set = transfer.NewSet()
	c.restart() // another replica
	there := c.handler
	call := func(replica http.Handler, method, path, body string) {
		t.Helper()
		c.handler = replica
		if w := c.call(method, path, "Bearer key-to-register", body); w.Code >= 300 {
			t.Fatalf("%s: %d %s", method, w.Code, w.Body)
		}
	}
	call(handler, "PUT", "/dataplanes", body)
	call(handler, "DELETE", "/dataplanes/new", "")
	c.now = c.now.Add(time.Minute)
	c.meanwhile = func() { c.meanwhile = nil; call(there, "PUT", "/dataplanes", body) }
	if err := here.Remove(t.Context(), "acme", "new"); !errors.Is(err, signaling.ErrPlaneActive) {
		t.Errorf("it was removed: %v", err)
	}
	if err := here.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if listedPlane(t, here, "new").Retired {
		t.Error("it is retired still")
	}
	if _, ok := set.Named("acme", "new"); !ok {
		t.Error("it is not known any more")
	}
}

// TestListTellsWhoLeft: a plane that unregistered is told from one whose key was
// revoked.
func TestListTellsWhoLeft(t *testing.T) {
	c := newControlPlane(t)
	for _, id := range []string{"left", "revoked"} {
		if w := c.call("PUT", "/dataplanes", "Bearer key-to-register", `{"dataplaneId":"`+id+`","endpoint":"https://new.example","profiles":["x"]}`); w.Code != http.StatusOK {
			t.Fatal(w.Code, w.Body)
		}
	}
	if w := c.call("DELETE", "/dataplanes/left", "Bearer key-to-register", ""); w.Code != http.StatusNoContent {
		t.Fatal(w.Code, w.Body)
	}
	c.revoked = true
	for _, k := range c.registry.List("acme") {
		if own := k.ID == "left" || k.ID == "revoked"; own && !k.Retired || k.Left != (k.ID == "left") {
			t.Errorf("%s: retired %v, left %v", k.ID, k.Retired, k.Left)
		}
	}
}

// TestHealthSince: since when a plane does not answer is not changed by each
// failure, and is over with an answer.
func TestHealthSince(t *testing.T) {
	p := newFakePlane(t, map[string][]answer{"/dataflows/p/status": {{status: 502}, {status: 503}, {status: 200, body: `{"dataFlowId":"p","state":"STARTED"}`}, {status: 504}}})
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	client := signaling.NewClient(signaling.ClientConfig{Endpoint: p.URL, HTTP: p.Client(), Now: func() time.Time { return now }})
	began := now
	for i, want := range []time.Time{began, began, {}, began.Add(3 * time.Minute)} {
		_, _ = client.Status(t.Context(), transfer.Flow{Process: "p"})
		if got := client.Health(); !got.Since.Equal(want) || want.IsZero() != got.Failed.IsZero() {
			t.Errorf("after call %d it does not answer since %v, want %v", i, got.Since, want)
		}
		now = now.Add(time.Minute)
	}
}

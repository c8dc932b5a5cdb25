// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

const (
	keyOfPlane = "a-key-of-a-data-plane"
	weCallItBy = "Bearer what-the-plane-knows"
)

// vendorPlane is a data plane of another vendor, which answers as the standard's
// examples do: data addresses have no @type.
type vendorPlane struct {
	url  string
	data http.Handler // at its data address; nil: there is none

	mu    sync.Mutex
	calls []string
	flows int
	down  bool
}

func newVendorPlane(t *testing.T) *vendorPlane {
	p := &vendorPlane{}
	p.url = serve(t, http.HandlerFunc(p.serve))
	return p
}

func (p *vendorPlane) serve(w http.ResponseWriter, r *http.Request) {
	if p.data != nil && r.URL.Path == "/data" {
		p.data.ServeHTTP(w, r)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	verb := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	switch {
	case p.down:
		w.WriteHeader(http.StatusBadGateway)
		return
	case r.Header.Get("Authorization") != weCallItBy:
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	p.calls = append(p.calls, verb)
	address := fmt.Sprintf(`"dataAddress":{"endpointType":"https://w3id.org/idsa/v4.1/HTTP","endpoint":"%s/data","endpointProperties":[{"name":"authorization","value":"token-%d"}]}`, p.url, len(p.calls))
	switch verb {
	case "start":
		var m struct{ ProcessID string }
		_ = json.Unmarshal(body, &m)
		p.flows++
		fmt.Fprintf(w, `{"dataFlowId":"flow-%d","state":"STARTED",%s}`, p.flows, address)
	case "resume":
		fmt.Fprintf(w, `{"state":"STARTED",%s}`, address)
	}
}

func (p *vendorPlane) saw() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.calls, " ")
}

func (p *vendorPlane) goes(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// startWith is startNode with more in its configuration.
func startWith(t *testing.T, store, name string, change func(*connector.Config), opts ...connector.Option) *node {
	t.Helper()
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = store, true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	cfg.Participants = []connector.ParticipantConfig{{Context: name, ID: "urn:example:" + name, Name: name + " (fictional)", Profile: "preshared"}}
	change(&cfg)
	c, err := connector.New(cfg, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return nodeOf(t, c, name)
}

// agreed publishes the dataset with its labels, and concludes an agreement.
func agreed(t *testing.T, provider, consumer *node, labels map[string]string) string {
	t.Helper()
	introduce(t, provider, consumer)
	provider.publish(t, catalog.Source{})
	if err := provider.Publish(t.Context(), []catalog.Asset{{ID: dataset, Labels: labels}}, nil); err != nil {
		t.Fatal(err)
	}
	return consumer.negotiate(t, proposalOf(provider.id), "FINALIZED").AgreementID
}

// signal has a data plane call the provider.
func (n *node) signal(t *testing.T, id, path, key, body string) answer {
	t.Helper()
	return call(t, http.MethodPost, base(n.Connector)+"/"+n.name+"/signaling/transfers/"+id+"/dataflow/"+path, key, body)
}

// TestVendorPlane: a data plane of another vendor serves a transfer from start to
// end, and is the one that says when that is.
func TestVendorPlane(t *testing.T) {
	t.Parallel()
	plane := newVendorPlane(t)
	provider := startWith(t, "memory:", "supplier", func(c *connector.Config) {
		c.Dataplanes = []connector.RemotePlaneConfig{{
			ID: "vendor", Endpoint: plane.url, Profiles: []string{pull}, Authorization: weCallItBy, Key: keyOfPlane, Roles: []string{"provider"},
		}}
	})
	consumer := startNode(t, "memory:", "maker")
	p := consumer.request(t, agreed(t, provider, consumer, nil), "STARTED")
	first := consumer.dataToken(t, p.ID)
	if own := provider.awaitTransfer(t, p.PeerPID, "STARTED", nil); own.Plane != "vendor" || own.FlowID != "flow-1" {
		t.Errorf("the transfer names the plane %q and the flow %q", own.Plane, own.FlowID)
	}
	consumer.does(t, p.ID, negotiation.Suspend)
	consumer.awaitTransfer(t, p.ID, "SUSPENDED", nil)
	provider.awaitTransfer(t, p.PeerPID, "SUSPENDED", func(p transfer.Process) bool { return p.NextTry.IsZero() }) // its plane knows
	consumer.does(t, p.ID, negotiation.Start)
	consumer.awaitTransfer(t, p.ID, "STARTED", func(p transfer.Process) bool { return !p.AwaitsStart })
	if again := consumer.dataToken(t, p.ID); first == "" || again == "" || again == first {
		t.Errorf("the token was %q, and is %q after the resumption", first, again)
	}
	// A fault is shown until the next message, also an acknowledgement.
	provider.awaitTransfer(t, p.PeerPID, "STARTED", func(p transfer.Process) bool { return p.Pending == "" })
	key := "Bearer " + keyOfPlane
	if a := provider.signal(t, p.PeerPID, "errored", key, `{"dataFlowId":"flow-1","state":"STARTED","error":"the disk is full"}`); a.status != 200 {
		t.Errorf("errored was answered %d %s", a.status, a.body)
	}
	provider.awaitTransfer(t, p.PeerPID, "STARTED", func(p transfer.Process) bool {
		return p.LastError != nil && strings.Contains(p.LastError.Reason, "the disk is full")
	})
	agreement := base(provider.Connector) + "/supplier/signaling/transfers/" + p.PeerPID + "/agreement"
	if a := call(t, http.MethodGet, agreement, key, ""); a.status != 200 || !strings.Contains(a.body, `"@context":["https://w3id.org/dspace/2025/1/context.jsonld"]`) || !strings.Contains(a.body, dataset) {
		t.Errorf("the agreement was answered %d %s", a.status, a.body)
	}
	for _, wrong := range []string{"", "Bearer nobody", weCallItBy} {
		if a := provider.signal(t, p.PeerPID, "completed", wrong, `{}`); a.status != http.StatusUnauthorized {
			t.Errorf("completed by %q was answered %d", wrong, a.status)
		}
	}
	if a := provider.signal(t, p.PeerPID, "completed", key, `{"dataFlowId":"flow-1","state":"COMPLETED"}`); a.status != 200 {
		t.Errorf("completed was answered %d %s", a.status, a.body)
	}
	consumer.awaitTransfer(t, p.ID, "COMPLETED", nil)
	provider.awaitTransfer(t, p.PeerPID, "COMPLETED", func(p transfer.Process) bool { return p.NextTry.IsZero() })
	if got := plane.saw(); got != "start suspend resume completed" {
		t.Errorf("the plane saw %q", got)
	}
}

// dataToken is what the consumer got to pull with.
func (n *node) dataToken(t *testing.T, id string) string {
	t.Helper()
	p, err := n.Transfer(t.Context(), id)
	if err != nil || p.DataAddress == nil {
		t.Fatalf("the address is %v: %v", p.DataAddress, err)
	}
	return p.DataAddress.Get("authorization")
}

// TestRegisteredPlane: a data plane registers itself, serves, and is still known
// after a restart; removed, it is given nothing new.
func TestRegisteredPlane(t *testing.T) {
	t.Parallel()
	plane := newVendorPlane(t)
	store := "sqlite:" + filepath.Join(t.TempDir(), "supplier.db")
	open := func() *node {
		return startWith(t, store, "supplier", func(c *connector.Config) {
			c.Signaling.Listen = "127.0.0.1:0"
			c.Signaling.Registration = append(c.Signaling.Registration, struct {
				Key         connector.Secret `yaml:"key"`
				Participant string           `yaml:"participant"`
			}{Key: keyOfPlane})
		})
	}
	at := func(n *node) string { return "http://" + n.SignalingAddress() + "/supplier/signaling/dataplanes" }
	body := fmt.Sprintf(`{"dataplaneId":"own","endpoint":%q,"profiles":[%q],"labels":["tokyo"],"authorization":{"type":"authorization_header","value":%q}}`, plane.url, pull, weCallItBy)
	provider := open()
	if a := call(t, http.MethodPut, at(provider), "Bearer nobody", body); a.status != http.StatusUnauthorized {
		t.Errorf("registered without the key: %d", a.status)
	}
	if a := call(t, http.MethodPut, base(provider.Connector)+"/supplier/signaling/dataplanes", "Bearer "+keyOfPlane, body); a.status != http.StatusNotFound {
		t.Errorf("registered at the protocol listener: %d", a.status)
	}
	if a := call(t, http.MethodPut, at(provider), "Bearer "+keyOfPlane, body); a.status != 200 {
		t.Fatalf("the registration was answered %d %s", a.status, a.body)
	}
	stop(t, provider.Connector)
	provider = open()
	consumer := startNode(t, "memory:", "maker")
	agreement := agreed(t, provider, consumer, map[string]string{"dataplane": "tokyo"})
	p := consumer.request(t, agreement, "STARTED")
	if got := plane.saw(); got != "start" {
		t.Errorf("the plane saw %q", got)
	}
	if a := call(t, http.MethodDelete, at(provider)+"/own", "Bearer "+keyOfPlane, ""); a.status != http.StatusNoContent {
		t.Errorf("the removal was answered %d %s", a.status, a.body)
	}
	refused, err := consumer.Request(t.Context(), transfer.RequestArgs{Agreement: agreement, Format: pull})
	if err != nil {
		t.Fatal(err)
	}
	consumer.awaitTransfer(t, refused.ID, "TERMINATED", nil)
	consumer.does(t, p.ID, negotiation.Complete)
	provider.awaitTransfer(t, p.PeerPID, "COMPLETED", func(p transfer.Process) bool { return p.NextTry.IsZero() })
	if got := plane.saw(); got != "start completed" {
		t.Errorf("the plane saw %q", got)
	}
}

// TestPlaneThatIsDown: new flows go to the plane that answers; what was begun
// with the other goes on once it is back.
func TestPlaneThatIsDown(t *testing.T) {
	t.Parallel()
	east, west := newVendorPlane(t), newVendorPlane(t)
	var ahead atomic.Int64 // the provider's clock stands: how long it remembers a failure is not what is tried
	began := time.Now()
	provider := startWith(t, "memory:", "supplier", func(c *connector.Config) {
		for id, p := range map[string]*vendorPlane{"east": east, "west": west} {
			c.Dataplanes = append(c.Dataplanes, connector.RemotePlaneConfig{ID: id, Endpoint: p.url, Profiles: []string{pull}, Authorization: weCallItBy})
		}
	}, connector.WithClock(func() time.Time { return began.Add(time.Duration(ahead.Load())) }))
	consumer := startNode(t, "memory:", "maker")
	agreement := agreed(t, provider, consumer, nil)
	east.goes(true)
	var waiting string // on the plane that is down
	for try := 0; waiting == "" && try < 50; try++ {
		p, err := consumer.Request(t.Context(), transfer.RequestArgs{Agreement: agreement, Format: pull})
		if err != nil {
			t.Fatal(err)
		}
		// On the plane that works it may have started already.
		if p, err = consumer.AwaitTransfer(t.Context(), p.ID, patience, func(p transfer.Process) bool { return p.PeerPID != "" }); err != nil {
			t.Fatal(err)
		}
		if own, err := provider.Transfer(t.Context(), p.PeerPID); err == nil && own.Plane == "east" {
			waiting = p.PeerPID
		}
	}
	provider.awaitFault(t, waiting)
	for range 10 {
		p := consumer.request(t, agreement, "STARTED")
		if own := provider.awaitTransfer(t, p.PeerPID, "STARTED", nil); own.Plane != "west" {
			t.Fatalf("a new flow was given to %s", own.Plane)
		}
	}
	east.goes(false)
	ahead.Store(int64(5 * time.Minute))       // when it tries again
	consumer.request(t, agreement, "STARTED") // has it look for what is due
	if own := provider.awaitTransfer(t, waiting, "STARTED", nil); own.Plane != "east" {
		t.Errorf("the flow went from east to %s", own.Plane)
	}
}

// awaitFault waits until a call of the data plane has failed.
func (n *node) awaitFault(t *testing.T, id string) {
	t.Helper()
	got, err := n.AwaitTransfer(t.Context(), id, patience, func(p transfer.Process) bool { return p.LastError != nil && p.LastError.Code == "data-plane" })
	if err != nil {
		t.Fatalf("the transfer is %s, last error %+v: %v", got.State, got.LastError, err)
	}
}

// TestPlaneConfig: what is wrong in a configuration of data planes is said.
func TestPlaneConfig(t *testing.T) {
	good := connector.RemotePlaneConfig{ID: "a", Endpoint: "https://plane.example", Profiles: []string{pull}, Key: keyOfPlane}
	for want, change := range map[string]func(*connector.Config){
		"has no id":           func(c *connector.Config) { c.Dataplanes[0].ID = "" },
		"profiles is missing": func(c *connector.Config) { c.Dataplanes[0].Profiles = nil },
		"endpoint":            func(c *connector.Config) { c.Dataplanes[0].Endpoint = "plane.example" },
		"no role":             func(c *connector.Config) { c.Dataplanes[0].Roles = []string{"both"} },
		"not anonymous":       func(c *connector.Config) { c.Dataplanes[0].Anonymous = true },
		"shorter":             func(c *connector.Config) { c.Dataplanes[0].Key = "short" },
		"more than one line":  func(c *connector.Config) { c.Dataplanes[0].Authorization = "a\nb" },
		"oauth2 needs":        func(c *connector.Config) { c.Dataplanes[0].OAuth2.ClientID = "x" },
		"give one of the two": func(c *connector.Config) {
			own := good
			own.Participant = "alpha"
			c.Dataplanes = append(c.Dataplanes, own)
		},
		"there twice":        func(c *connector.Config) { c.Dataplanes = append(c.Dataplanes, good) },
		"signaling.listen":   func(c *connector.Config) { c.Signaling.Listen = "here" },
		"must be a loopback": func(c *connector.Config) { c.Signaling.Listen, c.DevMode = "0.0.0.0:1", true },
	} {
		cfg := connector.Default()
		cfg.Dataplanes = []connector.RemotePlaneConfig{good}
		if err := cfg.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

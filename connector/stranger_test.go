// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust/policy"
)

// A stranger is a counterparty made by hand: it acknowledges whatever comes,
// and says only what the test has it say.
type stranger struct {
	name, id, url string
	to            *node
	inbox         chan delivered
	count         atomic.Int64
}

// delivered is a message that the node sent to the stranger.
type delivered struct {
	path    string // below its DSP base URL
	message string // @type, with the eventType of an event
	body    object
}

type object = map[string]any

// newStranger starts a counterparty that the node knows.
func newStranger(t *testing.T, to *node) *stranger {
	t.Helper()
	s := &stranger{name: "stranger", id: "urn:example:stranger", to: to, inbox: make(chan delivered, 100)}
	s.url = serve(t, s)
	err := to.PutPeer(t.Context(), connector.PeerConfig{
		ID: s.id, URL: s.url, Inbound: tokenOf(s.name, to.name), Outbound: tokenOf(to.name, s.name),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ServeHTTP acknowledges everything, and keeps it for expect.
func (s *stranger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		http.NotFound(w, r)
		return
	}
	body := object{}
	text, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(text, &body)
	}
	if err != nil || r.Header.Get("Authorization") != string(tokenOf(s.to.name, s.name)) {
		http.Error(w, "not understood", http.StatusBadRequest)
		return
	}
	d := delivered{path: r.URL.Path, message: fmt.Sprint(body["@type"]), body: body}
	if event, ok := body["eventType"]; ok {
		d.message += ":" + fmt.Sprint(event)
	}
	s.inbox <- d
	status, process := http.StatusOK, object{"@context": contexts, "consumerPid": body["consumerPid"], "providerPid": body["providerPid"]}
	first := map[string][3]string{
		"/negotiations/request": {"ContractNegotiation", "REQUESTED", "providerPid"},
		"/negotiations/offers":  {"ContractNegotiation", "OFFERED", "consumerPid"},
		"/transfers/request":    {"TransferProcess", "REQUESTED", "providerPid"},
	}
	if f, ok := first[r.URL.Path]; ok {
		status = http.StatusCreated
		process["@type"], process["state"], process[f[2]] = f[0], f[1], s.newPID()
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(process)
}

func (s *stranger) newPID() string { return fmt.Sprintf("urn:example:pid:%d", s.count.Add(1)) }

// expect waits for the next message, which has to be of the name.
func (s *stranger) expect(t *testing.T, message string) delivered {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case d := <-s.inbox:
		if d.message != message {
			t.Fatalf("the stranger got %s %v, want %s", d.message, d.body, message)
		}
		return d
	case <-timer.C:
		t.Fatalf("no %s came", message)
	}
	return delivered{}
}

// silent fails if anything came that was not expected.
func (s *stranger) silent(t *testing.T) {
	t.Helper()
	select {
	case d := <-s.inbox:
		t.Errorf("the stranger got %s at %s", d.message, d.path)
	default:
	}
}

// sends posts a message to the node.
func (s *stranger) sends(t *testing.T, path string, body object) answer {
	t.Helper()
	return call(t, http.MethodPost, s.to.url+path, s.token(), text(t, body))
}

// must is sends for what has to be taken.
func (s *stranger) must(t *testing.T, path string, body object) object {
	t.Helper()
	a := s.sends(t, path, body)
	if a.status/100 != 2 {
		t.Fatalf("%s %s: %d %s", path, body["@type"], a.status, a.body)
	}
	return parse(t, a.body)
}

func (s *stranger) token() string { return string(tokenOf(s.name, s.to.name)) }

func text(t *testing.T, body object) string {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parse(t *testing.T, body string) object {
	t.Helper()
	o := object{}
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return o
}

var contexts = []string{"https://w3id.org/dspace/2025/1/context.jsonld"}

// message makes a message of the protocol; more are names and values.
func message(typ, consumerPID, providerPID string, more ...any) object {
	m := object{"@context": contexts, "@type": typ}
	if consumerPID != "" {
		m["consumerPid"] = consumerPID
	}
	if providerPID != "" {
		m["providerPid"] = providerPID
	}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i].(string)] = more[i+1]
	}
	return m
}

// use permits use, under the constraints given.
func use(constraints ...object) []object {
	rule := object{"action": "use"}
	if len(constraints) > 0 {
		rule["constraint"] = constraints
	}
	return []object{rule}
}

func offered(id, target string, permission []object) object {
	return object{"@type": "Offer", "@id": id, "target": target, "permission": permission}
}

// agreement is one as the stranger would conclude it, as provider.
func (s *stranger) agreement(id string, permission []object) object {
	return object{
		"@type": "Agreement", "@id": id, "target": dataset, "assigner": s.id, "assignee": s.to.id,
		"timestamp": "2026-01-02T03:04:05Z", "permission": permission,
	}
}

// at is a path below a process.
func at(collection, pid, endpoint string) string {
	return strings.TrimRight("/"+collection+"/"+pid+"/"+endpoint, "/")
}

// newPeer makes a further peer known that only has a token, and returns it.
func newPeer(t *testing.T, to *node, name string) string {
	t.Helper()
	err := to.PutPeer(t.Context(), connector.PeerConfig{
		ID: "urn:example:" + name, URL: "http://127.0.0.1:1/" + name, Inbound: tokenOf(name, to.name), Outbound: tokenOf(to.name, name),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(tokenOf(name, to.name))
}

// imported has the node hold an agreement as provider with a peer.
func (n *node) imported(t *testing.T, peer string) (id string) {
	t.Helper()
	id = "urn:example:agreement:imported"
	_, err := n.ImportAgreement(t.Context(), negotiation.Imported{ID: id, Role: "provider", Peer: peer, Target: dataset, Policy: policy.Permit("use")})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// noSource is for what is negotiated and not transferred.
var noSource = catalog.Source{}

// asks opens a negotiation at the node, and returns both pids.
func (s *stranger) asks(t *testing.T) (ours, nodes string) {
	t.Helper()
	ours = s.newPID()
	got := s.must(t, "/negotiations/request", message("ContractRequestMessage", ours, "",
		"callbackAddress", s.url, "offer", offered(offerID, dataset, use())))
	return ours, got["providerPid"].(string)
}

// sees is a GET of a process at the node.
func (s *stranger) sees(t *testing.T, path string) answer {
	t.Helper()
	return call(t, http.MethodGet, s.to.url+path, s.token(), "")
}

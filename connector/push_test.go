// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
	"github.com/musubi-ods/musubi/trust/policy"
)

const pushFormat = "HttpData-PUSH"

// pushed offers a source in the format of a push, and asks for it.
func (n *node) pushed(t *testing.T, provider *node, source catalog.Source, to *transfer.DataAddress, usage policy.Policy) transfer.Process {
	t.Helper()
	err := provider.Publish(t.Context(),
		[]catalog.Asset{{ID: dataset, Formats: []string{pushFormat}, Source: source}},
		[]catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use"), Usage: usage}})
	if err != nil {
		t.Fatal(err)
	}
	proposal := proposalOf(provider.id)
	proposal.Terms.Policy = usage
	agreement := n.negotiate(t, proposal, "FINALIZED").AgreementID
	p, err := n.Request(t.Context(), transfer.RequestArgs{Agreement: agreement, Format: pushFormat, DataAddress: to})
	if err != nil {
		t.Fatal(err)
	}
	return n.awaitTransfer(t, p.ID, "STARTED", func(p transfer.Process) bool { return p.PeerPID != "" })
}

// completed waits until both sides are.
func completed(t *testing.T, provider, consumer *node, p transfer.Process) {
	t.Helper()
	consumer.awaitTransfer(t, p.ID, "COMPLETED", nil)
	provider.awaitTransfer(t, p.PeerPID, "COMPLETED", nil)
}

// TestPush: the provider sends a file into the consumer's sink, and then both
// sides are complete, with the same hash.
func TestPush(t *testing.T) {
	t.Parallel()
	provider, consumer := pairOn(t, sqliteIn(t.TempDir()), nil, nil)
	path, sum := bulkFile(t, 1<<20)
	p := consumer.pushed(t, provider, catalog.Source{Type: catalog.SourceFile, Path: path}, nil, policy.Permit("use"))
	completed(t, provider, consumer, p)
	in, out := consumer.reaches(t, p.ID, "kept", isDone), provider.reaches(t, p.PeerPID, "sent", isDone)
	if in.SHA256 != sum || in.Told != sum || out.SHA256 != sum || out.Offset != 1<<20 {
		t.Errorf("received %+v\nsent %+v\nwant %s", in, out, sum)
	}
	h, err := consumer.Holding(t.Context(), in.ID)
	if err != nil || h.SHA256 != sum || h.Transfer != p.ID {
		t.Errorf("kept %+v, %v", h, err)
	}
}

// halfway is a source of a file, which sends half of it to whoever asks first,
// and then waits for him to go.
type halfway struct {
	path  string
	size  int
	asked atomic.Int64
}

func (s *halfway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"one"`)
	if s.asked.Add(1) == 1 {
		w = newStopping(w, s.size/2, nil, r.Context().Done())
	}
	http.ServeFile(w, r, s.path)
}

// TestPushSuspended: suspended by either side in the middle, a push goes on
// behind what has arrived.
func TestPushSuspended(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"provider", "consumer"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			provider, consumer := pairOn(t, sqliteIn(t.TempDir()), nil, nil)
			path, sum := bulkFile(t, 1<<20)
			p := consumer.pushed(t, provider, catalog.Source{Type: catalog.SourceHTTP, URL: serve(t, &halfway{path: path, size: 1 << 20})}, nil, policy.Permit("use"))
			consumer.reaches(t, p.ID, "begun", func(j transfer.Job) bool { return j.Offset > 1<<18 })
			was, err := consumer.Transfer(t.Context(), p.ID)
			if err != nil || was.DataAddress == nil {
				t.Fatal(was, err)
			}
			by, id := provider, p.PeerPID
			if who == "consumer" {
				by, id = consumer, p.ID
			}
			by.does(t, id, negotiation.Suspend)
			provider.awaitTransfer(t, p.PeerPID, "SUSPENDED", nil)
			consumer.awaitTransfer(t, p.ID, "SUSPENDED", nil)
			held := consumer.reaches(t, p.ID, "held", isHeld)
			if held.Offset == 0 || held.Offset == 1<<20 {
				t.Fatalf("held at %d", held.Offset)
			}
			by.does(t, id, negotiation.Start)
			completed(t, provider, consumer, p)
			if in := consumer.reaches(t, p.ID, "kept", isDone); in.SHA256 != sum {
				t.Errorf("received %+v, want %s", in, sum)
			}
			got := call(t, http.MethodPost, was.DataAddress.Endpoint, "Bearer "+was.DataAddress.Get("authorization"), "more")
			if got.status != http.StatusForbidden || !strings.Contains(got.body, `"transfer-ended"`) {
				t.Errorf("the first token: %d %s", got.status, got.body)
			}
			soon(t, "the evidence of the two does not agree on one body", func() bool {
				ours, err := consumer.Evidence(t.Context(), p.ID, "", 0)
				theirs, failed := provider.Evidence(t.Context(), p.PeerPID, "", 0)
				r := evidence.Match(theirs, ours)
				return err == nil && failed == nil && r.Agree && r.Bodies == 1 && r.Bytes == 1<<20
			})
		})
	}
}

// plain is a receiver that is not ours.
type plain struct {
	mu    sync.Mutex
	tries []http.Header
	body  string
	first []int // statuses, before 200
}

func (p *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, err := io.ReadAll(r.Body)
	h := r.Header.Clone()
	h.Set("Method", r.Method)
	p.tries = append(p.tries, h)
	if n := len(p.tries); n <= len(p.first) {
		if p.first[n-1] == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(p.first[n-1])
		return
	}
	if err == nil {
		p.body = string(text)
	}
}

// TestPushToAnother: a receiver that is not ours gets one request, again from
// the begin for as long as it is in the way, under the same key.
func TestPushToAnother(t *testing.T) {
	t.Parallel()
	provider, consumer := pairOn(t, sqliteIn(t.TempDir()), nil, nil)
	to := &plain{first: []int{http.StatusServiceUnavailable, http.StatusInternalServerError}}
	path, sum := bulkFile(t, 100_000)
	address := &transfer.DataAddress{
		EndpointType: transfer.EndpointTypeHTTP, Endpoint: strings.Replace(serve(t, to), "127.0.0.1", "localhost", 1) + "/in",
		Properties: []transfer.Property{{Name: "authorization", Value: "secret"}, {Name: "authType", Value: "bearer"}},
	}
	p := consumer.pushed(t, provider, catalog.Source{Type: catalog.SourceFile, Path: path}, address, policy.Permit("use"))
	completed(t, provider, consumer, p)
	to.mu.Lock()
	defer to.mu.Unlock()
	hash := sha256.Sum256([]byte(to.body))
	if hex.EncodeToString(hash[:]) != sum || len(to.tries) != 3 {
		t.Errorf("%d bytes in %d tries", len(to.body), len(to.tries))
	}
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(hash[:]) + ":"
	for i, h := range to.tries {
		if h.Get("Idempotency-Key") != to.tries[0].Get("Idempotency-Key") || h.Get("Idempotency-Key") == "" || h.Get("Authorization") != "Bearer secret" || h.Get("Method") != "POST" {
			t.Errorf("try %d: %v", i, h)
		}
	}
	if last := to.tries[len(to.tries)-1]; last.Get("Content-Digest") != digest {
		t.Errorf("the digest is %q, want %q", last.Get("Content-Digest"), digest)
	}
}

// TestPushRefused: what no later try can mend is given up, with a reason.
func TestPushRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		code   string
	}{
		"redirect":  {http.StatusFound, "push-redirected"},
		"too large": {http.StatusRequestEntityTooLarge, "push-refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider, consumer := pairOn(t, sqliteIn(t.TempDir()), nil, nil)
			to := &plain{first: []int{c.status, c.status, c.status}}
			path, _ := bulkFile(t, 1000)
			address := &transfer.DataAddress{EndpointType: transfer.EndpointTypeHTTP, Endpoint: strings.Replace(serve(t, to), "127.0.0.1", "localhost", 1) + "/in"}
			p := consumer.pushed(t, provider, catalog.Source{Type: catalog.SourceFile, Path: path}, address, policy.Permit("use"))
			j := provider.reaches(t, p.PeerPID, "failed", func(j transfer.Job) bool { return j.State == transfer.JobFailed })
			to.mu.Lock()
			tries := len(to.tries)
			to.mu.Unlock()
			if j.Fault == nil || j.Fault.Code != c.code || tries != 1 {
				t.Errorf("%+v after %d tries", j.Fault, tries)
			}
			if got := provider.awaitTransfer(t, p.PeerPID, "STARTED", nil); !got.Open {
				t.Errorf("a push that was given up ended its transfer: %+v", got)
			}
		})
	}
}

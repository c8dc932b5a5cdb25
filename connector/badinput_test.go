// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// wait is a decider that leaves everything to the test.
func wait() []connector.Option {
	return []connector.Option{
		connector.WithNegotiationDecider(negotiation.DeciderFunc(func(_ context.Context, _ negotiation.Negotiation) (negotiation.Decision, error) {
			return negotiation.Decision{}, nil
		})),
		connector.WithTransferDecider(transfer.DeciderFunc(func(_ context.Context, _ transfer.Process) (negotiation.Decision, error) {
			return negotiation.Decision{}, nil
		})),
	}
}

// refusedBy checks an answer to bad input: the status is one of the 4xx, and
// the body is the error message of the protocol with a code and a reason.
func refusedBy(t *testing.T, a answer, status int, fault, reason string) {
	t.Helper()
	var body struct {
		Type   string `json:"@type"`
		Code   string `json:"code"`
		Reason []any  `json:"reason"`
	}
	err := json.Unmarshal([]byte(a.body), &body)
	switch {
	case a.status != status || status/100 != 4:
		t.Errorf("%d %.300s, want %d", a.status, a.body, status)
	case err != nil || body.Type != fault || body.Code == "" || len(body.Reason) == 0:
		t.Errorf("the answer is no %s with a code and a reason: %.300s", fault, a.body)
	case !strings.Contains(fmt.Sprint(body.Code, body.Reason), reason):
		t.Errorf("the reason is %v (%s), want %q", body.Reason, body.Code, reason)
	}
}

// TestBadInput sends what no peer should, to a process in each protocol, and
// compares the process before and after.
func TestBadInput(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, store func(string) string) {
		n := startNode(t, store("supplier"), "supplier", wait()...)
		n.publish(t, noSource)
		s := newStranger(t, n)
		other := newPeer(t, n, "other")
		ours, pid := s.asks(t)
		agreed := n.imported(t, s.id)
		tours := s.newPID()
		tpid := s.must(t, "/transfers/request", message("TransferRequestMessage", tours, "",
			"agreementId", agreed, "format", pull, "callbackAddress", s.url))["providerPid"].(string)

		for _, at := range []struct {
			path, fault, show string
			good              object
		}{
			{at("negotiations", pid, "request"), "ContractNegotiationError", at("negotiations", pid, ""), message("ContractRequestMessage", ours, pid, "offer", offered(offerID, dataset, use()))},
			{at("negotiations", pid, "termination"), "ContractNegotiationError", at("negotiations", pid, ""), message("ContractNegotiationTerminationMessage", ours, pid)},
			{at("transfers", tpid, "termination"), "TransferError", at("transfers", tpid, ""), message("TransferTerminationMessage", tours, tpid)},
			{"/negotiations/request", "ContractNegotiationError", at("negotiations", pid, ""), message("ContractRequestMessage", "urn:example:new", "", "callbackAddress", s.url, "offer", offered(offerID, dataset, use()))},
			{"/transfers/request", "TransferError", at("transfers", tpid, ""), message("TransferRequestMessage", "urn:example:new", "", "agreementId", agreed, "format", pull, "callbackAddress", s.url)},
			{"/catalog/request", "CatalogError", at("negotiations", pid, ""), message("CatalogRequestMessage", "", "")},
		} {
			t.Run(strings.ReplaceAll(strings.Trim(at.path, "/"), "/", " "), func(t *testing.T) {
				before := s.sees(t, at.show)
				for name, c := range badBodies(t, at.good) {
					t.Run(name, func(t *testing.T) {
						refusedBy(t, call(t, http.MethodPost, n.url+at.path, s.token(), c.body), c.status, at.fault, c.reason)
					})
				}
				if strings.Count(at.path, "/") > 2 {
					t.Run("another peer", func(t *testing.T) {
						refusedBy(t, call(t, http.MethodPost, n.url+at.path, other, text(t, at.good)), 404, at.fault, "not-found")
					})
				}
				t.Run("nobody", func(t *testing.T) {
					refusedBy(t, call(t, http.MethodPost, n.url+at.path, "Bearer none", text(t, at.good)), 401, at.fault, "not-authenticated")
				})
				if after := s.sees(t, at.show); after.status != 200 || after.body != before.body {
					t.Errorf("the process was %s and is %d %s", before.body, after.status, after.body)
				}
			})
		}
		if list, err := n.Negotiations(t.Context(), negotiation.Filter{}); err != nil || len(list) != 1 {
			t.Errorf("there are %d negotiations, want 1: %v", len(list), err)
		}
		if list, err := n.Transfers(t.Context(), transfer.Filter{}); err != nil || len(list) != 1 {
			t.Errorf("there are %d transfers, want 1: %v", len(list), err)
		}
		// What was not refused for its content is still taken.
		s.must(t, at("negotiations", pid, "termination"), message("ContractNegotiationTerminationMessage", ours, pid))
		s.must(t, at("transfers", tpid, "termination"), message("TransferTerminationMessage", tours, tpid))
	})
}

type badBody struct {
	body   string
	status int
	reason string
}

// badBodies makes bad ones of a good one.
func badBodies(t *testing.T, good object) map[string]badBody {
	t.Helper()
	with := func(name string, value any) string {
		m := maps.Clone(good)
		m[name] = value
		return text(t, m)
	}
	deep := func(open, end string) string { return strings.Repeat(open, 10_000) + strings.Repeat(end, 10_000) }
	whole := text(t, good)
	prefixed := with("@context", append([]string{"https://nobody.example/context.jsonld"}, contexts...))
	prefixed = strings.Replace(prefixed, `"@type":"`+good["@type"].(string), `"@type":"their:`+good["@type"].(string), 1)
	return map[string]badBody{
		"nothing":              {" ", 400, "malformed"},
		"a text":               {`"x"`, 400, ""},
		"a list":               {"[" + whole + "]", 400, ""},
		"null":                 {"null", 400, ""},
		"half":                 {whole[:len(whole)/2], 400, "malformed"},
		"two":                  {whole + whole, 400, "malformed"},
		"no UTF-8":             {strings.Replace(whole, `"@type"`, "\"x\":\"\xff\xfe\",\"@type\"", 1), 400, ""},
		"a member twice":       {strings.Replace(whole, `"@type"`, `"@type":"x","@type"`, 1), 400, ""},
		"deep lists":           {`{"x":` + deep("[", "]") + `}`, 400, "deep"},
		"deep objects":         {strings.Repeat(`{"x":`, 10_000) + "1" + strings.Repeat("}", 10_000), 400, "deep"},
		"deep, no end":         {strings.Repeat("[", 500_000), 400, ""},
		"deep in a member":     {strings.Replace(whole, `"@type"`, `"x":`+deep("[", "]")+`,"@type"`, 1), 400, "deep"},
		"no context":           {with("@context", nil), 400, "context"},
		"an empty context":     {with("@context", []string{}), 400, "context"},
		"another context":      {with("@context", []string{"https://w3id.org/other"}), 400, "context"},
		"a context of numbers": {with("@context", []int{1}), 400, "context"},
		"unknown and prefixed": {prefixed, 400, "https://nobody.example/context.jsonld"},
		"no type":              {with("@type", nil), 400, "@type"},
		"another type":         {with("@type", "ContractAgreementVerificationMessage"), 400, "expected"},
		"a type of ours alone": {with("@type", "ContractNegotiation"), 400, "expected"},
		"a type that is none":  {with("@type", 7), 400, "@type"},
		"too large":            {`{"x":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "larger"},
	}
}

// TestWrongTypes changes one member of a message at a time into every kind of
// JSON value that it is not.
func TestWrongTypes(t *testing.T) {
	n := startNode(t, "memory:", "supplier", wait()...)
	n.publish(t, noSource)
	s := newStranger(t, n)
	good := func() object {
		return message("ContractRequestMessage", s.newPID(), "", "callbackAddress", s.url, "offer", offered(offerID, dataset, use()))
	}
	for _, member := range []string{"@type", "consumerPid", "callbackAddress", "offer", "offer/@type", "offer/@id", "offer/target", "offer/permission", "offer/permission/0/action"} {
		for _, value := range []any{nil, true, 1, -1.5e300, "", []any{}, object{}, []any{[]any{}}, object{"x": object{}}} {
			if member == "offer/permission" && noConditions[text(t, object{"is": value})] {
				continue // as JSON-LD all of these say: no conditions (wire.ExceptionNoRules)
			}
			m := parse(t, text(t, good()))
			if !put(m, strings.Split(member, "/"), value) {
				t.Fatalf("no member %s", member)
			}
			a := s.sends(t, "/negotiations/request", m)
			if a.status/100 != 4 {
				t.Errorf("%s = %v gives %d %s", member, value, a.status, a.body)
				continue
			}
			refusedBy(t, a, a.status, "ContractNegotiationError", "")
		}
	}
	if list, err := n.Negotiations(t.Context(), negotiation.Filter{}); err != nil || len(list) > 0 {
		t.Errorf("%d negotiations were opened: %v", len(list), err)
	}
	s.must(t, "/negotiations/request", good())
}

var noConditions = map[string]bool{`{"is":null}`: true, `{"is":[]}`: true, `{"is":[[]]}`: true}

// put sets a member of a member.
func put(v any, path []string, value any) bool {
	switch v := v.(type) {
	case object:
		if len(path) == 1 {
			v[path[0]] = value
			return true
		}
		return put(v[path[0]], path[1:], value)
	case []any:
		return len(v) > 0 && put(v[0], path[1:], value)
	}
	return false
}

// TestHugeBody: 100 MB are refused before a byte of them came where they are
// announced, and after the limit where they are not, in bounded memory.
func TestHugeBody(t *testing.T) { // alone: what the process allocates is counted
	n := startNode(t, "memory:", "supplier")
	s := newStranger(t, n)
	const size = 100 << 20
	const head = "POST /supplier/dsp/2025-1/negotiations/request HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: "
	t.Run("announced", func(t *testing.T) {
		conn := raw(t, n)
		fmt.Fprintf(conn, "%s%s\r\nContent-Length: %d\r\n\r\n", head, s.token(), size)
		refusedBy(t, answered(t, conn), 413, "ContractNegotiationError", "larger")
	})
	t.Run("in chunks", func(t *testing.T) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		conn, body := raw(t, n), &zeros{left: size}
		sent := make(chan struct{})
		go func() {
			defer close(sent) // cut off, most likely
			fmt.Fprintf(conn, "%s%s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", head, s.token(), size)
			_, _ = io.Copy(struct{ io.Writer }{conn}, body)
		}()
		refusedBy(t, answered(t, conn), 413, "ContractNegotiationError", "larger")
		conn.Close()
		<-sent
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 20<<20 {
			t.Errorf("%d MB were allocated", got>>20)
		}
		if taken := size - body.left; taken > 50<<20 {
			t.Errorf("%d MB were taken before the refusal", taken>>20)
		}
	})
}

// answered reads the answer from a bare connection.
func answered(t *testing.T, conn net.Conn) answer {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// zeros is a long text. It is read by one goroutine.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	for i := range p[:n] {
		p[i] = '0'
	}
	z.left -= n
	return int(n), nil
}

// raw is a bare connection to a node's protocol listener.
func raw(t *testing.T, n *node) net.Conn {
	t.Helper()
	address, _ := n.Addresses()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestSlowHeader: a client that does not finish its header is cut off, and
// holds up nobody else.
func TestSlowHeader(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes the ten seconds that a header may take")
	}
	t.Parallel()
	n := startNode(t, "memory:", "supplier")
	slow := make([]net.Conn, 50)
	for i := range slow {
		slow[i] = raw(t, n)
		if _, err := io.WriteString(slow[i], "POST /supplier/dsp/2025-1/catalog/request HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
	}
	if a := call(t, http.MethodGet, base(n.Connector)+"/supplier/.well-known/dspace-version", "", ""); a.status != 200 {
		t.Errorf("beside the slow ones: %d", a.status)
	}
	for _, conn := range slow {
		rest, err := io.ReadAll(conn)
		if err != nil || len(rest) > 0 && !strings.HasPrefix(string(rest), "HTTP/1.1 4") {
			t.Errorf("the connection ended with %q: %v", rest, err)
		}
	}
}

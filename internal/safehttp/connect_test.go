// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// recorder is told each address about to be dialled.
type recorder struct {
	mu    sync.Mutex
	addrs []netip.AddrPort
}

func (r *recorder) control(_, address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addrs = append(r.addrs, netip.MustParseAddrPort(address))
}

// denied returns those that the rule forbids.
func (r *recorder) denied(by rule) (list []netip.AddrPort) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.addrs {
		if by.check(a.Addr()) != nil {
			list = append(list, a)
		}
	}
	return list
}

// liar is a name server that gives its answers in turn.
type liar struct {
	mu      sync.Mutex
	answers [][]netip.Addr
	asked   int
}

func (l *liar) answer() []netip.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	return l.answers[l.asked%len(l.answers)]
}

func addrs(list ...string) (out []netip.Addr) {
	for _, a := range list {
		out = append(out, netip.MustParseAddr(a))
	}
	return out
}

// hostile are hosts in the URLs of counterparties that lead, in one spelling or
// another, to where no request may go.
var hostile = []string{
	"127.0.0.1", "[::1]", "localhost", "LOCALHOST.", "db.localhost", "0.0.0.0", "[::]",
	"10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.1.1", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]",
	"169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16",
	"224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1",
	// IPv4 inside IPv6: mapped, compatible, NAT64 and 6to4.
	"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::]",
	// Decimal, octal, hexadecimal, short, mixed and percent-encoded.
	"2130706433", "0177.0.0.1", "0177.0.0.01", "017700000001", "0x7f.0.0.1", "0x7f000001", "0x7f.0.0.0x1", "127.1", "127.0.1", "0", "127.0.0.1.", "%31%32%37.1",
	// Other digits that some readers take for these.
	"①②⑦.0.0.1", "１２７.0.0.1", "127。0。0。1",
}

// lies are what a name server may say, besides the allowed address.
var lies = []string{
	"127.0.0.1", "10.0.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "198.18.0.1",
	"::1", "fe80::1", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:a00:1::", "::7f00:1",
}

// TestNoConnectToDeniedAddress records every address that is about to be
// dialled while counterparties' URLs, name servers and redirects lead to
// addresses that are denied. None of them is dialled. The address that is
// allowed stands for a public one.
func TestNoConnectToDeniedAddress(t *testing.T) {
	const public = "127.0.0.2"
	var location string
	s := serve(t, public+":0", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/redirect") {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.WriteString(w, "hello")
	})
	rec, names, clock := &recorder{}, &liar{answers: [][]netip.Addr{addrs(public)}}, newClock()
	clients := build(t, Config{
		CAFile: s.caFile, Control: rec.control, Resolver: fakeDNS(names.answer), Now: clock.Now,
		Allow: []netip.Prefix{netip.MustParsePrefix(public + "/32")},
	})
	client := clients.Foreign
	sends := []func(*http.Request) (*http.Response, error){client.Do, client.Stream}
	send := func(url string) (passed int) {
		for _, send := range sends {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
			if err != nil {
				continue // not even a URL
			}
			clock.pass(2 * longestPause) // no answer may be the breaker's
			resp, err := send(req)
			switch {
			case err == nil:
				_ = resp.Body.Close()
				passed++
			case errors.Is(err, ErrOpen):
				t.Fatalf("%s was not tried: %v", url, err)
			}
			client.CloseIdle() // so that the next one has to look the name up, and to dial
		}
		return passed
	}
	none := func(what string) {
		t.Helper()
		if list := rec.denied(client.rule); len(list) > 0 {
			t.Fatalf("%s: %v dialled", what, list)
		}
	}
	// The test sees what is dialled, and the name server is asked.
	if passed := send("https://example.com:" + s.port()); passed != len(sends) || len(rec.addrs) != len(sends) || names.asked == 0 {
		t.Fatalf("%d requests passed, %d addresses dialled, %d questions", passed, len(rec.addrs), names.asked)
	}
	for _, host := range hostile {
		for _, port := range []string{"", ":" + s.port(), ":80"} {
			for _, scheme := range []string{"https", "http"} {
				if send(scheme+"://"+host+port+"/") > 0 {
					t.Errorf("%s was answered", host)
				}
				none(host)
			}
		}
		location = "https://" + host + ":" + s.port() + "/"
		if send("https://example.com:"+s.port()+"/redirect") > 0 {
			t.Errorf("a redirect to %s was answered", host)
		}
		none("redirect to " + host)
	}
	for _, lie := range lies {
		names.answers = [][]netip.Addr{addrs(lie)}
		if send("https://example.com:"+s.port()) > 0 {
			t.Errorf("a name at %s was answered", lie)
		}
		none("name at " + lie)
		names.answers = [][]netip.Addr{addrs(lie, public), addrs(public, lie)}
		send("https://example.com:" + s.port())
		none("name at " + lie + " and elsewhere")
		names.answers = [][]netip.Addr{addrs(public), addrs(public), addrs(lie)}
		for range 6 { // rebinding: good to the check, bad to the dialler
			send("https://example.com:" + s.port())
		}
		none("name that moves to " + lie)
	}
	t.Logf("%d addresses dialled, all of them %s; %d questions to the name server", len(rec.addrs), public, names.asked)
}

// TestOperatorReachesNoMetadata: an address from our own configuration may be
// private, but not one that hands out credentials.
func TestOperatorReachesNoMetadata(t *testing.T) {
	rec := &recorder{}
	var now []netip.Addr
	client := build(t, Config{Control: rec.control, Resolver: fakeDNS(func() []netip.Addr { return now })}).Operator
	for _, class := range neverTable {
		addr := class.prefix.Addr()
		now = []netip.Addr{addr}
		host := addr.String()
		if addr.Is6() {
			host = "[" + host + "]"
		}
		for _, host := range []string{host, "data.example.com"} {
			if resp, err := client.Do(get(t, fmt.Sprintf("http://%s/", host))); err == nil {
				_ = resp.Body.Close()
				t.Errorf("%s (%s) was answered", host, addr)
			}
		}
	}
	if len(rec.addrs) > 0 {
		t.Errorf("%v dialled", rec.addrs)
	}
}

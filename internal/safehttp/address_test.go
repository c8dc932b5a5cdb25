// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"errors"
	"net/netip"
	"testing"
)

// TestAddressClasses names every class of address and what each kind of client
// makes of it: f(oreign), d(ev mode) and o(perator) are those that may connect.
func TestAddressClasses(t *testing.T) {
	rules := map[byte]rule{'f': {}, 'd': {loopback: true}, 'o': {private: true}}
	for _, tc := range []struct{ addr, allowed string }{
		{"93.184.215.14", "fdo"},
		{"1.1.1.1", "fdo"},
		{"9.255.255.255", "fdo"},
		{"11.0.0.0", "fdo"},
		{"100.63.255.255", "fdo"},
		{"100.128.0.0", "fdo"},
		{"172.15.255.255", "fdo"},
		{"172.32.0.0", "fdo"},
		{"223.255.255.255", "fdo"},
		{"2606:4700:4700::1111", "fdo"},
		{"2001:200::1", "fdo"},
		{"::ffff:93.184.215.14", "fdo"},
		{"64:ff9b::5db8:d70e", "fdo"}, // NAT64 of 93.184.215.14

		{"127.0.0.1", "do"},
		{"127.255.255.254", "do"},
		{"::1", "do"},
		{"::ffff:127.0.0.1", "do"},
		{"64:ff9b::7f00:1", "do"},

		{"10.0.0.1", "o"},
		{"172.16.0.1", "o"},
		{"172.31.255.255", "o"},
		{"192.168.1.1", "o"},
		{"::ffff:10.0.0.1", "o"},
		{"64:ff9b::a00:1", "o"},
		{"fc00::1", "o"},
		{"fdff::1", "o"},
		{"fec0::1", "o"},
		{"100.64.0.1", "o"},
		{"100.127.255.255", "o"},
		{"169.254.1.1", "o"},
		{"fe80::1", "o"},
		{"fe80::1%eth0", "o"},
		{"192.0.0.1", "o"},
		{"192.88.99.1", "o"},
		{"192.0.2.1", "o"},
		{"198.51.100.1", "o"},
		{"203.0.113.1", "o"},
		{"198.18.0.1", "o"},
		{"198.19.255.255", "o"},
		{"240.0.0.1", "o"},
		{"100::1", "o"},
		{"2001::1", "o"},      // Teredo
		{"2001:db8::1", "o"},  // documentation
		{"2002:a00:1::", "o"}, // 6to4 of 10.0.0.1
		{"3fff::1", "o"},
		{"4000::1", "o"}, // outside 2000::/3
		{"5f00::1", "o"},
		{"64:ff9b:1::1", "o"},
		{"::7f00:1", "o"}, // IPv4-compatible

		{"0.0.0.0", ""},
		{"0.1.2.3", ""},
		{"::", ""},
		{"224.0.0.1", ""},
		{"239.255.255.250", ""},
		{"ff02::1", ""},
		{"255.255.255.255", ""},
		{"169.254.169.254", ""},
		{"::ffff:169.254.169.254", ""},
		{"64:ff9b::a9fe:a9fe", ""},
		{"169.254.170.2", ""},
		{"100.100.100.200", ""},
		{"168.63.129.16", ""},
		{"192.0.0.192", ""},
		{"fd00:ec2::254", ""},
	} {
		for kind, r := range rules {
			err := r.check(netip.MustParseAddr(tc.addr))
			want := false
			for _, k := range []byte(tc.allowed) {
				want = want || k == kind
			}
			if (err == nil) != want || err != nil && !errors.Is(err, ErrForbiddenAddress) {
				t.Errorf("%s for %c: got %v, want allowed %v", tc.addr, kind, err, want)
			}
		}
	}
}

func TestAllowOpensWhatItNames(t *testing.T) {
	r := rule{allow: []netip.Prefix{
		netip.MustParsePrefix("10.1.0.0/16"),
		netip.MustParsePrefix("fd00::/8"),
		netip.MustParsePrefix("169.254.0.0/16"),
		unmap(netip.MustParsePrefix("::ffff:192.168.7.0/120")),
	}}
	for addr, want := range map[string]bool{
		"10.1.2.3":               true,
		"::ffff:10.1.2.3":        true,
		"fd12::1":                true,
		"192.168.7.9":            true,
		"169.254.3.3":            true,
		"10.2.0.1":               false,
		"192.168.8.1":            false,
		"127.0.0.1":              false,
		"169.254.169.254":        false, // no exception opens it
		"fd00:ec2::254":          false,
		"::ffff:169.254.169.254": false,
	} {
		if err := r.check(netip.MustParseAddr(addr)); (err == nil) != want {
			t.Errorf("%s: %v, want allowed %v", addr, err, want)
		}
	}
}

func TestTablesAreWhole(t *testing.T) {
	if got := len(neverTable); got != 14 {
		t.Errorf("neverTable has %d prefixes: one was read as a name", got)
	}
	if got := len(specialTable); got != 25 {
		t.Errorf("specialTable has %d prefixes: one was read as a name", got)
	}
	for _, c := range append(neverTable, specialTable...) {
		if c.prefix != c.prefix.Masked() || c.name == "" {
			t.Errorf("%v %q", c.prefix, c.name)
		}
	}
}

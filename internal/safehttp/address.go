// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"fmt"
	"net/netip"
)

// rule decides which addresses a client may connect to.
type rule struct {
	private  bool           // every unicast address, as for Operator
	loopback bool           // dev mode
	allow    []netip.Prefix // exceptions the operator made for Foreign
}

// check returns nil or an error that wraps ErrForbiddenAddress and names the
// class of the address.
func (r rule) check(addr netip.Addr) error {
	addr = embedded(addr)
	if class := in(addr, neverTable); class != "" {
		return forbidden(addr, class)
	}
	if r.private || (r.loopback && addr.IsLoopback()) {
		return nil
	}
	for _, prefix := range r.allow {
		if prefix.Contains(addr) {
			return nil
		}
	}
	if class := in(addr, specialTable); class != "" {
		return forbidden(addr, class)
	}
	if addr.Is6() && !globalUnicast6.Contains(addr) {
		return forbidden(addr, "not global unicast")
	}
	return nil
}

func forbidden(addr netip.Addr, class string) error {
	return fmt.Errorf("%w: %s is %s", ErrForbiddenAddress, addr, class)
}

// embedded returns the IPv4 address that an IPv6 one stands for, as the kernel
// (IPv4-mapped, RFC 4291 section 2.5.5.2) or a translator (NAT64, RFC 6052
// section 2.1) will understand it. Zones are dropped: they choose an interface,
// not a destination.
func embedded(addr netip.Addr) netip.Addr {
	addr = addr.WithZone("").Unmap()
	if addr.Is6() && nat64.Contains(addr) {
		raw := addr.As16()
		return netip.AddrFrom4([4]byte(raw[12:]))
	}
	return addr
}

type class struct {
	prefix netip.Prefix
	name   string
}

func in(addr netip.Addr, table []class) string {
	for _, c := range table {
		if c.prefix.Contains(addr) {
			return c.name
		}
	}
	return ""
}

var (
	nat64          = netip.MustParsePrefix("64:ff9b::/96")
	globalUnicast6 = netip.MustParsePrefix("2000::/3") // RFC 4291 section 2.4
)

// neverTable holds what no client reaches and no exception opens: what is no
// host at all, and the addresses under which clouds hand credentials to
// whoever asks from inside.
var neverTable = classes(
	"unspecified", "0.0.0.0/8", "::/128",
	"multicast", "224.0.0.0/4", "ff00::/8",
	"broadcast", "255.255.255.255/32",
	"a cloud metadata service", "169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32",
	"a cloud metadata service", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32",
	"a cloud metadata service", "fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128",
)

// specialTable follows the IANA special-purpose address registries for IPv4
// and IPv6 (RFC 6890).
var specialTable = classes(
	"loopback", "127.0.0.0/8", "::1/128",
	"private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10",
	"shared by a carrier (CGNAT)", "100.64.0.0/10",
	"link-local", "169.254.0.0/16", "fe80::/10",
	"reserved for protocols", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4", "2001::/23", "100::/64", "5f00::/16",
	"for documentation", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20",
	"for benchmarks", "198.18.0.0/15",
	"an IPv4 address in disguise", "::/96", "2002::/16", "64:ff9b:1::/48",
)

// classes reads a list in which each name is followed by its prefixes. Names
// hold no slash.
func classes(list ...string) []class {
	var table []class
	var name string
	for _, item := range list {
		if prefix, err := netip.ParsePrefix(item); err == nil {
			table = append(table, class{prefix, name})
		} else {
			name = item
		}
	}
	return table
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckURL(t *testing.T) {
	normal, dev := build(t, Config{}), build(t, Config{DevMode: true})
	clients := map[string]*Client{"foreign": normal.Foreign, "dev": dev.Foreign, "operator": normal.Operator}
	for _, tc := range []struct {
		url                    string
		foreign, dev, operator error
	}{
		{"https://supplier.example/dsp", nil, nil, nil},
		{"https://supplier.example:8443/dsp?x=1", nil, nil, nil},
		{"https://supplier.example./dsp", nil, nil, nil},
		{"https://SUPPLIER.example:443", nil, nil, nil},
		{"https://xn--wgv71a.example/", nil, nil, nil},
		{"https://93.184.215.14/", nil, nil, nil},
		{"https://[2606:4700:4700::1111]:8443/", nil, nil, nil},

		{"http://supplier.example/", ErrScheme, nil, nil},
		{"ftp://supplier.example/", ErrScheme, ErrScheme, ErrScheme},
		{"file:///etc/passwd", ErrScheme, ErrScheme, ErrScheme},
		{"gopher://supplier.example:70/", ErrScheme, ErrScheme, ErrScheme},

		{"", ErrURL, ErrURL, ErrURL},
		{"/dsp", ErrURL, ErrURL, ErrURL},
		{"//supplier.example/dsp", ErrURL, ErrURL, ErrURL},
		{"https:supplier.example", ErrURL, ErrURL, ErrURL},
		{"https://", ErrURL, ErrURL, ErrURL},
		{"https://./", ErrURL, ErrURL, ErrURL},
		{"https://supplier.example/#top", ErrURL, ErrURL, ErrURL},
		{"https://supplier.example/\x00", ErrURL, ErrURL, ErrURL},
		{"https://sup plier.example/", ErrURL, ErrURL, ErrURL},
		{"https://日本.example/", ErrURL, ErrURL, ErrURL},
		{"https://ⓛocalhost/", ErrURL, ErrURL, ErrURL},
		{"https://" + strings.Repeat("a.", 127) + "example/", ErrURL, ErrURL, ErrURL},
		{"https://supplier.example/" + strings.Repeat("a", maxURL), ErrURL, ErrURL, ErrURL},

		{"https://user@supplier.example/", ErrUserinfo, ErrUserinfo, ErrUserinfo},
		{"https://user:secret@supplier.example/", ErrUserinfo, ErrUserinfo, ErrUserinfo},
		{"https://supplier.example@127.0.0.1/", ErrUserinfo, ErrUserinfo, ErrUserinfo},

		{"https://supplier.example:22/", ErrPort, ErrPort, nil},
		{"https://supplier.example:25/", ErrPort, ErrPort, nil},
		{"https://supplier.example:0/", ErrPort, ErrPort, ErrPort},
		{"https://supplier.example:/", ErrPort, ErrPort, ErrPort},
		{"https://supplier.example:65536/", ErrPort, ErrPort, ErrPort},

		{"https://127.0.0.1:8443/", ErrForbiddenAddress, nil, nil},
		{"https://[::1]:8443/", ErrForbiddenAddress, nil, nil},
		{"https://[::ffff:127.0.0.1]:8443/", ErrForbiddenAddress, nil, nil},
		{"https://localhost:8443/", ErrForbiddenAddress, nil, nil},
		{"https://LOCALHOST.:8443/", ErrForbiddenAddress, nil, nil},
		{"https://db.localhost:8443/", ErrForbiddenAddress, nil, nil},
		{"https://10.0.0.1/", ErrForbiddenAddress, ErrForbiddenAddress, nil},
		{"https://192.168.1.1/", ErrForbiddenAddress, ErrForbiddenAddress, nil},
		{"https://169.254.169.254/latest/meta-data", ErrForbiddenAddress, ErrForbiddenAddress, ErrForbiddenAddress},
		{"https://[fe80::1%25eth0]/", ErrForbiddenAddress, ErrForbiddenAddress, nil},
		{"https://0.0.0.0/", ErrForbiddenAddress, ErrForbiddenAddress, ErrForbiddenAddress},
		{"https://[::]/", ErrForbiddenAddress, ErrForbiddenAddress, ErrForbiddenAddress},

		// Addresses in the spellings that some resolvers still read.
		{"https://127.1/", ErrURL, ErrURL, ErrURL},
		{"https://2130706433/", ErrURL, ErrURL, ErrURL},
		{"https://0x7f000001/", ErrURL, ErrURL, ErrURL},
		{"https://0x7f.0.0.0x1/", ErrURL, ErrURL, ErrURL},
		{"https://0177.0.0.01/", ErrURL, ErrURL, ErrURL},
		{"https://127.0.0.1./", ErrURL, ErrURL, ErrURL},
		{"https://%31%32%37.1/", ErrURL, ErrURL, ErrURL},
	} {
		for kind, want := range map[string]error{"foreign": tc.foreign, "dev": tc.dev, "operator": tc.operator} {
			u, err := clients[kind].CheckURL(tc.url)
			if !errors.Is(err, want) || (err == nil) != (want == nil) || (u != nil) != (err == nil) {
				t.Errorf("%s for %.60s: got %v, want %v", kind, tc.url, err, want)
			}
		}
	}
}

func TestCheckURLKeepsSecrets(t *testing.T) {
	for _, raw := range []string{"https://u:hush@supplier.example/", "https://supplier.example:x/?k=hush", "https://sup plier/?k=hush"} {
		if _, err := build(t, Config{}).Foreign.CheckURL(raw); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	f.Add("https://supplier.example:8443/dsp?x=1")
	f.Add("https://[::ffff:127.0.0.1%25lo]:1/")
	f.Add("https://127.1@2130706433:0x1/")
	clients, err := New(Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := clients.Foreign.CheckURL(raw)
		if err != nil {
			return
		}
		if u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
			t.Fatalf("accepted %q", raw)
		}
		if _, err := clients.Foreign.CheckURL(u.String()); err != nil {
			t.Fatalf("accepted %q, refused its own spelling %q: %v", raw, u, err)
		}
	})
}

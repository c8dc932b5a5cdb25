// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// TestHeaders: headers pass by list and by rule; those of the connection and
// of who somebody is never do.
func TestHeaders(t *testing.T) {
	b := newBench(t)
	var got http.Header
	b.serve(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		for name, value := range map[string]string{
			"Etag": `"1"`, "X-Total": "7", "X-Internal": "upstream-secret", "Set-Cookie": "a=upstream-secret", "Server": "erp", "Vary": "Accept",
			"Connection": "X-Total-Hop", "X-Total-Hop": "hop", "Keep-Alive": "1", "Location": "http://erp.internal/", "Www-Authenticate": "Basic",
		} {
			w.Header().Set(name, value)
		}
		w.Header().Set("Trailer", "X-Checksum, X-Other")
		_, _ = io.WriteString(w, "data")
		w.Header().Set("X-Checksum", "abc")
		w.Header().Set("X-Other", "upstream-secret")
	})
	b.source.Request = dataplane.HeaderRules{Pass: []string{"X-Ods-Userid", "x-plant", "Authorization", "Te"}, Drop: []string{"Accept-Language"}, Set: map[string]string{"X-Via": "musubi"}}
	b.source.Response = dataplane.HeaderRules{Pass: []string{"X-Total", "X-Total-Hop", "X-Checksum"}, Drop: []string{"etag"}, Set: map[string]string{"X-Licence": "CC-BY-4.0"}}
	w := b.call(b.start("t1", "g1"), http.MethodGet, "", nil,
		"Accept", "text/csv", "Accept-Language", "ja", "X-Plant", "7", "X-Ods-UserId", "u1", "Cookie", "c=1", "Te", "trailers", "Connection", "X-Gone, close",
		"X-Gone", "1", "X-Forwarded-For", "10.0.0.1", "X-Api-Key", "forged", "X-Trackingid", "track-1", "User-Agent", "agent")
	for name, want := range map[string]string{
		"Accept": "text/csv", "X-Plant": "7", "X-Ods-Userid": "u1", "X-Via": "musubi", "X-Api-Key": "upstream-secret", "X-Trackingid": "track-1",
		"Accept-Language": "", "Cookie": "", "Te": "", "X-Gone": "", "X-Forwarded-For": "", "Authorization": "", "User-Agent": "",
	} {
		if got.Get(name) != want {
			t.Errorf("the source got %s %q, want %q", name, got.Get(name), want)
		}
	}
	answer := w.Result()
	_, _ = io.ReadAll(answer.Body)
	for name, want := range map[string]string{
		"X-Total": "7", "X-Licence": "CC-BY-4.0", "Vary": "Accept", "Cache-Control": "no-store", "X-Trackingid": "track-1",
		"Etag": "", "X-Internal": "", "Set-Cookie": "", "Server": "", "X-Total-Hop": "", "Location": "", "Www-Authenticate": "",
	} {
		if answer.Header.Get(name) != want {
			t.Errorf("the consumer got %s %q, want %q", name, answer.Header.Get(name), want)
		}
	}
	if answer.Trailer.Get("X-Checksum") != "abc" || answer.Trailer.Get("X-Other") != "" {
		t.Errorf("trailers %v", answer.Trailer)
	}
	for _, bad := range []string{"", "a b", strings.Repeat("x", 200)} {
		w := b.call(b.start("t1", "g1"), http.MethodGet, "", nil, "X-Trackingid", bad)
		if made := w.Header().Get("X-Trackingid"); len(made) != 36 || got.Get("X-Trackingid") != made {
			t.Errorf("tracking id %q made of %q; the source got %q", made, bad, got.Get("X-Trackingid"))
		}
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/transfer"
)

// BenchmarkPullSmall is one request of 1 KB through the data plane, of 64
// connections that are kept alive; "go test -cpuprofile" says where it goes.
func BenchmarkPullSmall(b *testing.B) {
	dir := b.TempDir()
	provider, consumer := pairOn(b, func(name string) string { return "sqlite:" + dir + "/" + name + ".db" }, nil, nil)
	data := bytes.Repeat([]byte("a"), 1024)
	source := serve(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(data) }))
	provider.publish(b, catalog.Source{Type: catalog.SourceHTTP, URL: source})
	n := consumer.negotiate(b, proposalOf(provider.id), "FINALIZED")
	p := consumer.request(b, n.AgreementID, "STARTED")
	a := consumer.awaitTransfer(b, p.ID, "STARTED", func(p transfer.Process) bool { return p.DataAddress != nil }).DataAddress
	u, err := url.Parse(a.Endpoint)
	if err != nil {
		b.Fatal(err)
	}
	request := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", u.EscapedPath(), u.Host, a.Get(transfer.PropertyAuthorization))
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			c, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", u.Host)
			if err != nil {
				b.Error(err)
				return
			}
			defer c.Close()
			in := bufio.NewReader(c)
			for left.Add(-1) >= 0 {
				if _, err := c.Write(request); err != nil {
					b.Error(err)
					return
				}
				resp, err := http.ReadResponse(in, nil)
				if err != nil || resp.StatusCode != http.StatusOK {
					b.Error(resp, err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
	all.Wait()
}

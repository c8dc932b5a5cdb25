// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"bytes"
	"fmt"
	"net"
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
	provider.publish(b, catalog.Source{Type: catalog.SourceHTTP, URL: bareSource(b)})
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
			answer := make([]byte, 8<<10)
			for left.Add(-1) >= 0 {
				if _, err := c.Write(request); err != nil {
					b.Error(err)
					return
				}
				for have := 0; !bytes.HasSuffix(answer[:have], []byte("aaaa\n")); {
					n, err := c.Read(answer[have:])
					if have += n; err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) {
						b.Errorf("%v: %s", err, answer[:have])
						return
					}
				}
			}
		})
	}
	all.Wait()
}

// bareSource answers each request with the same 1 KB, at the least cost.
func bareSource(b *testing.B) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	answer := append([]byte("HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n"), append(bytes.Repeat([]byte("a"), 1023), '\n')...)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for in := make([]byte, 8<<10); ; {
					if n, err := c.Read(in); err != nil || !bytes.HasSuffix(in[:n], []byte("\r\n\r\n")) {
						return
					}
					if _, err := c.Write(answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

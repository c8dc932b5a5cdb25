// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// listSize is the length of a status list: the least that herds privacy.
const listSize = 131_072

// BenchTrust measures what every message and every status list costs.
func BenchTrust(b *testing.B, open func(testing.TB) Opened) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("UseToken/callers=%d", callers), func(b *testing.B) { benchTokens(b, open(b).Store.(Trust), callers) })
	}
	b.Run("UseToken/replayed", func(b *testing.B) {
		s := open(b).Store.(Trust)
		for b.Loop() {
			_, err := s.UseToken(b.Context(), owner, someone, "t", at(60))
			must(b, err)
		}
	})
	b.Run("DropTokens/1000 at a time", func(b *testing.B) {
		s := open(b).Store.(Trust)
		gone := 0
		for b.Loop() {
			if gone%20_000 == 0 {
				b.StopTimer()
				fillTokens(b, s, 20_000)
				b.StartTimer()
			}
			n, err := s.DropTokens(b.Context(), at(60), 1000)
			must(b, err)
			gone += n
		}
	})
	b.Run("Claim/nothing due", func(b *testing.B) {
		s := open(b).Store.(Trust)
		for b.Loop() {
			_, err := s.ClaimCredentials(b.Context(), t0, lease, 16)
			must(b, err)
		}
	})
	b.Run("Claim/one", func(b *testing.B) {
		s := open(b).Store.(Trust)
		r := heldRequest("r")
		_, err := s.Deliver(b.Context(), owner, r, []holder.Stored{stored("1")})
		must(b, err)
		i := 0
		for b.Loop() {
			i++
			list, err := s.ClaimCredentials(b.Context(), at(40*i), lease, 16)
			must(b, err)
			if len(list) != 1 {
				b.Fatal(len(list))
			}
		}
	})
	b.Run("Bind/known", func(b *testing.B) {
		s := open(b).Store.(Trust)
		for b.Loop() {
			_, err := s.Bind(b.Context(), owner, someone, identifier("1"), t0)
			must(b, err)
		}
	})
	b.Run("StatusList", func(b *testing.B) { benchStatusList(b, open(b).Store.(Trust)) })
}

func fillTokens(b *testing.B, s Trust, n int) {
	var wg sync.WaitGroup
	for part := range 64 {
		wg.Go(func() {
			for i := part; i < n; i += 64 {
				if _, err := s.UseToken(context.Background(), owner, someone, fmt.Sprint("old ", i), at(i%60)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// benchTokens uses each token once.
func benchTokens(b *testing.B, s Trust, callers int) {
	ctx := context.Background()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	begin := time.Now()
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for n := left.Add(-1); n >= 0; n = left.Add(-1) {
				first, err := s.UseToken(ctx, owner, someone, fmt.Sprintf("urn:uuid:0198c1d2-0000-7000-0000-%012d", n), at(60))
				if err != nil || !first {
					b.Error(first, err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/time.Since(begin).Seconds(), "tokens/s")
}

// benchStatusList measures a list that is full but for what it issues itself;
// of 128 credentials one is revoked.
func benchStatusList(b *testing.B, s Trust) {
	const perRequest = 512
	for first := 0; first < listSize; first += perRequest {
		r := issuance(fmt.Sprint("r", first))
		var list []issuer.Credential
		for place := first; place < first+perRequest; place++ {
			c := issuedBy(r.ID, fmt.Sprintf("urn:uuid:%012d", place), 1, place)
			c.Raw, c.Issued = strings.Repeat("raw", 500), at(place)
			if place%128 == 0 {
				c.State = issuer.Revoked
			}
			list = append(list, c)
		}
		_, err := s.SaveIssuerRequest(b.Context(), owner, r, list)
		must(b, err)
	}
	b.Run("ListUse", func(b *testing.B) {
		for b.Loop() {
			_, taken, err := s.ListUse(b.Context(), owner)
			must(b, err)
			if taken != listSize {
				b.Fatal(taken)
			}
		}
	})
	b.Run("Marked/1024", func(b *testing.B) {
		for b.Loop() {
			places, err := s.Marked(b.Context(), owner, 1, issuer.Revoked)
			must(b, err)
			if len(places) != listSize/128 {
				b.Fatal(len(places))
			}
		}
	})
	b.Run("Marked/none", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Marked(b.Context(), owner, 1, issuer.Suspended)
			must(b, err)
		}
	})
	b.Run("IssuedCredentials/50", func(b *testing.B) {
		for b.Loop() {
			_, err := s.IssuedCredentials(b.Context(), owner, "", "", 50)
			must(b, err)
		}
	})
	n := 0
	b.Run("Issue/2", func(b *testing.B) {
		for b.Loop() {
			n++
			id := fmt.Sprint("new", n)
			_, err := s.SaveIssuerRequest(b.Context(), owner, issuance(id), []issuer.Credential{issuedBy(id, id, 2, 2*n), issuedBy(id, id+"x", 2, 2*n+1)})
			must(b, err)
		}
	})
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// BenchmarkPresentation is a presentation of two credentials whose keys are at
// hand, all of ES256.
func BenchmarkPresentation(b *testing.B) {
	for _, p := range profiles {
		b.Run(strings.SplitN(string(p), "-", 2)[0], func(b *testing.B) {
			w := newWorld(b)
			entry := quote(present(b, p, []string{issue(b, p), issue(b, p)}))
			b.ReportAllocs()
			for b.Loop() {
				w.resolved = w.resolved[:0]
				if _, err := w.checker.Presentation(b.Context(), entry, w.want); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, p := range profiles {
		b.Run(strings.SplitN(string(p), "-", 2)[0], func(b *testing.B) {
			raw := issue(b, p)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := vc.Read(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "testing"

func BenchmarkDecode(b *testing.B) {
	for _, e := range messages(b) {
		b.Run(e.name, func(b *testing.B) {
			b.SetBytes(int64(len(e.body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(e.body, e.typ); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeByExpansion(b *testing.B) {
	for _, e := range messages(b) {
		body := shapes[3].write(parse(b, e.body).(map[string]any))
		b.Run(e.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(body, e.typ); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, e := range messages(b) {
		m := mustDecode(b, e.body, e.typ).Message
		b.Run(e.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Encode(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkScan(b *testing.B) {
	body := []byte(samples[TypeContractAgreement])
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, failed := scan(body); failed != nil {
			b.Fatal(failed)
		}
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/transfer/evidence"
)

func number(d evidence.Digest) *big.Int { return new(big.Int).SetBytes(d[:]) }

// TestDigestIsASum modulo 2^256, so that the order of bodies does not count.
func TestDigestIsASum(t *testing.T) {
	modulus := new(big.Int).Lsh(big.NewInt(1), 256)
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) evidence.Digest {
			return evidence.Digest(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 0x7f, 0xfe, 0xff}), 32, 32).Draw(t, "bytes"))
		}), 0, 6).Draw(t, "digests")
		want := new(big.Int)
		var there, back evidence.Digest
		for i := range list {
			want.Add(want, number(list[i]))
			there, back = there.Plus(list[i]), back.Plus(list[len(list)-1-i])
		}
		if want.Mod(want, modulus); want.Cmp(number(there)) != 0 || there != back {
			t.Fatalf("%v: %s and %s, want %x", list, there, back, want)
		}
	})
}

// TestAdd is the definition, for whoever computes it elsewhere: SHA-256 of
// "id\nabc\n3\n".
func TestAdd(t *testing.T) {
	const want = "a4cd233a51f76a6b916fa57a9bf8b124e031365e86ccc77031e7c78d6fe620ee"
	if got := evidence.Add("id", "abc", 3).String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	seen := map[evidence.Digest]bool{}
	for _, c := range []struct {
		id, sum string
		length  int64
	}{{"id", "abc", 3}, {"ida", "bc", 3}, {"i", "dabc", 3}, {"id", "abc", 33}, {"id", "ab", 3}, {"", "", 0}} {
		seen[evidence.Add(c.id, c.sum, c.length)] = true
	}
	if len(seen) != 6 {
		t.Errorf("%d of 6 bodies are told apart", len(seen))
	}
}

func TestDigestAsText(t *testing.T) {
	d := evidence.Add("a", "b", 1)
	text, err := json.Marshal(d)
	var back evidence.Digest
	if err != nil || json.Unmarshal(text, &back) != nil || back != d {
		t.Errorf("%s becomes %s: %v", d, back, err)
	}
	for _, bad := range []string{"", "ab", strings.Repeat("g", 64), strings.Repeat("a", 63), strings.Repeat("a", 66)} {
		was := back
		if err := back.UnmarshalText([]byte(bad)); err == nil || back != was {
			t.Errorf("%q is read as %s", bad, back)
		}
	}
}

// TestTotalsAddUp in any order.
func TestTotalsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(drawTotals), 0, 5).Draw(t, "totals")
		var there, back evidence.Totals
		for _, one := range list {
			there = there.Plus(one)
		}
		for _, one := range slices.Backward(list) {
			back = back.Plus(one)
		}
		if there != back {
			t.Fatalf("%+v\n%+v", there, back)
		}
	})
}

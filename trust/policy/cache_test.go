// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strconv"
	"strings"
	"testing"
)

// TestOneHashHasOneMeaning: what a counterparty writes in another spelling of the
// same hash must not change what the policy of the others comes to.
func TestOneHashHasOneMeaning(t *testing.T) {
	plain := Permit(Use, ActiveMember())
	spelt := Permit(Use, Atomic{LeftMembership, Eq, Texts(Active, Active)})
	if plain.Hash() != spelt.Hash() {
		t.Fatal("these are two policies")
	}
	for name, p := range map[string]Policy{"plain": plain, "spelt": spelt} {
		j := judging(&rechecks{})
		if _, err := j.Compile(p.Hash(), func() (Policy, error) { return p, nil }); err != nil {
			t.Fatal(err)
		}
		c, err := j.Compile(plain.Hash(), func() (Policy, error) { return plain, nil })
		if err != nil {
			t.Fatal(err)
		}
		if v, err := j.Explain(t.Context(), c, aCase(AtTransfer)); err != nil || !v.Permit {
			t.Errorf("%s first: %v: %s", name, err, v.Reason)
		}
	}
}

// TestCompiledAreBounded: a counterparty writes as many terms as it likes, and
// all that it writes is judged where a person decides.
func TestCompiledAreBounded(t *testing.T) {
	j := judging(&rechecks{})
	for i := range 40 {
		p := Permit(Use, ForTrade("x:"+strconv.Itoa(i)+strings.Repeat("a", maxCompiledBytes/20)))
		if _, err := j.Compile(p.Hash(), func() (Policy, error) { return p, nil }); err != nil {
			t.Fatal(err)
		}
		if j.cache.bytes > maxCompiledBytes || len(j.cache.known) == 0 {
			t.Fatalf("%d bytes are kept of %d policies", j.cache.bytes, len(j.cache.known))
		}
	}
}

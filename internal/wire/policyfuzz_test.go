// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/policy"
)

// FuzzPolicyShapes: whatever stands for a policy in a message, what is read of
// it is written and read again with the same hash, and a plain reading and one
// by expansion never give two different policies.
func FuzzPolicyShapes(f *testing.F) {
	for _, typ := range []Type{TypeContractRequest, TypeContractAgreement, TypeDataset} {
		m := messageWith(typ, map[string]any{"permission": []any{parse(f, []byte(hiddenRule))}, "profile": "urn:p"})
		for _, s := range policyShapes {
			f.Add(encodeJSON(s.write(m)))
		}
	}
	for _, h := range hidings {
		f.Add([]byte(h.body("")))
		f.Add([]byte(h.body(`{"forced":"https://own.example/forced"}`)))
	}
	for _, operand := range rightOperands {
		f.Add([]byte(hiding{offer: `"obligation":[{"action":"use","constraint":[{"leftOperand":"x","operator":"isAnyOf","rightOperand":` + string(encodeJSON(operand)) + `}]}]`}.body("")))
	}
	f.Fuzz(func(t *testing.T, body []byte) { policyLaw(t, body) })
}

// TestMutatedPoliciesKeepTheLaw changes policies in all their shapes, several
// members at a time.
func TestMutatedPoliciesKeepTheLaw(t *testing.T) {
	rounds := 3000
	switch {
	case testing.Short():
		rounds /= 10
	case testkit.Full():
		rounds *= 8
	}
	m := mutator{rand.New(rand.NewPCG(mutationSeed, 2)), t}
	var bodies [][]byte
	for _, typ := range []Type{TypeContractRequest, TypeContractAgreement, TypeDataset} {
		rules := map[string]any{"permission": []any{parse(t, []byte(hiddenRule))}, "obligation": []any{map[string]any{"action": "read", "constraint": []any{
			map[string]any{"xone": []any{parse(t, []byte(hiddenAtomic)), map[string]any{"leftOperand": "x", "operator": "isAnyOf", "rightOperand": []any{"a", map[string]any{"@id": "urn:b"}}}}},
		}}}}
		for _, s := range policyShapes {
			if body, isObject := s.write(messageWith(typ, rules)).(map[string]any); isObject {
				bodies = append(bodies, encodeJSON(body))
			}
		}
	}
	read := 0
	for i := range rounds {
		body := m.mutate(bodies[i%len(bodies)])
		if policyLaw(t, body) {
			read++
		}
		if t.Failed() {
			t.Fatalf("mutation %d\n%s", i, body)
		}
	}
	t.Logf("%d of %d were read", read, rounds)
	if read < rounds/10 || read > rounds*9/10 {
		t.Errorf("the mutations are one-sided: %d of %d were read", read, rounds)
	}
}

// policyLaw holds for every text; it reports whether the text was read.
func policyLaw(t *testing.T, body []byte) bool {
	t.Helper()
	d, err := Decode(body, TypeContractRequest, TypeContractOffer, TypeContractAgreement, TypeDataset)
	if err != nil {
		return false
	}
	hash, read := judged(t, d.Message)
	if other, failed := expandedReading(body); failed == nil && !d.Expanded {
		otherHash, otherRead := judged(t, other.Message)
		if read && otherRead && hash != otherHash && !openOperand(d.Message) {
			t.Errorf("a plain reading gives\n%s\nand one by expansion\n%s", encodeJSON(policyOf(d.Message)), encodeJSON(policyOf(other.Message)))
		}
	}
	complete(d.Message)
	out, err := Encode(d.Message)
	if err != nil {
		return read // accepted of peers, never sent: see roundTrip
	}
	again, err := Decode(out, d.Message.MessageType())
	if err != nil {
		t.Fatalf("cannot be read back: %v\n%s", err, out)
	}
	hash, complete := judged(t, d.Message) // with the rule that was added
	againHash, againRead := judged(t, again.Message)
	if hash != againHash || complete != againRead {
		t.Errorf("read back as another policy\n%s\n%s", encodeJSON(policyOf(d.Message)), out)
	}
	return read
}

// judged is the hash of a message's policy, if those who judge it read it.
func judged(t *testing.T, m Message) (string, bool) {
	t.Helper()
	compact, err := policyOf(m).Compact()
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Parse(compact)
	if err != nil {
		return "", false
	}
	return p.Hash(), true
}

func expandedReading(body []byte) (Decoded, *Error) {
	doc, failed := scan(body)
	if failed != nil {
		return Decoded{}, failed
	}
	listed, failed := readContexts(&doc)
	if failed != nil {
		return Decoded{}, failed
	}
	return listed.readExpanded(&doc, []Type{TypeContractRequest, TypeContractOffer, TypeContractAgreement, TypeDataset})
}

// openOperand reports whether a right operand is an object that is neither a
// literal nor a reference: those who judge the policy can only compare it with
// itself, and its members have more than one spelling.
func openOperand(m Message) bool {
	var open func(list []Constraint) bool
	open = func(list []Constraint) bool {
		return slices.ContainsFunc(list, func(c Constraint) bool {
			return openValue(c.RightOperand) || open(c.And) || open(c.Or) || open(c.Xone) || open(c.AndSequence)
		})
	}
	p := policyOf(m)
	return slices.ContainsFunc(slices.Concat(p.Permission, p.Prohibition, p.Obligation), func(r Rule) bool { return open(r.Constraint) })
}

func openValue(raw json.RawMessage) bool {
	v, failed := scan(raw)
	if failed != nil {
		return false
	}
	items := v.kids
	if v.kind != arrayKind {
		items = []value{v}
	}
	return slices.ContainsFunc(items, func(v value) bool {
		if v.kind != objectKind {
			return false
		}
		_, ok := reference(&v)
		return !ok
	})
}

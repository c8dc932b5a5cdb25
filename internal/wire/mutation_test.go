// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	mutationSeed = 20251
	mutations    = 10_000
)

// TestMutationsGetTheVerdictOfTheSchema changes the published examples at
// random and compares what Decode says of them with what the published schema
// says. Where the two differ, one of at most eleven exception rules must be named
// as the reason, and what was accepted must become valid by being written again.
func TestMutationsGetTheVerdictOfTheSchema(t *testing.T) {
	if n := len(Exceptions()); n > 11 {
		t.Fatalf("%d exception rules, at most 11", n)
	}
	compiled := schemas(t)
	list := examples(t)
	rounds := mutations
	switch {
	case testing.Short():
		rounds /= 10
	case testkit.Full():
		rounds *= 5
	}
	m := mutator{rand.New(rand.NewPCG(mutationSeed, 1)), t}
	tally := verdicts{differ: map[Exception]int{}}
	for i := range rounds {
		e := list[i%len(list)]
		tally.judge(t, compiled[e.typ], e.typ, m.mutate(e.body))
		if t.Failed() {
			t.Fatalf("mutation %d of %s", i, e.name)
		}
	}
	t.Logf("seed %d: %d mutations, %d accepted and %d refused by both", mutationSeed, rounds, tally.accepted, tally.refused)
	for _, e := range Exceptions() {
		t.Logf("%6d decided by %s: %s", tally.differ[e], e, e.Reason())
		testkit.Occurred(t, tally.differ[e] > 0, "no mutation needs the exception %s: is it dead?", e)
	}
	if tally.accepted < rounds/20 || tally.refused < rounds/20 {
		t.Error("the mutations are one-sided")
	}
}

type verdicts struct {
	accepted, refused int
	differ            map[Exception]int
}

// judge compares the two verdicts on one text.
func (v *verdicts) judge(t *testing.T, schema *jsonschema.Schema, typ Type, body []byte) {
	t.Helper()
	schemaErr := schema.Validate(parse(t, body))
	d, err := decodeAny(body, typ)
	switch {
	case err == nil && schemaErr == nil:
		v.accepted++
		openType := typ == TypeDataset && bytes.Contains(body, []byte(`"@type":["Dataset"]`)) // to the schema, any @type is one
		if !openType && (d.Expanded || len(d.Exceptions) > 0) {
			t.Errorf("the schema accepts this, but it took expansion %v and %v\n%s", d.Expanded, d.Exceptions, body)
		}
		if d.Message != nil {
			roundTrip(t, d.Message)
		}
	case err != nil && schemaErr != nil:
		v.refused++
		if e := AsError(err); e.Reason == "" || e.Code == "" {
			t.Errorf("refused without a reason: %v", err)
		}
	case err == nil:
		if len(d.Exceptions) == 0 {
			t.Errorf("accepted without an exception\n%s\n%v", body, schemaErr)
			return
		}
		for _, e := range d.Exceptions {
			v.differ[e]++
		}
		rewritten(t, schema, d, body)
	default:
		e := AsError(err).Exception
		if e == "" {
			t.Errorf("refused without an exception: %v\n%s", err, body)
		}
		if e == ExceptionEmptyID && !bytes.Contains(body, []byte(`""`)) {
			t.Errorf("no empty string: %v\n%s", err, body)
		}
		v.differ[e]++
	}
}

func decodeAny(body []byte, typ Type) (Decoded, error) {
	if typ == "" {
		_, err := DecodeVersions(body)
		return Decoded{}, err
	}
	return Decode(body, typ)
}

// rewritten proves that an accepted message is a message: written again, with
// what the exceptions let it leave out, it satisfies the schema.
func rewritten(t *testing.T, schema *jsonschema.Schema, d Decoded, body []byte) {
	t.Helper()
	if slices.Contains(d.Exceptions, ExceptionNoRules) || slices.Contains(d.Exceptions, ExceptionThinAnswer) {
		complete(d.Message)
	}
	out, err := Encode(d.Message)
	if err != nil {
		t.Errorf("accepted by %v, but cannot be written: %v\n%s", d.Exceptions, err, body)
		return
	}
	if err := schema.Validate(parse(t, out)); err != nil {
		t.Errorf("accepted by %v, but written as\n%s\n%v", d.Exceptions, out, err)
	}
}

// complete adds what ExceptionNoRules and ExceptionThinAnswer let a peer omit.
func complete(m Message) {
	set := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	switch m := m.(type) {
	case *ContractRequest:
		addRule(&m.Offer)
	case *ContractOffer:
		addRule(&m.Offer)
	case *ContractAgreement:
		addRule(&m.Agreement)
	case *Dataset:
		m.addRules()
	case *Catalog:
		m.addRules()
	case *ContractNegotiation:
		set(&m.State, "REQUESTED")
	case *TransferProcess:
		set(&m.State, "REQUESTED")
	case *ContractError:
		set(&m.ProviderPID, "p")
		set(&m.ConsumerPID, "c")
	case *TransferError:
		set(&m.ProviderPID, "p")
		set(&m.ConsumerPID, "c")
	}
}

func addRule(p *Policy) {
	if len(p.Permission)+len(p.Prohibition) == 0 {
		p.Permission = []Rule{{Action: "use"}}
		delete(p.Extra, odrlNamespace+"permission") // it would stand there twice
		if len(p.Extra) == 0 {
			p.Extra = nil
		}
	}
}

func (m *Catalog) addRules() {
	for i := range m.Dataset {
		m.Dataset[i].addRules()
	}
	for i := range m.Catalog {
		m.Catalog[i].addRules()
	}
	addDistributionRules(m.Distribution)
	for i := range m.Service {
		m.Service[i].addRules()
	}
}

func (m *Dataset) addRules() {
	for i := range m.HasPolicy {
		addRule(&m.HasPolicy[i])
	}
	addDistributionRules(m.Distribution)
}

func (s *DataService) addRules() {
	for i := range s.ServesDataset {
		s.ServesDataset[i].addRules()
	}
}

func addDistributionRules(list []Distribution) {
	for i := range list {
		for j := range list[i].HasPolicy {
			addRule(&list[i].HasPolicy[j])
		}
		list[i].AccessService.addRules()
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/trust"
)

// The registrar believes nothing that is written in an application.
func TestExamine(t *testing.T) {
	r := &registrar{clock: new(clock), register: map[string]string{"8999900000001": "甲", "7999900000002": "乙"}}
	for name, test := range map[string]struct {
		name, number, check, says string
	}{
		"in the register":      {"甲", "8999900000001", "", ""},
		"wrong check digit":    {"甲", "7999900000001", "C04", "the check digit is wrong (the first digit would be 8"},
		"too short":            {"甲", "899990000001", "C04", "corporate number"},
		"not as registered":    {"甲", "8999900000001 ", "C04", "corporate number"},
		"nobody's":             {"甲", "6999900000003", "", "the register has no company with the number 6999900000003"},
		"another's":            {"甲", "7999900000002", "", "the register has another company under the number 7999900000002"},
		"without a name":       {"", "8999900000001", "C18", ""},
		"a name with no shape": {"甲\u202e", "8999900000001", "C18", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := application{test.name, test.number}
			err := r.examine(a, r.claims(a))
			if accepted := name == "in the register"; accepted != (err == nil) {
				t.Fatalf("accepted: %v, %v", !accepted, err)
			}
			if err == nil {
				return
			}
			faults, _ := errors.AsType[trust.Faults](err)
			if test.check != "" && (len(faults) != 1 || faults[0].Check != test.check) || test.check == "" && faults != nil {
				t.Errorf("%v, want %s alone", err, test.check)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
}

// What is issued says which company it is, so that a verifier can read it.
func TestClaims(t *testing.T) {
	r := &registrar{clock: new(clock), members: 6}
	claims := r.claims(application{"甲", "8999900000001"})
	bound := trust.Claims{Participant: "did:web:a.example", Credentials: []trust.Credential{
		{Types: []string{trust.CorporateIdentityCredential}, Subject: with(t, claims[trust.CorporateIdentityCredential], "did:web:a.example")},
		{Types: []string{trust.MembershipCredential}, Subject: with(t, claims[trust.MembershipCredential], "did:web:a.example")},
	}}
	if id, ok := bound.Primary(); !ok || id.String() != "iso6523:0188:8999900000001" {
		t.Errorf("the company is %s", id)
	}
	if m := bound.Memberships(); len(m) != 1 || m[0].Number != "B-0007" || m[0].Of != dataspace {
		t.Errorf("the membership is %+v", m)
	}
}

// with adds who the subject is, as the issuer does.
func with(t *testing.T, claims json.RawMessage, id string) json.RawMessage {
	t.Helper()
	var members object
	if err := json.Unmarshal(claims, &members); err != nil {
		t.Fatal(err)
	}
	members["id"] = id
	subject, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return subject
}

// All companies of the built-in chains and the outsiders have numbers that are
// well formed, each its own, and that no registered company has.
func TestFictionalNumbers(t *testing.T) {
	seen := map[string]bool{"7" + mistypedFirm.number[1:]: true}
	note := func(number string) {
		t.Helper()
		if _, err := trust.ParseIdentifier(trust.CorporateNumber, number, false); err != nil || !strings.HasPrefix(number[1:], "9999") || seen[number] {
			t.Errorf("%s: twice: %v, %v", number, seen[number], err)
		}
		seen[number] = true
	}
	for _, name := range []string{"five-companies", "tutorial"} {
		chain, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range chain.Companies {
			note(c.CorporateNumber)
		}
	}
	for _, p := range []profile{expiredFirm, revokedFirm, mistypedFirm} {
		note(p.number)
	}
	for n := 10_000_001; n < 10_000_100; n++ {
		note(fictionalNumber(n))
	}
	if first := fictionalNumber(1); first != "8999900000001" {
		t.Errorf("the first is %s", first)
	}
}

// A company whose file has no number gets one that nobody in the chain has, and
// the register has everybody.
func TestRegistered(t *testing.T) {
	taken := fictionalNumber(10_000_001)
	numbers, register := registered(footprint.Chain{Companies: []footprint.Company{
		{ID: "without", Name: "甲", Fictional: true}, {ID: "with", Name: "乙", CorporateNumber: taken}, {ID: "another", Name: "丙"},
	}})
	if len(numbers) != 2 || numbers["without"] == taken || numbers["without"] == numbers["another"] || numbers["with"] != "" {
		t.Errorf("numbers are %v", numbers)
	}
	for number, name := range map[string]string{
		numbers["without"]: "甲 (fictional)", taken: "乙", numbers["another"]: "丙", expiredFirm.number: expiredFirm.label,
	} {
		if register[number] != name {
			t.Errorf("the register has %q under %s, want %q", register[number], number, name)
		}
	}
	if len(register) != 6 {
		t.Errorf("the register is %v", register)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust"
)

// The registrar believes nothing that is written in an application.
func TestExamine(t *testing.T) {
	r := &Registrar{settings: Settings{Dataspace: "https://dataspace.example/test", Clock: new(Clock), Register: map[string]string{"8999900000001": "甲", "7999900000002": "乙"}}}
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
	r := &Registrar{settings: Settings{Dataspace: "https://dataspace.example/test", Prefix: "B", Clock: new(Clock)}, members: 6}
	claims := r.claims(application{"甲", "8999900000001"})
	bound := trust.Claims{Participant: "did:web:a.example", Credentials: []trust.Credential{
		{Types: []string{trust.CorporateIdentityCredential}, Subject: with(t, claims[trust.CorporateIdentityCredential], "did:web:a.example")},
		{Types: []string{trust.MembershipCredential}, Subject: with(t, claims[trust.MembershipCredential], "did:web:a.example")},
	}}
	if id, ok := bound.Primary(); !ok || id.String() != "iso6523:0188:8999900000001" {
		t.Errorf("the company is %s", id)
	}
	if m := bound.Memberships(); len(m) != 1 || m[0].Number != "B-0007" || m[0].Of != "https://dataspace.example/test" {
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

// The numbers that are made up are well formed, each another, and no registered
// company has them.
func TestFictionalNumbers(t *testing.T) {
	seen := map[string]bool{}
	for n := 10_000_001; n < 10_000_100; n++ {
		number := FictionalNumber(n)
		if _, err := trust.ParseIdentifier(trust.CorporateNumber, number, false); err != nil || !strings.HasPrefix(number[1:], "9999") || seen[number] {
			t.Errorf("%s: twice: %v, %v", number, seen[number], err)
		}
		seen[number] = true
	}
	if first := FictionalNumber(1); first != "8999900000001" {
		t.Errorf("the first is %s", first)
	}
}

// A company without a number gets one that nobody else has, and the register has
// everybody.
func TestRegistered(t *testing.T) {
	taken := FictionalNumber(10_000_001)
	numbers, register := Registered(Company{"without", "甲 (fictional)", ""}, Company{"with", "乙", taken}, Company{"another", "丙", ""})
	if len(numbers) != 2 || numbers["without"] == taken || numbers["without"] == numbers["another"] || numbers["with"] != "" {
		t.Errorf("numbers are %v", numbers)
	}
	for number, name := range map[string]string{numbers["without"]: "甲 (fictional)", taken: "乙", numbers["another"]: "丙"} {
		if register[number] != name {
			t.Errorf("the register has %q under %s, want %q", register[number], number, name)
		}
	}
	if len(register) != 3 {
		t.Errorf("the register is %v", register)
	}
}

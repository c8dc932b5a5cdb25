// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// TestProvedIsBounded: who called last stays, who called first is forgotten,
// and the proof itself is not kept.
func TestProvedIsBounded(t *testing.T) {
	p := newProved()
	heavy := func(i int) trust.Claims {
		return trust.Claims{
			Participant: fmt.Sprintf("%04d", i), TokenID: "secret", Proved: time.Unix(int64(i), 0),
			Credentials: []trust.Credential{{Subject: make([]byte, 1<<20)}},
		}
	}
	room := maxProved / claimsSize([2]string{"c", "0000"}, heavy(0))
	for i := range room {
		p.keep("c", heavy(i))
	}
	p.keep("c", heavy(0))    // it calls again
	p.keep("c", heavy(room)) // one more than there is room for
	for who, want := range map[int]bool{0: true, 1: false, 2: true, room: true} {
		got, ok := p.of("c", fmt.Sprintf("%04d", who))
		if ok != want || got.TokenID != "" {
			t.Errorf("%d: kept %t, want %t: %+v", who, ok, want, got.Participant)
		}
	}
	if _, ok := p.of("another", "0000"); ok {
		t.Error("what one participant was shown is told to another")
	}
	if n, _ := p.claims.Len(); n != room || room < 10 {
		t.Errorf("%d are kept, there is room for %d", n, room)
	}
}

// fixedProfile proves always the same.
type fixedProfile struct {
	trust.Profile
	claims trust.Claims
	err    error
}

func (f fixedProfile) Verify(context.Context, trust.Request) (trust.Claims, error) {
	return f.claims, f.err
}

// TestRememberingKeepsProofsAlone: what was not proved is not remembered.
func TestRememberingKeepsProofsAlone(t *testing.T) {
	p := newProved()
	refused := remembering{fixedProfile{claims: trust.Claims{Participant: "a"}, err: errors.New("no")}, p}
	if _, err := refused.Verify(t.Context(), trust.Request{Context: "c"}); err == nil {
		t.Error("the refusal is lost")
	}
	unnamed := remembering{fixedProfile{}, p}
	if _, err := unnamed.Verify(t.Context(), trust.Request{Context: "c"}); err != nil {
		t.Error(err)
	}
	if kept(p) != 0 {
		t.Errorf("%d are kept", kept(p))
	}
	good := remembering{fixedProfile{claims: trust.Claims{Participant: "a"}}, p}
	if _, err := good.Verify(t.Context(), trust.Request{Context: "c"}); err != nil || kept(p) != 1 {
		t.Errorf("%d are kept, %v", kept(p), err)
	}
}

func kept(p *proved) int {
	n, _ := p.claims.Len()
	return n
}

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
	keep := func(i int) {
		p.keep("c", trust.Claims{Participant: fmt.Sprint(i), TokenID: "secret", Proved: time.Unix(int64(i), 0)})
	}
	for i := range maxProved {
		keep(i)
	}
	keep(0)         // it calls again
	keep(maxProved) // one more than there is room for
	for who, want := range map[int]bool{0: true, 1: false, 2: true, maxProved: true} {
		got, ok := p.of("c", fmt.Sprint(who))
		if ok != want || got.TokenID != "" {
			t.Errorf("%d: kept %t, want %t: %+v", who, ok, want, got)
		}
	}
	if _, ok := p.of("another", "0"); ok {
		t.Error("what one participant was shown is told to another")
	}
	if len(p.known) != maxProved || p.order.Len() != maxProved {
		t.Errorf("%d are kept", len(p.known))
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
	if len(p.known) != 0 {
		t.Errorf("kept %v", p.known)
	}
	good := remembering{fixedProfile{claims: trust.Claims{Participant: "a"}}, p}
	if _, err := good.Verify(t.Context(), trust.Request{Context: "c"}); err != nil || len(p.known) != 1 {
		t.Errorf("kept %v, %v", p.known, err)
	}
}

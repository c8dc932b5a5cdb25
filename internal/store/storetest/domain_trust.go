// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"encoding/json"
	"errors"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust"
)

var participants = []contract{
	{"PutParticipant adds a participant, or changes all of it but its context", func(b *box) {
		p := trust.Participant{Context: "acme", ID: "did:web:acme.example", Name: "ACME 株式会社", PublicURL: "https://acme.example", Profile: "preshared"}
		b.must(b.d().PutParticipant(b.ctx, p))
		b.equal("added", participant(b, "acme"), p)
		p = trust.Participant{Context: "acme", ID: "BPN-1"}
		b.must(b.d().PutParticipant(b.ctx, p))
		b.equal("changed", participant(b, "acme"), p)
	}},
	{"a participant's settings are kept as they are, and without any there are none", func(b *box) {
		p := trust.Participant{Context: "acme", ID: "did:web:acme.example", Settings: json.RawMessage(`{ "b":  1.0, "a": ["\u00e9", "é"] }`)}
		b.must(b.d().PutParticipant(b.ctx, p))
		b.equal("kept", participant(b, "acme"), p)
		participant(b, "acme").Settings[0] = 'x'
		b.equal("the caller's", participant(b, "acme"), p)
		list, err := b.d().Participants(b.ctx)
		b.must(err)
		b.equal("listed", list, []trust.Participant{p})
		p.Settings = nil
		b.must(b.d().PutParticipant(b.ctx, p))
		b.equal("none", participant(b, "acme"), p)
	}},
	{"Participants returns all, in order of their contexts", func(b *box) {
		var want []trust.Participant
		for _, c := range []string{"b", "a-b", "ab", "a"} {
			b.must(b.d().PutParticipant(b.ctx, trust.Participant{Context: c, ID: "id of " + c}))
		}
		b.must(b.d().PutPeer(b.ctx, "nobody", trust.Peer{ID: "p"}))
		for _, c := range []string{"a", "a-b", "ab", "b"} {
			want = append(want, trust.Participant{Context: c, ID: "id of " + c})
		}
		list, err := b.d().Participants(b.ctx)
		b.must(err)
		b.equal("participants", list, want)
	}},
	{"a participant that is not stored is ErrUnknownParticipant", func(b *box) {
		b.must(b.d().PutPeer(b.ctx, "known", trust.Peer{ID: "p"}))
		for _, c := range []string{"none", "known", ""} {
			if _, err := b.d().Participant(b.ctx, c); !errors.Is(err, trust.ErrUnknownParticipant) {
				b.Fatalf("%q: %v", c, err)
			}
		}
	}},
	{"a participant without a context or id, or with bytes that are no text, is refused", func(b *box) {
		for _, p := range []trust.Participant{
			{ID: "x"},
			{Context: "x"},
			{Context: "x", ID: "\xff"},
			{Context: "x", ID: "x", Name: "a\x00b"},
			{Context: "x", ID: "x", Settings: json.RawMessage(`[]`)},
			{Context: "x", ID: "x", Settings: json.RawMessage(`{`)},
			{Context: "x", ID: "x", Settings: json.RawMessage(`null`)},
			{Context: "x", ID: "x", Settings: json.RawMessage("{\"a\":\"\xff\"}")},
		} {
			if err := b.d().PutParticipant(b.ctx, p); err == nil {
				b.Fatalf("%+v was kept", p)
			}
		}
	}},
}

func participant(b *box, contextID string) trust.Participant {
	b.Helper()
	p, err := b.d().Participant(b.ctx, contextID)
	b.must(err)
	return p
}

var peers = []contract{
	{"PutPeer adds a peer, or replaces all of it", func(b *box) {
		p := trust.Peer{ID: "did:web:oem.example", URL: "https://oem.example/dsp", Profile: "preshared", Inbound: "Bearer in", Outbound: "Basic 出", Conformance: trust.Lenient, FormatNames: trust.LegacyNames, WithoutRules: trust.PermitsUse}
		b.must(b.d().PutPeer(b.ctx, owner, p))
		b.equal("added", b.peer(owner, p.ID), p)
		p = trust.Peer{ID: p.ID, URL: "https://b.example", Inbound: "Bearer other", FormatNames: trust.ProfileNames}
		b.must(b.d().PutPeer(b.ctx, owner, p))
		b.equal("replaced", b.peer(owner, p.ID), p)
	}},
	{"Peers returns all, in order of id", func(b *box) {
		var want []trust.Peer
		for _, id := range []string{"é", "b", "a:b", "Z", "a"} {
			b.must(b.d().PutPeer(b.ctx, owner, trust.Peer{ID: id, URL: "https://same.example", Inbound: "in " + id, Outbound: "out " + id}))
		}
		for _, id := range []string{"Z", "a", "a:b", "b", "é"} {
			want = append(want, trust.Peer{ID: id, URL: "https://same.example", Inbound: "in " + id, Outbound: "out " + id})
		}
		list, err := b.d().Peers(b.ctx, owner)
		b.must(err)
		b.equal("peers", list, want)
	}},
	{"a peer that is not stored is ErrUnknownPeer", func(b *box) {
		if _, err := b.d().Peer(b.ctx, owner, "none"); !errors.Is(err, trust.ErrUnknownPeer) {
			b.Fatal(err)
		}
		list, err := b.d().Peers(b.ctx, owner)
		b.must(err)
		b.equal("peers", list, []trust.Peer(nil))
	}},
	{"DeletePeer removes one, and is ErrUnknownPeer where there is none", func(b *box) {
		b.must(b.d().PutPeer(b.ctx, owner, trust.Peer{ID: "a"}))
		b.must(b.d().PutPeer(b.ctx, owner, trust.Peer{ID: "b"}))
		b.must(b.d().DeletePeer(b.ctx, owner, "a"))
		if err := b.d().DeletePeer(b.ctx, owner, "a"); !errors.Is(err, trust.ErrUnknownPeer) {
			b.Fatalf("again: %v", err)
		}
		if _, err := b.d().Peer(b.ctx, owner, "a"); !errors.Is(err, trust.ErrUnknownPeer) {
			b.Fatalf("read: %v", err)
		}
		b.equal("the other one", b.peer(owner, "b"), trust.Peer{ID: "b"})
	}},
	{"a peer without an id, or of no participant, is refused", func(b *box) {
		if b.d().PutPeer(b.ctx, owner, trust.Peer{}) == nil || b.d().PutPeer(b.ctx, "", trust.Peer{ID: "a"}) == nil ||
			b.d().PutPeer(b.ctx, owner, trust.Peer{ID: "a", Conformance: "lax"}) == nil || b.d().PutPeer(b.ctx, owner, trust.Peer{ID: "a", FormatNames: "new"}) == nil ||
			b.d().PutPeer(b.ctx, owner, trust.Peer{ID: "a", WithoutRules: "read"}) == nil {
			b.Fatal("it was kept")
		}
	}},
}

func (b *box) peer(contextID, id string) trust.Peer {
	b.Helper()
	p, err := b.d().Peer(b.ctx, contextID, id)
	b.must(err)
	return p
}

// domains calls f n times at the same time, on two processes if there can be.
func (b *box) domains(n int, f func(i int, d Domain) error) {
	b.Helper()
	b.together(n, func(i int, s engine.Store) error { return f(i, domainOf(b, s)) })
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// peers is a PeerStore of one participant, "acme".
type peers struct {
	list []trust.Peer
	err  error
}

func (p peers) Peer(_ context.Context, contextID, id string) (trust.Peer, error) {
	for _, peer := range p.list {
		if contextID == "acme" && peer.ID == id {
			return peer, p.err
		}
	}
	return trust.Peer{}, trust.ErrUnknownPeer
}

func (p peers) Peers(_ context.Context, contextID string) ([]trust.Peer, error) {
	if contextID != "acme" {
		return nil, p.err
	}
	return p.list, p.err
}

func (peers) PutPeer(context.Context, string, trust.Peer) error { return nil }
func (peers) DeletePeer(context.Context, string, string) error  { return nil }

func TestPresharedVerify(t *testing.T) {
	known := peers{list: []trust.Peer{
		{ID: "a", URL: "http://same", Inbound: "Bearer A", Outbound: "Bearer to-A"},
		{ID: "b", URL: "http://same", Inbound: `{"clientId":"b"}`, Outbound: "Bearer to-B"},
		{ID: "mute", URL: "http://mute"}, // without a value of its own
	}}
	for _, c := range []struct {
		name, context, authorization, want string
		err                                error
		peers                              peers
	}{
		{"the exact value", "acme", "Bearer A", "a", nil, known},
		{"any text is a value", "acme", `{"clientId":"b"}`, "b", nil, known},
		{"no value", "acme", "", "", trust.ErrUnauthenticated, known},
		{"another value", "acme", "Bearer B", "", trust.ErrUnauthenticated, known},
		{"another case", "acme", "bearer A", "", trust.ErrUnauthenticated, known},
		{"a longer value", "acme", "Bearer A ", "", trust.ErrUnauthenticated, known},
		{"another participant's peer", "other", "Bearer A", "", trust.ErrUnauthenticated, known},
		{"no peers", "acme", "Bearer A", "", trust.ErrUnauthenticated, peers{}},
		{"a value of two peers", "acme", "Bearer A", "", trust.ErrUnauthenticated, peers{list: append(known.list, trust.Peer{ID: "c", Inbound: "Bearer A"})}},
		{"the store fails", "acme", "Bearer A", "", trust.ErrUnavailable, peers{err: errors.New("down")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &trust.Preshared{Peers: c.peers, Now: func() time.Time { return time.Unix(1, 0) }}
			claims, err := p.Verify(t.Context(), trust.Request{Context: c.context, Authorization: []string{c.authorization}})
			if !errors.Is(err, c.err) || claims.Participant != c.want {
				t.Errorf("verified %q, %v; want %q, %v", claims.Participant, err, c.want, c.err)
			}
			if err == nil && (claims.Profile != "preshared" || claims.Proved.Unix() != 1) {
				t.Errorf("claims %+v", claims)
			}
		})
	}
}

func TestPresharedToken(t *testing.T) {
	p := &trust.Preshared{Peers: peers{list: []trust.Peer{{ID: "a", Outbound: "Bearer to-A"}}}}
	if token, err := p.Token(t.Context(), trust.Audience{Context: "acme", Peer: "a"}); err != nil || token != "Bearer to-A" {
		t.Errorf("token %q, %v", token, err)
	}
	if _, err := p.Token(t.Context(), trust.Audience{Context: "acme", Peer: "b"}); !errors.Is(err, trust.ErrUnknownPeer) {
		t.Errorf("error %v", err)
	}
	if _, err := p.Token(t.Context(), trust.Audience{Context: "other", Peer: "a"}); !errors.Is(err, trust.ErrUnknownPeer) {
		t.Errorf("error %v", err)
	}
}

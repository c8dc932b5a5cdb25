// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"
	"encoding/json"
	"errors"
)

// Errors of identity profiles.
var (
	// ErrUnauthenticated is a verdict: the proof is missing or not good. The
	// peer is answered 401.
	ErrUnauthenticated = errors.New("not authenticated")
	// ErrUnavailable is no verdict: something that the proof rests on is out
	// of reach. The peer is answered 503 and may repeat the same proof.
	ErrUnavailable = errors.New("cannot authenticate now")
	// ErrUnknownPeer: no peer with this id is known.
	ErrUnknownPeer = errors.New("unknown peer")
)

// Purpose tells a profile what a message is for: DCP asks for other
// credentials for a catalogue than for a transfer.
type Purpose string

// The purposes of DSP messages.
const (
	ForCatalog     Purpose = "catalog"
	ForNegotiation Purpose = "negotiation"
	ForTransfer    Purpose = "transfer"
)

// Request is an inbound call whose sender is to be proved.
type Request struct {
	Context string // the participant context that is called
	// Authorization holds the values of the header, exactly and as many as
	// came: two of them are no proof of anything.
	Authorization []string
	Purpose       Purpose
	// Use is set by a caller that records the use of a proof itself. A profile
	// may fill it in place of doing so; nil: what is good once is recorded
	// before Verify returns.
	Use *Use
}

// Audience is whom a token is for.
type Audience struct {
	Context string // our participant context
	Peer    string // the counterparty's participant id
	URL     string // the address called
	Purpose Purpose
}

// Verifier proves who sent an inbound call.
type Verifier interface {
	// Verify returns what is proved. ErrUnauthenticated, ErrUnavailable.
	// An error that says why is a Refusal.
	Verify(ctx context.Context, r Request) (Claims, error)
	// Release lets the proof of these claims be used once more. It is called
	// when the call is answered 5xx, after which peers repeat the same token.
	Release(ctx context.Context, contextID string, c Claims) error
}

// TokenSource makes the Authorization of an outbound call.
type TokenSource interface {
	// Token returns the header's whole value. It is called for each attempt.
	// ErrUnknownPeer, ErrUnavailable.
	Token(ctx context.Context, a Audience) (string, error)
}

// Profile is an identity profile: both directions of proof.
type Profile interface {
	Verifier
	TokenSource
	// Name is the profile's name in configuration and in Claims.
	Name() string
}

// Peer is a counterparty that we know of by configuration or management.
type Peer struct {
	ID      string // participant id, opaque
	URL     string // DSP base URL, to which /catalog/request and so on are appended
	Profile string // identity profile; empty: the participant's default
	// Inbound is the exact Authorization value that the peer sends, Outbound
	// the one that we send to it (Preshared only). Both are secrets.
	Inbound, Outbound string
	// Conformance is how strictly the peer's proofs are judged: Strict, which
	// is meant where it is empty, or Lenient.
	Conformance Conformance
	// FormatNames is how credential formats are named to this peer when it is
	// a holder of credentials of ours: by profile, which is meant where it is
	// empty, or by LegacyNames.
	FormatNames string
	// WithoutRules is what an offer or an agreement of this peer counts as that
	// has no rule at all: nothing is permitted, which is meant where it is
	// empty, or, with PermitsUse, the permission to use, without conditions.
	WithoutRules string
}

// PermitsUse is the one setting of Peer.WithoutRules.
const PermitsUse = "use"

// Conformance says how strictly a counterparty's credentials, presentations
// and DID documents are judged. What Lenient lets pass is listed in
// docs/trust.md, and logged each time it is used.
type Conformance string

// The two ways of judging. The zero value is Strict.
const (
	Strict  Conformance = "strict"
	Lenient Conformance = "lenient"
)

// Lenient reports whether the relaxations are on.
func (c Conformance) Lenient() bool { return c == Lenient }

// Peer.FormatNames, where it says anything: ProfileNames are those of the
// specification and no others, LegacyNames VC1_0_JWT and VC2_0_JOSE, as older
// holders have them.
const (
	ProfileNames = "profile"
	LegacyNames  = "legacy"
)

// PeerStore keeps a participant's peers; secrets are encrypted at rest.
type PeerStore interface {
	// Peer returns one by id. ErrUnknownPeer.
	Peer(ctx context.Context, contextID, id string) (Peer, error)
	// Peers returns all, in order of id.
	Peers(ctx context.Context, contextID string) ([]Peer, error)
	// PutPeer adds or replaces one. DeletePeer removes it (ErrUnknownPeer).
	PutPeer(ctx context.Context, contextID string, p Peer) error
	DeletePeer(ctx context.Context, contextID, id string) error
}

// Participant is a company that this connector speaks for.
type Participant struct {
	Context   string `json:"context"`   // slug: local, immutable, the first segment of its routes
	ID        string `json:"id"`        // participant id on the wire
	Name      string `json:"name"`      // for people
	PublicURL string `json:"publicUrl"` // where counterparties reach its routes, with the context
	Profile   string `json:"profile"`   // identity profile
	// Settings are the identity profile's own, as a JSON object; none: its
	// defaults. They hold no secret in the clear.
	Settings json.RawMessage `json:"settings,omitempty"`
}

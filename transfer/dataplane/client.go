// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/transfer"
)

// Replays records the tokens that clients prove themselves with, each once.
type Replays interface {
	// UseToken records a token of an issuer until its time is over. Of any
	// number of calls one returns true.
	UseToken(ctx context.Context, contextID, issuer, tokenID string, until time.Time) (first bool, err error)
}

const (
	leeway = 5 * time.Second // of clocks
	// maxClientLife bounds a client's token, and so the record of used ones.
	maxClientLife = 15 * time.Minute
	maxTokenID    = 256 // bytes
	// refetchPause is how long a DID document that was fetched a moment ago is
	// not fetched again (internal/did). A client that just changed its key
	// waits so long for its answer.
	refetchPause = 1100 * time.Millisecond
)

// client is who renews, proved.
type client struct {
	tokenID string
	expires time.Time
	grant   string // of the access token that it has
}

func badClient(why string) error {
	return refusal{http.StatusUnauthorized, "client-token-invalid", "the token of the client is not accepted: " + why, "sign iss, sub, aud, token, jti, iat and exp with a key of your DID"}
}

// client proves that a token is of the consumer: it names an access token of
// ours for this transfer, and is signed by a key of the consumer's DID for us.
// Who has no such access token costs us no look at any DID document.
func (p *Plane) client(ctx context.Context, run transfer.Running, authorization string) (client, error) {
	raw := bearerOf(authorization)
	if raw == "" {
		return client{}, refusal{http.StatusUnauthorized, "client-token-missing", "there is no token of the client", "send a token that your DID signed in the header Authorization"}
	}
	token, err := jose.Parse(raw, maxForm)
	if err != nil {
		return client{}, badClient("it cannot be read")
	}
	claims, err := token.Unproved()
	if err != nil {
		return client{}, badClient("its claims cannot be read")
	}
	access, _ := claims.Text("token")
	grant, err := p.accessToken(ctx, run, access)
	if err != nil {
		return client{}, err
	}
	if err := p.claimed(run, claims); err != nil {
		return client{}, err
	}
	if err := p.signed(ctx, run.Peer, token); err != nil {
		return client{}, err
	}
	return client{claims.ID, claims.Expires, grant}, nil
}

// claimed judges what the token says, apart from its signature.
func (p *Plane) claimed(run transfer.Running, c jose.Claims) error {
	now := p.cfg.Now()
	kidOf, _, whole := strings.Cut(c.Header.KeyID, "#")
	switch {
	case c.Issuer != run.Peer || whole && kidOf != "" && kidOf != run.Peer:
		return refusal{http.StatusForbidden, "client-not-consumer", "the token of the client is of another participant than the consumer of this transfer", "renew as the participant that asked for the transfer"}
	case c.Subject != c.Issuer:
		return badClient("sub is not iss")
	case !slices.Contains(c.Audience, run.Participant):
		return badClient("aud is not the provider")
	case !c.Has("exp") || c.Expires.After(now.Add(maxClientLife)):
		return badClient("exp is missing or too far away")
	case !now.Before(c.Expires.Add(leeway)):
		return refusal{http.StatusUnauthorized, "client-token-expired", "the token of the client has expired", "sign a new one"}
	case c.NotBefore.After(now.Add(leeway)) || c.IssuedAt.After(now.Add(leeway)):
		return badClient("it is of the future")
	case c.ID == "" || len(c.ID) > maxTokenID:
		return badClient("jti is missing or too long")
	}
	return nil
}

// signed checks the signature by the consumer's DID document, and by a newer
// one where that has no such key.
func (p *Plane) signed(ctx context.Context, peer string, token jose.Token) error {
	if p.cfg.DIDs == nil {
		return fmt.Errorf("nothing here resolves DIDs")
	}
	err := p.signedBy(ctx, peer, token)
	if !errors.Is(err, did.ErrNoKey) && !errors.Is(err, jose.ErrSignature) && !errors.Is(err, jose.ErrKeyAlgorithm) {
		return judged(err)
	}
	again, ok := p.cfg.DIDs.(interface{ Refresh(did string) bool })
	if !ok {
		return judged(err)
	}
	if !again.Refresh(peer) { // it is quite new: a moment later it is not
		if err := timer(p.cfg.Timer).sleep(ctx, refetchPause); err != nil {
			return err
		}
		again.Refresh(peer)
	}
	return judged(p.signedBy(ctx, peer, token))
}

func (p *Plane) signedBy(ctx context.Context, peer string, token jose.Token) error {
	document, err := p.cfg.DIDs.Resolve(ctx, peer)
	if err != nil {
		return err
	}
	var key crypto.PublicKey
	for _, use := range []did.Relation{did.Authentication, did.CapabilityInvocation, did.AssertionMethod} {
		if key, err = document.Key(token.Header().KeyID, use, false); !errors.Is(err, did.ErrRelation) {
			break
		}
	}
	if err != nil {
		return err
	}
	_, err = token.Verify(key)
	return err
}

// judged tells a verdict from a document that is out of reach now.
func judged(err error) error {
	_, verdict := errors.AsType[*did.Error](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, did.ErrUnreachable):
		return fmt.Errorf("the DID document of the consumer: %w", err)
	case verdict || jose.Code(err) != "":
		return badClient("it is not signed by a key of the consumer's DID document")
	}
	return err
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/musubi-ods/musubi/transfer"
)

// refreshState is what is kept of the refresh tokens of a flow. A refresh
// token is made of the one before it and a random salt, so that whoever
// presents that one again, because the answer was lost, gets the same answer:
// nothing is written then, and of several callers each is right.
//
//	start ──> R1 ──presented──> R2 ──presented──> R3
//	                  R1 is good until R2, or the access token beside R2, was seen
type refreshState struct {
	Grant      string `json:"grant"` // of the start; a later one voids all
	Generation int64  `json:"generation"`
	Current    []byte `json:"current"`            // SHA-256 of the token
	Previous   []byte `json:"previous,omitempty"` // of the one before, while it is good
	Salt       []byte `json:"salt"`               // makes the current one of the one before
}

const saltSize = 32

// errRefresh: the token is not one that may be presented now.
var errRefresh = errors.New("not a refresh token of this transfer")

func digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func (s refreshState) derive(before string) string {
	mac := hmac.New(sha256.New, s.Salt)
	_, _ = mac.Write([]byte(before))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// next is the state after a token was presented.
func (s refreshState) next(presented string, rand io.Reader) (refreshState, string, error) {
	n := refreshState{Grant: s.Grant, Generation: s.Generation + 1, Previous: digest(presented), Salt: make([]byte, saltSize)}
	if _, err := io.ReadFull(rand, n.Salt); err != nil {
		return n, "", err
	}
	token := n.derive(presented)
	n.Current = digest(token)
	return n, token, nil
}

// maxTries bounds the conditional writes of one call: each that fails was
// another's that succeeded.
const maxTries = 8

// changeRefresh calls f with the state until what it returns could be written.
// A nil state leaves it as it is.
func (p *Plane) changeRefresh(ctx context.Context, contextID, process string, f func(refreshState) (*refreshState, error)) error {
	for range maxTries {
		a, err := p.cfg.Access.Access(ctx, contextID, process)
		if err != nil {
			return err
		}
		var s refreshState
		if a.Version > 0 {
			if err := json.Unmarshal(a.Doc, &s); err != nil {
				return fmt.Errorf("the tokens of flow %s: %w", process, err)
			}
		}
		n, err := f(s)
		if err != nil || n == nil {
			return err
		}
		if a.Doc, err = json.Marshal(n); err != nil {
			return err
		}
		if _, err := p.cfg.Access.PutAccess(ctx, a); !errors.Is(err, transfer.ErrAccessChanged) {
			return err
		}
	}
	return transfer.ErrAccessChanged
}

// firstRefresh returns the first refresh token of a start, the same when the
// call is repeated.
func (p *Plane) firstRefresh(ctx context.Context, f transfer.Flow) (token string, err error) {
	begin := "start " + f.MessageID
	err = p.changeRefresh(ctx, f.Context, f.Process, func(s refreshState) (*refreshState, error) {
		if s.Grant == f.MessageID && s.Generation == 1 {
			token = s.derive(begin)
			return nil, nil
		}
		n, t, err := refreshState{Grant: f.MessageID}.next(begin, p.cfg.Rand)
		n.Previous, token = nil, t // begin is no secret
		return &n, err
	})
	return token, err
}

// rotate takes a refresh token and returns the one after it.
func (p *Plane) rotate(ctx context.Context, run transfer.Running, presented string) (token string, generation int64, err error) {
	hash := digest(presented)
	err = p.changeRefresh(ctx, run.Context, run.Process, func(s refreshState) (*refreshState, error) {
		switch {
		case s.Grant == "" || s.Grant != run.Grant:
			return nil, errRefresh
		case len(s.Previous) > 0 && subtle.ConstantTimeCompare(hash, s.Previous) == 1:
			token, generation = s.derive(presented), s.Generation // the answer was lost
			return nil, nil
		case subtle.ConstantTimeCompare(hash, s.Current) != 1:
			return nil, errRefresh
		}
		n, t, err := s.next(presented, p.cfg.Rand)
		token, generation = t, n.Generation
		return &n, err
	})
	return token, generation, err
}

// arrived notes that an access token of a generation is in use: its consumer
// has the refresh token beside it, and the one before is void.
func (p *Plane) arrived(ctx context.Context, run transfer.Running, generation int64) error {
	if generation < 2 || p.cfg.Access == nil {
		return nil
	}
	return p.changeRefresh(ctx, run.Context, run.Process, func(s refreshState) (*refreshState, error) {
		if s.Grant != run.Grant || s.Generation != generation || len(s.Previous) == 0 {
			return nil, nil
		}
		s.Previous = nil
		return &s, nil
	})
}

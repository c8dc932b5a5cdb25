// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Pulling is a pull of ours as consumer: whose, of whom, and the address that
// the provider's start brought.
type Pulling struct {
	Context, Process string
	// Version is that of the transfer, as it was read with the address. Of two
	// addresses the one that was read with the larger is newer.
	Version int64
	Peer    string // the provider's participant id
	Address transfer.DataAddress
}

// ErrSuperseded: the transfer has been started again since the address was
// read, and has a newer one. Read it again.
var ErrSuperseded = errors.New("the transfer has a newer data address")

// base tells one address from the next one of the transfer.
func (c Pulling) base() []byte {
	sum := sha256.Sum256([]byte(c.Address.Endpoint + "\n" + c.Address.Get(transfer.PropertyRefreshToken) + "\n" + c.Address.Get(transfer.PropertyAuthorization)))
	return sum[:]
}

// held are the newest tokens of a pull, as they are kept.
type held struct {
	Base []byte `json:"base"` // of the address that they come from
	// Start is the largest Pulling.Version with which that address was seen. An
	// address of a smaller one is of an earlier start: its tokens are not written
	// over these.
	Start    int64         `json:"start,omitempty"`
	Access   string        `json:"access"`
	Refresh  string        `json:"refresh"`
	Lifetime time.Duration `json:"lifetime"`
	Expires  time.Time     `json:"expires"`
	// By and Until say who renews them now, so that nobody else does.
	By    string    `json:"by,omitempty"`
	Until time.Time `json:"until,omitzero"`

	version int64
}

// initial are the tokens of the address itself. When it came is not known
// here: they are taken for ones that are to be renewed.
func (c Pulling) initial(r transfer.Renewal) held {
	return held{Base: c.base(), Start: c.Version, Access: c.Address.Get(transfer.PropertyAuthorization), Refresh: r.Token, Lifetime: r.Lifetime}
}

// due is when the tokens are renewed: while a quarter of their life is left,
// but at least a few seconds.
func (h held) due() time.Time {
	return h.Expires.Add(-min(max(h.Lifetime/4, 5*time.Second), h.Lifetime/2, time.Minute))
}

// good reports whether a request that leaves now will find the token valid.
func (h held) good(now time.Time) bool {
	return now.Before(h.Expires.Add(-min(2*time.Second, h.Lifetime/8)))
}

// load reads what is kept of a pull, or begins with the address. What it returns
// is the one thing that save writes, over the very version that was read: tokens
// of an earlier start come through neither. ErrSuperseded.
func (r *Renewer) load(ctx context.Context, c Pulling, renewal transfer.Renewal) (held, error) {
	return r.newest(ctx, c, renewal, c.Version-1)
}

// newest is load, where another address may take the place of one that was seen
// up to a version.
func (r *Renewer) newest(ctx context.Context, c Pulling, renewal transfer.Renewal, over int64) (held, error) {
	a, err := r.cfg.Access.Access(ctx, c.Context, c.Process)
	if err != nil {
		return held{}, err
	}
	h := held{}
	if a.Version > 0 && json.Unmarshal(a.Doc, &h) != nil {
		h = held{}
	}
	switch {
	case h.Access == "": // nothing is kept
		h = c.initial(renewal)
	case string(h.Base) == string(c.base()):
		h.Start = max(h.Start, c.Version)
	case h.Start > over:
		return held{}, ErrSuperseded
	default: // of an earlier start
		h = c.initial(renewal)
	}
	h.version = a.Version
	return h, nil
}

// save writes h over the version that it was read with.
func (r *Renewer) save(ctx context.Context, c Pulling, h held) (held, error) {
	doc, err := json.Marshal(h)
	if err != nil {
		return h, err
	}
	h.version, err = r.cfg.Access.PutAccess(ctx, transfer.Access{Context: c.Context, Process: c.Process, Version: h.version, Doc: doc})
	return h, err
}

// Keep notes an address that came just now: its token's time is counted from
// here. One that is not renewed needs nothing. It takes the place of another one
// of the same version: of that the start was not kept, so that it is none of the
// transfer. ErrSuperseded.
func (r *Renewer) Keep(ctx context.Context, c Pulling) error {
	renewal, ok := c.Address.Renewal()
	if !ok {
		return nil
	}
	for range maxTries {
		h, err := r.newest(ctx, c, renewal, c.Version)
		now := r.cfg.Now()
		if err != nil || !h.Expires.IsZero() || h.By != "" && now.Before(h.Until) {
			return err // kept before, or being renewed: the answer says when it ends
		}
		h.Expires = now.Add(h.Lifetime)
		if _, err = r.save(ctx, c, h); !errors.Is(err, transfer.ErrAccessChanged) {
			return err
		}
	}
	return transfer.ErrAccessChanged
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/musubi-ods/musubi/trust"
)

// Refused is a caller that was turned away for its proof.
type Refused struct {
	At        time.Time `json:"at"`
	SupportID string    `json:"supportId"` // what the caller was told
	Route     string    `json:"route"`
	// Claimed is who the caller says it is. It is not proved.
	Claimed    string `json:"claimed,omitempty"`
	Check      string `json:"check,omitempty"` // V01 to V94, C01 to C18
	Reason     string `json:"reason"`
	Credential string `json:"credential,omitempty"`
	From       string `json:"from"`

	context string
}

// maxRefusals bounds what is kept of one participant: the log has all of them,
// and a stranger must not fill a store, nor the place of another participant.
const maxRefusals = 250

// Refusals are the latest refusals of this process, for those who ask why a
// peer does not get through. The zero value is ready.
type Refusals struct {
	mu   sync.Mutex
	list map[string][]Refused // by participant, oldest first
}

// add keeps one, and forgets the oldest.
func (r *Refusals) add(one Refused) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == nil {
		r.list = map[string][]Refused{}
	}
	list := r.list[one.context]
	if len(list) >= maxRefusals {
		list = slices.Delete(list, 0, 1)
	}
	r.list[one.context] = append(list, one)
}

// Of returns a participant's, newest first. Where a peer is named, only those
// of whoever claimed to be that peer.
func (r *Refusals) Of(contextID, peer string, limit int) []Refused {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := []Refused{}
	for _, one := range slices.Backward(r.list[contextID]) {
		if (peer == "" || one.Claimed == peer) && len(found) < limit {
			found = append(found, one)
		}
	}
	return found
}

// refusal puts an error of a verifier into the form that is kept and logged.
func (c *Common) refusal(ctx context.Context, route, from string, err error) Refused {
	one := Refused{
		At: c.Now(), SupportID: supportID(ctx), Route: route, From: from, context: known(ctx), Reason: err.Error(),
	}
	if why, ok := errors.AsType[*trust.Refusal](err); ok {
		one.Check, one.Credential, one.Claimed, one.Reason = why.Check, why.Credential, why.Subject, why.Reason
		if why.Err != nil {
			one.Reason += ": " + why.Err.Error()
		}
	}
	one.Claimed, one.Credential = harmless(one.Claimed, maxNamed), harmless(one.Credential, maxNamed)
	one.Reason = harmless(one.Reason, maxReason)
	return one
}

// What is kept of a refusal, in bytes. Reasons quote strangers.
const (
	maxNamed  = 1024
	maxReason = 2048
)

// harmless bounds a text with what strangers wrote, and takes out of it what a
// terminal or a log would obey.
func harmless(text string, limit int) string {
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// supportID is the id of a request as callers see it.
func supportID(ctx context.Context) string {
	return strings.TrimPrefix(requestID(ctx), "urn:uuid:")
}

func listRefusals(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	return answer{body: list[Refused]{Items: c.m.Refusals.Of(c.contextID, c.QueryParam("peer"), limit)}}, nil
}

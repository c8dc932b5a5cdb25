// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/musubi-ods/musubi/transfer"
)

// An inbox has the token that is in use, and those that it gave out since
// (Resume). Nobody here learns whether one of these reached the provider before
// it comes back: then those before it are void.

const (
	// maxGiven bounds the tokens that have not come back; what would be more is
	// not given out.
	maxGiven = 16
	// maxVoid bounds those of which is said why they are refused.
	maxVoid = 8
)

// address is where to push to, with a new token, and what is kept of that.
func (b *Inbox) address(ctx context.Context, f transfer.Flow) (a *transfer.DataAddress, sum string, err error) {
	base, err := b.cfg.PublicURL(ctx, f.Context)
	if err != nil {
		return nil, "", err
	}
	secret := make([]byte, 32)
	if _, err := io.ReadFull(b.cfg.Rand, secret); err != nil {
		return nil, "", err
	}
	token := hex.EncodeToString(secret)
	return &transfer.DataAddress{
		EndpointType: transfer.EndpointTypeHTTP,
		Endpoint:     base + "/data/" + url.PathEscape(f.Process) + "/" + inboxSegment,
		Properties: []transfer.Property{
			{Name: transfer.PropertyAuthorization, Value: token},
			{Name: transfer.PropertyAuthType, Value: "bearer"},
			{Name: propertyUpload, Value: uploadMusubi},
		},
	}, hashOf(token), nil
}

// hashOf is what is kept of a token.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// give notes a token that is given out, if it may be.
func give(j *transfer.Job, sum string) bool {
	if j.Version == 0 || j.Grant == "" || len(j.Given) >= maxGiven {
		return false
	}
	j.Given = append(j.Given, sum)
	return true
}

// end voids all tokens. Should they be too many, the one in use is remembered.
func end(j *transfer.Job) {
	if j.Grant == "" {
		return
	}
	void(j, append(j.Given, j.Grant))
	j.Grant, j.Given = "", nil
}

// void remembers tokens that are not good any more.
func void(j *transfer.Job, sums []string) {
	j.Void = slices.Concat(j.Void, sums)
	j.Void = j.Void[max(0, len(j.Void)-maxVoid):]
}

// admit returns the job of a request that has the inbox's token, if data may
// come now.
func (b *Inbox) admit(r *http.Request) (transfer.Job, error) {
	contextID, id, _, _ := parsePath(r.URL)
	j, err := b.cfg.Jobs.Job(r.Context(), contextID, id, transfer.JobInbox)
	token := bearerOf(r.Header.Get("Authorization"))
	switch {
	case errors.Is(err, transfer.ErrNoJob):
		return j, errInboxToken
	case err != nil:
		return j, err
	case token == "":
		return j, refusal{http.StatusUnauthorized, "token-missing", "there is no token", "send the authorization of the data address in the header Authorization"}
	}
	newer, refused := granted(j, hashOf(token))
	if errors.Is(refused, errInboxToken) {
		return j, refused
	}
	err = b.cfg.Receiving(r.Context(), contextID, id)
	switch {
	case err != nil: // also where the token is void: no later one would be taken now
		return j, err
	case refused != nil || !newer:
		return j, refused
	}
	return b.replace(r.Context(), j, hashOf(token))
}

// granted judges a token. newer: it is not the one that is in use so far.
func granted(j transfer.Job, sum string) (newer bool, err error) {
	same := func(kept string) bool { return subtle.ConstantTimeCompare([]byte(kept), []byte(sum)) == 1 }
	switch {
	case same(j.Grant):
		return false, nil
	case slices.ContainsFunc(j.Given, same):
		return true, nil
	case slices.ContainsFunc(j.Void, same) && j.Grant == "":
		return false, transfer.ErrEnded
	case slices.ContainsFunc(j.Void, same):
		return false, errSuperseded
	}
	return false, errInboxToken
}

// replace makes a token the one that is in use, unless another request made it
// void meanwhile.
func (b *Inbox) replace(ctx context.Context, j transfer.Job, sum string) (transfer.Job, error) {
	err := b.change(ctx, transfer.Flow{Context: j.Context, Process: j.Process}, func(j *transfer.Job) {
		at := slices.Index(j.Given, sum)
		if at < 0 {
			return // another request made it so, or a later one
		}
		void(j, append([]string{j.Grant}, j.Given[:at]...))
		j.Grant, j.Given = sum, slices.Clone(j.Given[at+1:])
	})
	if err != nil {
		return j, err
	}
	if j, err = b.cfg.Jobs.Job(ctx, j.Context, j.Process, transfer.JobInbox); err == nil {
		_, err = granted(j, sum)
	}
	return j, err
}

var errInboxToken = refusal{http.StatusUnauthorized, "token-invalid", "the token is not one of this transfer", "use the data address of this transfer"}

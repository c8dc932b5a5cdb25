// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// maxAnswer bounds the answer to a renewal, in bytes.
const maxAnswer = 64 << 10

var (
	// errAnswer: the provider answered 200 with what is no token. It may be
	// half of one.
	errAnswer = errors.New("the answer to the renewal holds no token")
	errProof  = errors.New("who we are cannot be proved")
)

// ask renews the tokens that h holds (RFC 6749, section 6).
func (r *Renewer) ask(ctx context.Context, c Pulling, renewal transfer.Renewal, h held) (held, error) {
	proof, err := r.cfg.Proof(ctx, c.Context, c.Peer, h.Access)
	if err != nil {
		return h, fmt.Errorf("%w: %w", errProof, err)
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {h.Refresh}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, renewal.Endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return h, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+proof)
	asked := r.cfg.Now()
	resp, err := r.cfg.HTTP.Do(req)
	if err != nil {
		return h, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return h, fault(resp)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return h, err
	}
	return h.renewedBy(raw, asked)
}

// renewedBy takes the answer. A refresh token that is not replaced stays.
func (h held) renewedBy(raw []byte, asked time.Time) (held, error) {
	var answer struct {
		Access  string      `json:"access_token"`
		Refresh string      `json:"refresh_token"`
		Expires json.Number `json:"expires_in"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return h, errAnswer
	}
	if !tokenLike(answer.Access) || answer.Refresh != "" && !tokenLike(answer.Refresh) {
		return h, errAnswer
	}
	h.Access, h.By, h.Until = answer.Access, "", time.Time{}
	if answer.Refresh != "" {
		h.Refresh = answer.Refresh
	}
	if n, err := answer.Expires.Int64(); err == nil && n > 0 && n < 1<<31 {
		h.Lifetime = time.Duration(n) * time.Second
	}
	h.Expires = asked.Add(h.Lifetime)
	return h, nil
}

// tokenLike reports whether a text can stand in a header.
func tokenLike(text string) bool {
	strange := func(c rune) bool { return c <= ' ' || c > '~' }
	return text != "" && len(text) <= maxAnswer/4 && !strings.ContainsFunc(text, strange)
}

// final reports whether the same renewal would fail again: the provider said
// no, or we may not ask.
func final(err error) bool {
	if f, ok := errors.AsType[*FetchError](err); ok {
		return f.Status < 500 && f.Status != http.StatusTooManyRequests && f.Status != http.StatusRequestTimeout
	}
	return safehttp.Refused(err) || errors.Is(err, ErrAddress) || errors.Is(err, errProof) && !errors.Is(err, trust.ErrUnavailable)
}

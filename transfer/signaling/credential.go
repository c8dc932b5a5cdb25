// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Credential is how we prove who we are where we call.
type Credential interface {
	// Value returns the value of the header Authorization.
	Value(ctx context.Context) (string, error)
	// Forget has the next Value fetched anew, where it can be: the last one was
	// refused.
	Forget()
}

// Fixed is a Credential that never changes.
type Fixed string

// Value implements Credential.
func (f Fixed) Value(context.Context) (string, error) { return string(f), nil }

// Forget implements Credential.
func (f Fixed) Forget() {}

// String leaves the secret out.
func (f Fixed) String() string { return "(hidden)" }

// GoString is String, for %#v.
func (f Fixed) GoString() string { return "(hidden)" }

// CredentialOf is what an Authorization of a registration asks for; nil for
// none.
func CredentialOf(a *Authorization, http Doer, now func() time.Time) Credential {
	if a == nil {
		return nil
	}
	switch a.Type {
	case AuthorizationHeader:
		return Fixed(a.Value)
	case AuthorizationClientCredentials:
		return &clientCredentials{of: *a, http: http, now: now}
	}
	return nil
}

// clientCredentials fetches access tokens of OAuth 2.0 (RFC 6749, section 4.4).
type clientCredentials struct {
	of   Authorization
	http Doer
	now  func() time.Time

	mu    sync.Mutex
	value string
	until time.Time
}

const (
	// tokenMargin is how long before its end a token is no longer used.
	tokenMargin = 10 * time.Second
	// tokenDefault is how long a token is used that does not say.
	tokenDefault = time.Minute
	tokenMost    = time.Hour
	maxToken     = 64 << 10
)

// Value implements Credential. Parallel callers wait for one request.
func (c *clientCredentials) Value(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.value != "" && c.now().Before(c.until) {
		return c.value, nil
	}
	token, life, err := c.fetch(ctx)
	if err != nil {
		return "", fmt.Errorf("%s: %w", c.of.TokenEndpoint, err)
	}
	c.value, c.until = "Bearer "+token, c.now().Add(min(life, tokenMost)-tokenMargin)
	return c.value, nil
}

// Forget implements Credential.
func (c *clientCredentials) Forget() {
	c.mu.Lock()
	c.value = ""
	c.mu.Unlock()
}

func (c *clientCredentials) fetch(ctx context.Context) (token string, life time.Duration, err error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.of.TokenEndpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.SetBasicAuth(url.QueryEscape(c.of.ClientID), url.QueryEscape(c.of.ClientSecret))
	resp, err := c.http.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxToken))
	if err != nil {
		return "", 0, err
	}
	if resp.StatusCode/100 != 2 {
		return "", 0, fmt.Errorf("it answered %d", resp.StatusCode)
	}
	var answer struct {
		AccessToken string  `json:"access_token"`
		ExpiresIn   float64 `json:"expires_in"`
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&answer); err != nil || answer.AccessToken == "" || strings.ContainsAny(answer.AccessToken, "\r\n") {
		return "", 0, errors.New("it answered without a token")
	}
	life = tokenDefault
	if answer.ExpiresIn > 0 {
		life = time.Duration(min(answer.ExpiresIn, tokenMost.Seconds()) * float64(time.Second))
	}
	return answer.AccessToken, life, nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Tap keeps every byte that one member gets over HTTP: the requests that others
// make to it, and the answers to its own. A server does not always know who asks,
// so it keeps rather too much: also what those whom it asks answer to somebody
// who shows no name.
type Tap struct {
	mu       sync.Mutex
	others   map[string]bool // DIDs of whoever is not the member
	received bytes.Buffer
	messages int
}

// NewTap returns a tap that has kept nothing.
func NewTap() *Tap { return &Tap{others: map[string]bool{}} }

// NotMe has the tap leave out the answers to another member.
func (t *Tap) NotMe(did string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.others[did] = true
}

// Received returns what has been kept, and how many messages it is.
func (t *Tap) Received() (content []byte, messages int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.received.Bytes()), t.messages
}

// Mine stands before the member's own connector, and keeps what comes in.
func (t *Tap) Mine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "the request ended early", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		t.keep(r.Method+" "+r.URL.String(), r.Header, body)
		next.ServeHTTP(w, r)
	})
}

// Asked stands before the connector of one that the member asks, and keeps the
// answers.
func (t *Tap) Asked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding") // what is kept is to be read
		t.mu.Lock()
		another := t.others[caller(r)]
		t.mu.Unlock()
		if another {
			next.ServeHTTP(w, r)
			return
		}
		c := &copier{ResponseWriter: w}
		next.ServeHTTP(c, r)
		t.keep(r.Method+" "+r.URL.Path, w.Header(), c.body.Bytes())
	})
}

func (t *Tap) keep(line string, header http.Header, body []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.messages++
	t.received.WriteString(line + "\n")
	_ = header.Write(&t.received)
	t.received.Write(append(body, '\n'))
}

// caller is who a request says it is from, by a token that the sender issued
// itself, and which nobody has proved; empty: it does not say.
func caller(r *http.Request) string {
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Issuer  string `json:"iss"`
		Subject string `json:"sub"`
	}
	if json.Unmarshal(raw, &claims) != nil || claims.Issuer != claims.Subject {
		return ""
	}
	return claims.Issuer
}

// copier keeps what it passes on.
type copier struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (c *copier) Write(p []byte) (int, error) {
	c.body.Write(p)
	return c.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (c *copier) Unwrap() http.ResponseWriter { return c.ResponseWriter }

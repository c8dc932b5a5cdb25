// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"github.com/musubi-ods/musubi/trust/dcp"
)

// Wallet is a credential service: it answers POST .../presentations/query
// with what it is told to.
type Wallet struct {
	// Present returns the entries of an answer: tokens as JSON strings.
	Present func(q dcp.Query) []json.RawMessage
	// Status and Body, if set, are answered instead.
	Status int
	Body   []byte
	// Wait, if set, is called before each answer.
	Wait func(*http.Request)

	mu    sync.Mutex
	calls []WalletCall
}

// WalletCall is a query that a wallet was sent.
type WalletCall struct {
	Path          string
	Authorization []string
	Body          []byte
}

// Wallet makes a wallet for the party at its URL. It presents for an audience
// what the credentials are, all of them, whatever is asked.
func (p *Party) Wallet(audience string, credentials ...string) *Wallet {
	wallet := &Wallet{Present: func(dcp.Query) []json.RawMessage {
		return Entries(p.Presentation(audience, credentials))
	}}
	p.World.Network.Handle(p.Host(), wallet)
	return wallet
}

// Entries writes tokens as entries of a presentation response.
func Entries(tokens ...string) []json.RawMessage {
	list := make([]json.RawMessage, len(tokens))
	for i, token := range tokens {
		list[i], _ = json.Marshal(token) // a string never fails
	}
	return list
}

// Calls returns the queries that came.
func (w *Wallet) Calls() []WalletCall {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]WalletCall(nil), w.calls...)
}

// ServeHTTP implements http.Handler.
func (w *Wallet) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	w.calls = append(w.calls, WalletCall{r.URL.Path, r.Header.Values("Authorization"), body})
	w.mu.Unlock()
	if w.Wait != nil {
		w.Wait(r)
	}
	if w.Status != 0 || w.Body != nil {
		out.WriteHeader(max(w.Status, http.StatusOK))
		_, _ = out.Write(w.Body)
		return
	}
	query, err := dcp.ReadQuery(body)
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := dcp.Marshal(dcp.Response{Presentations: w.Present(query)})
	if err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
		return
	}
	out.Header().Set("Content-Type", "application/json")
	_, _ = out.Write(answer)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
)

// call is one exchange with a peer.
type call struct {
	client    *Client
	contextID string
	peer      trust.Peer
	method    string
	body      []byte
	limit     int64 // bytes of the answer
}

type answer struct {
	header http.Header
	body   []byte
}

// do returns the answer if its status is 2xx; the error is a *PeerError. The
// address is one of our own configuration, or of the same origin.
func (c call) do(ctx context.Context, address string) (answer, error) {
	req, err := c.request(ctx, address)
	if err != nil {
		return answer{}, err
	}
	resp, err := c.client.HTTP.Operator.Do(req)
	if err != nil {
		return answer{}, unreachable(c.peer, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.limit+1))
	if err == nil && int64(len(body)) > c.limit {
		err = safehttp.ErrTooLarge
	}
	if resp.StatusCode/100 != 2 {
		return answer{}, refused(c.peer, resp.StatusCode, peerReason(body))
	}
	if err != nil {
		return answer{}, broken(c.peer, err)
	}
	return answer{header: resp.Header, body: body}, nil
}

// request carries a token of its own: some are good for one use only.
func (c call) request(ctx context.Context, address string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, c.method, address, bytes.NewReader(c.body))
	if err != nil {
		return nil, badURL(c.peer, err)
	}
	audience := trust.Audience{Context: c.contextID, Peer: c.peer.ID, URL: c.peer.URL, Purpose: trust.ForCatalog}
	token, err := c.client.Tokens.Token(ctx, audience)
	if err != nil {
		return nil, noToken(c.peer, err)
	}
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	req.Header.Set("Accept", "application/json")
	if c.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// peerReason is what a peer says about a refusal, if it says so readably.
func peerReason(body []byte) string {
	m, err := wire.DecodeAs[*wire.CatalogError](body)
	if err != nil {
		return ""
	}
	text := m.Code
	for _, r := range wire.ReasonText(m.Reason) {
		if text != "" {
			text += ": "
		}
		text += r
	}
	return text
}

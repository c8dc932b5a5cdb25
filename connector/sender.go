// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/trust"
)

// sender carries messages to counterparties over HTTPS. It mints a token for
// each attempt.
type sender struct {
	http   *safehttp.Clients
	tokens trust.TokenSource
}

var _ engine.Sender = (*sender)(nil)

// maxAnswer bounds what is read of an acknowledgement.
const maxAnswer = 1 << 20

// Send implements engine.Sender.
func (s *sender) Send(ctx context.Context, d engine.Delivery) engine.Answer {
	return s.call(ctx, d, http.MethodPost, d.Address+d.Path)
}

// Look implements engine.Sender.
func (s *sender) Look(ctx context.Context, d engine.Delivery) engine.Answer {
	d.Body = nil
	return s.call(ctx, d, http.MethodGet, d.Address+collection(d.Kind)+url.PathEscape(d.PeerPID))
}

func collection(k engine.Kind) string {
	if k == engine.Transfer {
		return "/transfers/"
	}
	return "/negotiations/"
}

func (s *sender) call(ctx context.Context, d engine.Delivery, method, target string) engine.Answer {
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(d.Body))
	if err != nil {
		return engine.Answer{Err: fmt.Errorf("the peer's address cannot be used: %w", err), Never: true}
	}
	token, err := s.tokens.Token(ctx, trust.Audience{Context: d.Context, Peer: d.Peer, URL: d.Address, Purpose: purpose(d.Kind)})
	if err != nil {
		return engine.Answer{Err: fmt.Errorf("no token for %s: %w", d.Peer, err), Never: errors.Is(err, trust.ErrUnknownPeer)}
	}
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	client := s.http.Operator
	if d.Foreign {
		client = s.http.Foreign
	}
	resp, err := client.Do(req)
	if err != nil {
		return engine.Answer{Err: err, Never: never(err)}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil && resp.StatusCode/100 == 2 {
		return engine.Answer{Err: fmt.Errorf("reading the answer: %w", err)}
	}
	return engine.Answer{Status: resp.StatusCode, Body: bytes.TrimSpace(body)}
}

func purpose(k engine.Kind) trust.Purpose {
	if k == engine.Transfer {
		return trust.ForTransfer
	}
	return trust.ForNegotiation
}

// never reports whether no later attempt at the address can succeed.
func never(err error) bool {
	for _, final := range []error{
		safehttp.ErrForbiddenAddress, safehttp.ErrScheme, safehttp.ErrURL, safehttp.ErrUserinfo, safehttp.ErrPort, safehttp.ErrRedirect,
	} {
		if errors.Is(err, final) {
			return true
		}
	}
	return false
}

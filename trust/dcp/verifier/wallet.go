// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

const (
	// walletTime bounds a query: somebody waits for the answer to a message.
	walletTime = 10 * time.Second
	// maxPresentations bounds what one wallet makes us verify.
	maxPresentations = 32
	credentialServer = "CredentialService"
)

// query asks a caller's wallet for what scopes name: V43 to V48 and V51.
func (p *Profile) query(ctx context.Context, own trust.Participant, caller dcp.Caller, scopes []string) ([]json.RawMessage, error) {
	address, err := walletAddress(caller.Document)
	if err != nil {
		return nil, err
	}
	// Nothing but what its holder gave us opens the wallet.
	if caller.AccessToken == "" {
		return nil, trust.Refuse("V51", "the caller gave us no token that its wallet knows")
	}
	token, err := p.cfg.Tokens.Mint(ctx, own, caller.DID, caller.AccessToken)
	if err != nil {
		return nil, err
	}
	body, err := dcp.Marshal(dcp.Query{Scopes: scopes})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	ctx, cancel := context.WithTimeout(ctx, walletTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, trust.Refuse("V44", "the address of the caller's wallet is not usable").Because(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := p.send(ctx, request)
	if err != nil {
		return nil, err
	}
	return readAnswer(answer)
}

// walletAddress returns where the caller's wallet takes queries: V43, V44.
func walletAddress(document *did.Document) (string, error) {
	base, err := document.Endpoint(credentialServer)
	if err != nil {
		for _, s := range document.Services {
			if s.Type == credentialServer {
				return "", trust.Refuse("V44", "the address of the caller's wallet is not usable").Because(err)
			}
		}
		return "", trust.Refuse("V43", "the caller's DID document names no wallet").Because(err)
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery {
		return "", trust.Refuse("V44", "the address of the caller's wallet is not usable")
	}
	return strings.TrimRight(base, "/") + "/presentations/query", nil
}

// send returns the body of an answer. A verdict is only what will be the same
// the next time.
func (p *Profile) send(ctx context.Context, r *http.Request) ([]byte, error) {
	answer, err := p.cfg.HTTP.Do(r)
	if err != nil {
		return nil, unsent(ctx, err)
	}
	defer func() { _ = answer.Body.Close() }()
	switch code := answer.StatusCode; {
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout:
		return nil, unavailable("the caller's wallet", fmt.Errorf("it answers %d", code))
	case code < 200 || code > 299:
		return nil, trust.Refuse("V45", "the caller's wallet answers %d", code)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, dcp.MaxMessage+1))
	if err != nil {
		return nil, unsent(ctx, err)
	}
	if len(body) > dcp.MaxMessage {
		return nil, trust.Refuse("V48", "the caller's wallet answers more than %d bytes", dcp.MaxMessage)
	}
	return body, nil
}

// refusals are the errors of a request that will be the same the next time.
var refusals = []struct {
	err   error
	check string
}{
	{safehttp.ErrURL, "V44"},
	{safehttp.ErrScheme, "V44"},
	{http.ErrSchemeMismatch, "V44"},
	{safehttp.ErrUserinfo, "V44"},
	{safehttp.ErrPort, "V44"},
	{safehttp.ErrForbiddenAddress, "V44"},
	{safehttp.ErrRedirect, "V45"},
	{safehttp.ErrTooLarge, "V48"},
}

func unsent(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return unavailable("the caller's wallet", ctx.Err())
	}
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return trust.Refuse(r.check, "the caller's wallet cannot be asked").Because(err)
		}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return trust.Refuse("V45", "the caller's wallet does not prove that it is one").Because(err)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return trust.Refuse("V45", "the host of the caller's wallet does not exist").Because(err)
	}
	return unavailable("the caller's wallet", err)
}

// readAnswer returns the entries of an answer: V45 to V48.
func readAnswer(body []byte) ([]json.RawMessage, error) {
	if !json.Valid(body) {
		return nil, trust.Refuse("V45", "the caller's wallet does not answer in JSON")
	}
	response, err := dcp.ReadResponse(body)
	if err != nil {
		return nil, trust.Refuse("V46", "the caller's wallet does not answer with a PresentationResponseMessage").Because(err)
	}
	switch n := len(response.Presentations); {
	case n == 0:
		return nil, trust.Refuse("V47", "the caller's wallet presents nothing")
	case n > maxPresentations:
		return nil, trust.Refuse("V48", "the caller's wallet answers with %d presentations; at most %d are read", n, maxPresentations)
	}
	return response.Presentations, nil
}

func unavailable(what string, err error) error {
	return fmt.Errorf("%w: %s: %w", trust.ErrUnavailable, what, err)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
)

// fetchTimeout bounds a fetch: someone waits for the answer to a message.
const fetchTimeout = 5 * time.Second

// fetch gets a document. No Accept is sent: of the media types that DID
// documents have (DID Core section 6), no list is taken by all servers.
func (w *Web) fetch(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	resp, err := w.cfg.HTTP.Do(req)
	if err != nil {
		return nil, judge(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := judgeStatus(resp.StatusCode); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1)) // ParseDocument sees that there is more
	if err != nil {
		return nil, judge(ctx, err)
	}
	return raw, nil
}

// judgeStatus tells an answer about the document from one about the server's
// own state.
func judgeStatus(status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return fmt.Errorf("%w: status %d", ErrUnreachable, status)
	}
	return fmt.Errorf("%w: status %d", ErrNotFound, status)
}

// refusals are the errors that will be the same the next time.
var refusals = []struct {
	cause   error
	verdict error
}{
	{safehttp.ErrForbiddenAddress, ErrAddress},
	{safehttp.ErrPort, ErrAddress},
	{safehttp.ErrScheme, ErrScheme},
	{http.ErrSchemeMismatch, ErrScheme},
	{safehttp.ErrURL, ErrSyntax},
	{safehttp.ErrUserinfo, ErrSyntax},
	{safehttp.ErrRedirect, ErrNotFound},
	{safehttp.ErrTooLarge, ErrDocument},
}

// judge tells a verdict from a fault of the network that may pass. When in
// doubt it is a fault: a verdict ends a negotiation, a fault only delays it.
func judge(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, ctx.Err())
	}
	for _, r := range refusals {
		if errors.Is(err, r.cause) {
			return fmt.Errorf("%w: %w", r.verdict, err)
		}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return fmt.Errorf("%w: its host does not exist", ErrNotFound)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// fetch gets the list from where it is published, proves it and stores it. The
// error wraps trust.ErrUnavailable where the list, the authority's keys or the
// store are out of reach; any other is a verdict on the list.
func (s *Source) fetch(ctx context.Context, contextID string, from dcp.TrustListSource) error {
	raw, err := s.get(ctx, from)
	if err != nil {
		return err
	}
	l, err := prove(ctx, raw, from.Authority, s.cfg.DIDs, s.cfg.Now())
	if err != nil {
		return err
	}
	err = s.cfg.Store.PutTrustList(ctx, contextID, from.Authority, l.Sequence, raw)
	switch {
	case isRollback(err):
		return fmt.Errorf("sequence %d: %w", l.Sequence, err)
	case err != nil:
		return fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	return nil
}

func (s *Source) get(ctx context.Context, from dcp.TrustListSource) (string, error) {
	if from.File == "" {
		return s.download(ctx, from.URL)
	}
	raw, err := os.ReadFile(from.File)
	if err != nil {
		return "", fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	return trimmed(raw), nil
}

func (s *Source) download(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("%w: its address: %w", trust.ErrUnavailable, err)
	}
	req.Header.Set("Accept", "application/jwt")
	resp, err := s.cfg.HTTP.Do(req)
	if err != nil {
		return "", fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%w: the trust list is answered %d", trust.ErrUnavailable, resp.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 2*MaxSize))
	if err != nil {
		return "", fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	return trimmed(raw), nil
}

// trimmed returns the text of a list; a line's end after it is an editor's.
func trimmed(raw []byte) string { return strings.TrimRight(string(raw), "\r\n") }

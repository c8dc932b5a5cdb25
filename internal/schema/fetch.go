// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
)

// fetchTimeout bounds one request with its answer.
const fetchTimeout = 5 * time.Second

// fetch asks for a schema.
func (f *Fetcher) fetch(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, ErrURL // the cause repeats the URL
	}
	req.Header.Set("Accept", "application/schema+json, application/json;q=0.9, */*;q=0.1")
	resp, err := f.cfg.HTTP.Do(req)
	if err != nil {
		return nil, transportError(err)
	}
	defer resp.Body.Close()
	if err := statusError(resp.StatusCode); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxSchema+1))
	if err != nil {
		return nil, transportError(err)
	}
	return raw, nil // compile refuses what is too large
}

// statusError tells an answer that another try may change from one that it
// will not.
func statusError(status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return fmt.Errorf("%w: it was answered %d", ErrUnavailable, status)
	case status >= 300 && status < 400:
		return fmt.Errorf("%w: it was answered with a redirect, %d", ErrURL, status)
	}
	return fmt.Errorf("%w: it was answered %d", ErrNotFound, status)
}

func transportError(err error) error {
	if safehttp.Refused(err) {
		return fmt.Errorf("%w: %w", ErrURL, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/trust"
)

const (
	// maxBody bounds an answer, in bytes: it carries a list of four million
	// entries in whatever state, and more where most are alike.
	maxBody = 1 << 20
	// fetchTimeout bounds one request with its answer.
	fetchTimeout = 5 * time.Second
)

// answer is what came for a list.
type answer struct {
	unchanged bool // 304
	body      []byte
	etag      string
	modified  string
}

// fetch asks for a list. One media type alone is asked for, since some servers
// refuse a list of them; a server that does not have it may send what it has.
func (c *Checker) fetch(ctx context.Context, url string, previous *statusList) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	a, status, err := c.get(ctx, url, "application/vc+jwt", previous)
	if status == http.StatusNotAcceptable || status == http.StatusUnsupportedMediaType {
		a, _, err = c.get(ctx, url, "*/*", previous)
	}
	return a, err
}

func (c *Checker) get(ctx context.Context, url, accept string, previous *statusList) (answer, int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, 0, trust.Refuse("V94", "the status list's URL cannot be used") // the cause repeats the URL
	}
	req.Header.Set("Accept", accept)
	if previous != nil && previous.etag != "" {
		req.Header.Set("If-None-Match", previous.etag)
	}
	if previous != nil && previous.modified != "" {
		req.Header.Set("If-Modified-Since", previous.modified)
	}
	resp, err := c.cfg.HTTP.Do(req)
	if err != nil {
		return answer{}, 0, transportError(err)
	}
	defer resp.Body.Close()
	a := answer{etag: resp.Header.Get("ETag"), modified: resp.Header.Get("Last-Modified")}
	if resp.StatusCode == http.StatusNotModified && previous != nil {
		a.unchanged = true
		return a, resp.StatusCode, nil
	}
	if err := statusError(resp.StatusCode); err != nil {
		return answer{}, resp.StatusCode, err
	}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return answer{}, resp.StatusCode, transportError(err)
	case len(a.body) > maxBody:
		return answer{}, resp.StatusCode, trust.Refuse("V94", "the answer for the status list is larger than %d bytes", maxBody)
	}
	return a, resp.StatusCode, nil
}

// statusError tells an answer that another try may change from one that it
// will not.
func statusError(status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return fmt.Errorf("%w: the status list was answered %d", trust.ErrUnavailable, status)
	case status >= 300 && status < 400 && status != http.StatusNotModified:
		return trust.Refuse("V94", "the status list was answered with a redirect, %d", status)
	}
	return trust.Refuse("V82", "the status list was answered %d", status)
}

func transportError(err error) error {
	if safehttp.Refused(err) {
		return trust.Refuse("V94", "the status list's URL may not be used").Because(err)
	}
	return fmt.Errorf("%w: a status list: %w", trust.ErrUnavailable, err)
}

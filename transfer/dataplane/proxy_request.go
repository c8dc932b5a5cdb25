// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/musubi-ods/musubi/transfer"
)

// proxyRequest are the headers of the application that go to the provider;
// those that begin with X-Ods- do too.
var proxyRequest = append(append([]string{"Cache-Control"}, requestHeaders...), bodyHeaders...)

// unescaped is a path as it stands in a record: the same on both sides.
func unescaped(path string) string {
	plain, err := url.PathUnescape(strings.Trim(path, "/"))
	if err != nil {
		return ""
	}
	return plain
}

// target is the URL to ask: nothing of the path leads out of the address.
func (p *Proxy) target(a transfer.DataAddress, path, query string) (string, error) {
	u, err := p.HTTP.CheckURL(a.Endpoint)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAddress, err)
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		plain, err := url.PathUnescape(part)
		switch {
		case part == "" && strings.Trim(path, "/") == "":
		case err != nil || part == "" || plain == "." || plain == ".." || strings.ContainsAny(plain, "/\\:;\x00") || strings.ContainsFunc(plain, isControl):
			return "", ErrPath
		default:
			u = u.JoinPath(part)
		}
	}
	switch {
	case u.RawQuery == "":
		u.RawQuery = query
	case query != "":
		u.RawQuery += "&" + query
	}
	return u.String(), nil
}

// ask sends the request, and once more with a new token where the provider
// says that the token is not good and the application sent no body.
func (p *Proxy) ask(r *http.Request, c Pulling, target, tracking string) (*http.Response, *sentBody, error) {
	refused := ""
	for {
		token, err := p.Renewer.Token(r.Context(), c, refused)
		if err != nil {
			return nil, nil, err
		}
		req, up, err := p.request(r, c, target, token, tracking)
		if err != nil {
			return nil, nil, err
		}
		resp, err := p.HTTP.Stream(req)
		if err != nil {
			if r.Context().Err() != nil {
				return nil, up, err
			}
			return nil, up, fmt.Errorf("%w: %w", ErrUpstream, err)
		}
		_, renewable := c.Address.Renewal()
		if resp.StatusCode != http.StatusUnauthorized || !renewable || refused != "" || up != nil {
			return resp, up, nil
		}
		_ = resp.Body.Close()
		refused = token
	}
}

func (p *Proxy) request(r *http.Request, c Pulling, target, token, tracking string) (*http.Request, *sentBody, error) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, target, http.NoBody)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	up := bodyOf(r, p.Evidence != nil, p.Now())
	if up != nil {
		req.Body, req.ContentLength = up, r.ContentLength
	}
	req.Header.Set("Accept-Encoding", "identity")
	HeaderRules{}.pass(req.Header, r.Header, proxyRequest)
	for name, values := range r.Header {
		if strings.HasPrefix(name, "X-Ods-") {
			req.Header[name] = values
		}
	}
	if req.Header["User-Agent"] == nil {
		req.Header["User-Agent"] = nil
	}
	req.Header.Set(TrackingHeader, tracking)
	a := c.Address
	a.Properties = []transfer.Property{
		{Name: transfer.PropertyAuthorization, Value: token},
		{Name: transfer.PropertyAuthType, Value: c.Address.Get(transfer.PropertyAuthType)},
	}
	req.Header.Set("Authorization", authorization(a))
	return req, up, nil
}

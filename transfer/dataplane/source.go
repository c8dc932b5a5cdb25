// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/musubi-ods/musubi/internal/safehttp"
)

var (
	errPath   = errors.New("no such path")
	errSource = errors.New("the source failed")
)

// allows judges what the consumer adds to the source. Each part must be a
// plain name: nothing that leads up, out or to another meaning once joined.
func (s Source) allows(sub []string, query string) error {
	if len(sub) > 0 && !s.SubPaths || query != "" && (!s.Query || s.Type != SourceHTTP) {
		return errPath
	}
	for _, part := range sub {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "/\\:;\x00") || strings.ContainsFunc(part, isControl) {
			return errPath
		}
	}
	return nil
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// requestHeaders and responseHeaders are what passes between the consumer and
// an HTTP source.
var (
	requestHeaders  = []string{"Accept", "Accept-Encoding", "Accept-Language", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Range"}
	responseHeaders = []string{"Accept-Ranges", "Content-Encoding", "Content-Language", "Content-Length", "Content-Range", "Content-Type", "Etag", "Last-Modified"}
)

// serveURL sends what the HTTP source answers.
func serveURL(g *gate, r *http.Request, client *safehttp.Client, s Source, sub []string) error {
	target, err := s.target(sub, r.URL.RawQuery)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, target, http.NoBody)
	if err != nil {
		return fmt.Errorf("%w: %w", errSource, err)
	}
	// Without this the transport would decompress what the consumer wants as
	// it is, and change its length and ranges.
	req.Header.Set("Accept-Encoding", "identity")
	pass(req.Header, r.Header, requestHeaders)
	for name, value := range s.Headers {
		req.Header.Set(name, value)
	}
	resp, err := client.Stream(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errSource, err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK, http.StatusNoContent, http.StatusPartialContent, http.StatusNotModified,
		http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable:
	case http.StatusNotFound, http.StatusGone:
		return errPath
	default: // a 401 would be ours to the source, not the consumer's to us
		return fmt.Errorf("%w: status %d", errSource, resp.StatusCode)
	}
	h := g.Header()
	pass(h, resp.Header, responseHeaders)
	g.describe(s)
	g.WriteHeader(resp.StatusCode)
	return g.copy(resp.Body, resp.ContentLength < 0)
}

// target joins the source's URL with what the consumer may add.
func (s Source) target(sub []string, query string) (string, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "", fmt.Errorf("%w: its URL cannot be parsed", errSource)
	}
	if len(sub) > 0 {
		escaped := make([]string, len(sub))
		for i, part := range sub {
			escaped[i] = url.PathEscape(part)
		}
		u = u.JoinPath(escaped...)
	}
	switch {
	case u.RawQuery == "":
		u.RawQuery = query
	case query != "":
		u.RawQuery += "&" + query
	}
	return u.String(), nil
}

func pass(to, from http.Header, names []string) {
	for _, name := range names {
		if values := from.Values(name); len(values) > 0 {
			to[name] = values
		}
	}
}

// serveFile sends a file, or the part of it that the consumer asks for.
func serveFile(g *gate, r *http.Request, s Source, sub []string) error {
	dir, name := filepath.Dir(s.Path), filepath.Base(s.Path)
	if s.SubPaths {
		if len(sub) == 0 {
			return errPath
		}
		dir, name = s.Path, filepath.Join(sub...)
	}
	root, err := os.OpenRoot(dir) // follows no link that leads out of dir
	if err != nil {
		return fmt.Errorf("%w: %w", errSource, err)
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err == nil && !info.Mode().IsRegular() { // a pipe would block, a device never end
		return errPath
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errPath, err)
	}
	file, err := root.Open(name)
	if err != nil {
		return fmt.Errorf("%w: %w", errPath, err)
	}
	defer file.Close()
	g.describe(s)
	http.ServeContent(g, r, name, info.ModTime(), g.cfg.digests.describeFile(g.Header(), r, root, name, file, info))
	return g.failed
}

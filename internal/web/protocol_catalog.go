// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"compress/gzip"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/catalog"
)

// tokenParameter carries the continuation token of a page; the name is ours,
// clients follow the links.
const tokenParameter = "continuationToken"

// catalog answers a catalogue request (DSP 2025-1, section 6.2.1). A page is
// asked for by the same message and its token.
func (h *protocol) catalog(c echo.Context) error {
	ctx := c.Request().Context()
	body, err := h.readBody(c)
	if err != nil {
		return err
	}
	own := participantOf(ctx)
	page, err := h.Catalog.Request(ctx, own.Context, claimsOf(ctx), body, c.QueryParam(tokenParameter))
	if err != nil {
		return h.catalogFault(c, err)
	}
	address := strings.TrimRight(own.PublicURL, "/") + protocolPath + "/catalog/request?" + tokenParameter + "="
	for _, link := range []struct{ relation, token string }{{"next", page.Next}, {"previous", page.Previous}} {
		if link.token != "" {
			c.Response().Header().Add("Link", "<"+address+url.QueryEscape(link.token)+`>; rel="`+link.relation+`"`)
		}
	}
	return packed(c, page.Body)
}

// dataset answers for one dataset (DSP 2025-1, section 6.2.2).
func (h *protocol) dataset(c echo.Context) error {
	ctx := c.Request().Context()
	id, ok := param(c, "id")
	if !ok {
		return h.catalogFault(c, catalog.ErrNotFound)
	}
	body, err := h.Catalog.Dataset(ctx, participantOf(ctx).Context, claimsOf(ctx), id)
	if err != nil {
		return h.catalogFault(c, err)
	}
	return packed(c, body)
}

// catalogFault lets the catalogue judge its error. What it takes for a failure
// of ours is logged.
func (h *protocol) catalogFault(c echo.Context, err error) error {
	status, body := catalog.Fault(err)
	if status == http.StatusInternalServerError {
		return err
	}
	return c.JSONBlob(status, body)
}

// least is the size from which on packing pays.
const least = 1400

// packed compresses an answer for a client that wants it.
func packed(c echo.Context, body []byte) error {
	header := c.Response().Header()
	header.Add("Vary", "Accept-Encoding")
	if len(body) < least || !acceptsGzip(c.Request().Header.Values("Accept-Encoding")) {
		return c.JSONBlob(http.StatusOK, body)
	}
	header.Set("Content-Encoding", "gzip")
	header.Set("Content-Type", echo.MIMEApplicationJSON)
	c.Response().WriteHeader(http.StatusOK)
	z := gzip.NewWriter(c.Response())
	if _, err := z.Write(body); err != nil {
		return nil //nolint:nilerr // the client is gone
	}
	_ = z.Close() // likewise
	return nil
}

// acceptsGzip reads Accept-Encoding (RFC 9110 section 12.5.3).
func acceptsGzip(values []string) bool {
	rest := false // what * says
	for item := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, parameters, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		wanted := true
		if q, err := strconv.ParseFloat(parameters["q"], 64); err == nil {
			wanted = q > 0
		}
		switch coding {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			rest = wanted
		}
	}
	return rest
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// bodyTime is how long a body may take to come in.
const bodyTime = 30 * time.Second

// bounded refuses a body that says it is too large before a byte of it is
// read, and stops reading one that does not say so. net/http then closes the
// connection rather than read the rest. It is given its own ResponseWriter,
// not echo's, so that it knows to let the client read the answer first.
func (c *Common) bounded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		r := ec.Request()
		if r.ContentLength > c.MaxBody {
			r.Body = http.MaxBytesReader(ec.Response().Writer, io.NopCloser(strings.NewReader("x")), 0)
			_, _ = r.Body.Read(make([]byte, 1)) // as if the limit had been read
			return c.tooLarge()
		}
		r.Body = http.MaxBytesReader(ec.Response().Writer, r.Body, c.MaxBody)
		return next(ec)
	}
}

func (c *Common) tooLarge() error {
	return problemf(http.StatusRequestEntityTooLarge, "too-large", "the body is larger than %d bytes", c.MaxBody)
}

// jsonOnly takes JSON in any of its media types, and a body that names none.
func jsonOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		header := ec.Request().Header.Get("Content-Type")
		if header == "" {
			return next(ec)
		}
		typ, _, err := mime.ParseMediaType(header)
		if err != nil && typ == "" || typ != "application/json" && (!strings.HasPrefix(typ, "application/") || !strings.HasSuffix(typ, "+json")) {
			return problemf(http.StatusUnsupportedMediaType, "not-json", "the body has to be application/json")
		}
		return next(ec)
	}
}

// readBody reads the whole body, which bounded has bounded.
func (c *Common) readBody(ec echo.Context) ([]byte, error) {
	r := ec.Request()
	control := http.NewResponseController(ec.Response())
	limited := control.SetReadDeadline(time.Now().Add(bodyTime)) == nil
	var b bytes.Buffer
	b.Grow(int(min(max(r.ContentLength, 0)+bytes.MinRead, c.MaxBody)))
	_, err := io.Copy(&b, r.Body)
	if limited {
		_ = control.SetReadDeadline(time.Time{}) // the next request has the server's own limits
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, c.tooLarge()
	case err != nil:
		return nil, problemf(http.StatusBadRequest, "body-broken", "the body could not be read to its end")
	}
	return b.Bytes(), nil
}

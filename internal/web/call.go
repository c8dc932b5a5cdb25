// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// call is one request to the management API.
type call struct {
	echo.Context
	m         *management
	ctx       context.Context //nolint:containedctx // the call is the request
	contextID string          // of the participant, proved to exist
	route     route
}

// id is an id of the path.
func (c *call) id(name string) (string, error) {
	id, ok := param(c.Context, name)
	if !ok {
		return "", problemf(http.StatusNotFound, "id-invalid", "the %s in the path is no id", name).
			hint("escape it for a URL: encodeURIComponent, url.PathEscape")
	}
	return id, nil
}

// checkQuery refuses parameters that nobody reads: a filter with a slip of the
// pen would select everything.
func (c *call) checkQuery() error {
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return problemf(http.StatusBadRequest, "query-malformed", "the part after ? cannot be read")
	}
	for name, list := range values {
		switch {
		case !slices.Contains(c.route.query, name):
			p := problemf(http.StatusBadRequest, "parameter-unknown", "there is no parameter %.80q", name)
			if len(c.route.query) > 0 {
				return p.hint("there are: %s", strings.Join(c.route.query, ", "))
			}
			return p.hint("this path has none")
		case len(list) > 1:
			return problemf(http.StatusBadRequest, "parameter-twice", "the parameter %s is there twice", name)
		case !plausible(list[0]):
			return badParameter(name, "up to "+strconv.Itoa(maxID)+" bytes of UTF-8")
		}
	}
	return nil
}

func badParameter(name, want string) error {
	return problemf(http.StatusBadRequest, "parameter-invalid", "the parameter %s has to be %s", name, want)
}

// limits of a list.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// limit is how many items a list may hold.
func (c *call) limit() (int, error) {
	text := c.QueryParam("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, badParameter("limit", "a number from 1 to 1000")
	}
	return n, nil
}

// flag is a parameter that is true or false.
func (c *call) flag(name string) (bool, error) {
	switch c.QueryParam(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, badParameter(name, "true or false")
}

// word is a parameter that is one of a few words, or absent.
func (c *call) word(name string, words ...string) (string, error) {
	text := c.QueryParam(name)
	if text == "" || slices.Contains(words, text) {
		return text, nil
	}
	return "", badParameter(name, "one of "+strings.Join(words, ", "))
}

// maxWait bounds how long an answer is held back.
const maxWait = time.Minute

// wait is how long the caller will wait for a process.
func (c *call) wait() (time.Duration, error) {
	text := c.QueryParam("wait")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if seconds, failed := strconv.Atoi(text); failed == nil && seconds < 1e6 {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || d < 0 {
		return 0, badParameter("wait", "a time such as 30s, at most 60s")
	}
	return min(d, maxWait), nil
}

// location is the path of something below the participant.
func (c *call) location(collection, id string) string {
	return managementPath + "/participants/" + c.contextID + "/" + collection + "/" + url.PathEscape(id)
}

// marshal writes JSON as it is meant to be read: without HTML escapes.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

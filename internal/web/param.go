// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
)

// maxID bounds an id in a path, in bytes.
const maxID = 2048

// param returns an id of the path, unescaped once. False for one that no store
// could hold: then there is nothing under it.
func param(ec echo.Context, name string) (string, bool) {
	id, err := url.PathUnescape(ec.Param(name))
	return id, err == nil && id != "" && plausible(id)
}

// plausible reports whether a text may be asked of a store.
func plausible(s string) bool {
	return len(s) <= maxID && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

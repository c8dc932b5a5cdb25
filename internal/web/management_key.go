// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/internal/engine"
)

const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// digests are what keys are compared by, so that all have one length.
func digests(keys []string) [][32]byte {
	var list [][32]byte
	for _, k := range keys {
		if k != "" {
			list = append(list, sha256.Sum256([]byte(k)))
		}
	}
	return list
}

// keyed proves that the caller holds a key. It comes before everything else:
// without one there is no telling which paths, participants or ids exist.
func (m *management) keyed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if p := c.Path(); p == healthPath || p == readyPath {
			return next(c)
		}
		if m.opens(givenKey(c.Request())) {
			return next(c)
		}
		m.Log.Warn("refused a management call without a valid key", "id", requestID(c.Request().Context()), "from", c.RealIP())
		c.Response().Header().Set("WWW-Authenticate", "Bearer")
		return problemf(http.StatusUnauthorized, "key-missing", "the request has no valid API key").
			hint("send one of management.apiKeys as X-Api-Key, or as Authorization: Bearer")
	}
}

func givenKey(r *http.Request) string {
	if key := r.Header.Get("X-Api-Key"); key != "" {
		return key
	}
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(key)
	}
	return ""
}

// opens compares with every key, in a time that does not depend on how much
// of one was right.
func (m *management) opens(key string) bool {
	got, found := sha256.Sum256([]byte(key)), 0
	for _, want := range m.keys {
		found |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return found == 1
}

// healthy says that the process answers.
func (*management) healthy(c echo.Context) error { return c.NoContent(http.StatusOK) }

// ready says whether the process can work, and to strangers no more than that.
func (m *management) ready(c echo.Context) error {
	if m.Ready != nil {
		if err := m.Ready(c.Request().Context()); err != nil {
			level := slog.LevelWarn
			if errors.Is(err, engine.ErrUnavailable) { // the store says so, once
				level = slog.LevelDebug
			}
			m.Log.Log(c.Request().Context(), level, "not ready", "error", err)
			return c.NoContent(http.StatusServiceUnavailable)
		}
	}
	return c.NoContent(http.StatusOK)
}

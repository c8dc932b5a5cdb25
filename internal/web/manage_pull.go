// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// anyMethod is the method of a route whose caller chooses it.
const anyMethod = "ANY"

// streamed are the methods that such a route has.
var streamed = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// pullData answers an application with the data of a pull. Neither its query
// nor its body is looked at here: they are for the provider.
func pullData(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	return answer{stream: func(ec echo.Context) error {
		return c.m.Pull(ec.Response(), ec.Request(), c.contextID, id, ec.Param("*"))
	}}, nil
}

// add mounts a row of the table.
func (m *management) add(e *echo.Echo, r route, steps []echo.MiddlewareFunc) {
	if r.method != anyMethod {
		e.Add(r.method, managementPath+r.path, m.serve(r), steps...)
		return
	}
	for _, method := range streamed {
		e.Add(method, managementPath+r.path, m.serve(r), steps...)
		e.Add(method, managementPath+strings.TrimSuffix(r.path, "/*"), m.serve(r), steps...)
	}
}

// WriteProblem answers with an error as the management API does, for handlers
// that an embedder mounts elsewhere. What is no *Problem is our own failure.
func WriteProblem(w http.ResponseWriter, err error) {
	p, ok := err.(*Problem) //nolint:errorlint // a wrapped one is not meant for the caller
	if !ok {
		if p, ok = judge(err); !ok {
			p = problemf(http.StatusInternalServerError, "internal", "this connector failed")
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(errorBody{Code: p.Code, Message: p.Message, Hint: p.Hint})
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"net/http"
	"testing"

	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// Section H of the checks: the protected endpoints refuse each fault of a
// self-issued token.
func TestTokenFaults_Credentials(t *testing.T) {
	s := newScene(t)
	serve, _ := s.route(http.MethodPost, "/issuer/credentials")
	dcptest.RunTokenFaults(t, s.world, dcptest.Endpoint{
		Caller: s.holder, Own: s.issuer, Serve: serve,
		Call: func() dcp.Call { return dcp.Call{Body: body(t, "request-1", membership11)} },
	})
}

func TestTokenFaults_RequestStatus(t *testing.T) {
	s := newScene(t)
	id := s.ask("request-1", membership11)
	serve, _ := s.route(http.MethodGet, "/issuer/requests/"+id)
	dcptest.RunTokenFaults(t, s.world, dcptest.Endpoint{
		Caller: s.holder, Own: s.issuer, Serve: serve,
		Call: func() dcp.Call { return dcp.Call{Param: id} },
	})
}

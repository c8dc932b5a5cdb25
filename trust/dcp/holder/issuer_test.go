// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"io"
	"net/http"
	"strings"

	"github.com/musubi-ods/musubi/trust/dcp"
)

// issuer is an issuer service that answers as it is told to.
type issuer struct {
	f *fixture
	// answer is to requests for credentials; location is its header.
	answer   int
	location string
	// status is what a request's status is.
	status   string
	metadata []dcp.Object
	// onRequest, if set, is called before the answer.
	onRequest func(r dcp.CredentialRequest)

	requests []dcp.CredentialRequest
	tokens   []string // the claim token of each call
	looks    int
	refused  []error
}

func newIssuer(f *fixture) *issuer {
	i := &issuer{f: f, answer: http.StatusCreated, location: "/issuer/requests/r-1", status: "RECEIVED", metadata: []dcp.Object{
		{ID: "object-20", CredentialType: membership, Profile: "vc20-bssl/jwt"},
		{ID: "object-1", CredentialType: membership, Profile: "vc11-sl2021/jwt"},
		{ID: "object-2", CredentialType: sensitive, Profile: "vc20-bssl/jwt"},
	}}
	f.Network.Handle(f.authority.Host(), i)
	return i
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && r.URL.Path == "/issuer/metadata" {
		i.write(w, dcp.Metadata{Issuer: i.f.authority.DID, Supported: i.metadata})
		return
	}
	// The product's own checks of the token, as the issuer's.
	auth := i.f.Authenticator()
	caller, err := auth.Check(r.Context(), i.f.authority.Participant(), r.Header.Values("Authorization"), dcp.Demand{AccessToken: true})
	if err != nil || caller.DID != i.f.own.DID {
		i.refused = append(i.refused, err)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	i.tokens = append(i.tokens, caller.AccessToken)
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/issuer/credentials":
		i.ask(w, r)
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/issuer/requests/"):
		i.looks++
		i.write(w, dcp.RequestStatus{IssuerPID: "r-1", HolderPID: i.requests[len(i.requests)-1].HolderPID, Status: i.status})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (i *issuer) ask(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	m, err := dcp.ReadCredentialRequest(raw)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	i.requests = append(i.requests, m)
	if i.onRequest != nil {
		i.onRequest(m)
	}
	if i.answer == http.StatusCreated {
		w.Header().Set("Location", i.location)
	}
	w.WriteHeader(i.answer)
}

func (i *issuer) write(w http.ResponseWriter, m any) {
	raw, err := dcp.Marshal(m)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(raw)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// asks has the wallet ask an issuer for a membership.
func (s *scene) asks(p *dcptest.Party) (holder.Request, error) {
	return s.Wallet().Request(s.t.Context(), p.DID, trust.MembershipCredential)
}

// sees looks at a request until the worker has done what done looks for.
func (s *scene) sees(r holder.Request, done func(holder.Request) bool) holder.Request {
	s.t.Helper()
	s.until(func() bool {
		r, _ = s.Wallet().Await(s.t.Context(), r.HolderPID, 0) // that it is under way is no failure
		return done(r)
	})
	return r
}

func givenMetadata(s *scene, base string) string {
	p, _, _ := s.stranger("IssuerService", base+"/issuer")
	if _, err := s.asks(p); err != nil {
		return err.Error()
	}
	return "asked"
}

func givenOfferer(s *scene, base string) string {
	p, _, _ := s.stranger("IssuerService", base+"/issuer")
	raw, err := dcp.Marshal(dcp.Offer{Issuer: p.DID, Credentials: []dcp.Object{{ID: "1"}}})
	if err != nil {
		s.t.Fatal(err)
	}
	if got := s.post(p, "/dcp/offers", string(raw)); got.status != http.StatusOK {
		return fmt.Sprint(got.status, got.body)
	}
	if err := s.Wallet().Offered(s.t.Context(), p.DID); err != nil {
		return err.Error()
	}
	return "read"
}

// issuer is a company that issues memberships, and answers requests for them
// with a status and a place.
func (s *scene) issuer(status int, place string) (p *dcptest.Party, mux *http.ServeMux, host string) {
	s.t.Helper()
	host = s.wild.name("mallory")
	p = s.party(s.wild.did(host + ":" + s.wild.port))
	mux = s.document(p, host, "IssuerService", "https://"+host+":"+s.wild.port+"/co/issuer")
	raw, err := dcp.Marshal(dcp.Metadata{Issuer: p.DID, Supported: []dcp.Object{{
		ID: "1", CredentialType: trust.MembershipCredential, Profile: "vc11-sl2021/jwt", BindingMethods: []string{"did:web"},
	}}})
	if err != nil {
		s.t.Fatal(err)
	}
	mux.HandleFunc("GET /co/issuer/metadata", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(raw) })
	mux.HandleFunc("POST /co/issuer/credentials", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", place)
		w.WriteHeader(status)
	})
	return p, mux, host
}

// givenMoved: the issuer is busy, and has another service when it is asked
// again.
func givenMoved(s *scene, base string) string {
	p, _, host := s.issuer(http.StatusServiceUnavailable, "")
	r, err := s.asks(p)
	if err != nil {
		return err.Error()
	}
	s.sees(r, func(r holder.Request) bool { return r.Tries == 1 })
	s.document(p, host, "IssuerService", base+"/issuer")
	s.world.Clock.Advance(10 * time.Minute) // its DID document is read again
	return s.sees(r, func(r holder.Request) bool { return r.Tries == 2 || r.State == holder.Failed }).Reason
}

func givenDelivery(s *scene, base string) string {
	p, _, _ := s.stranger("CredentialService", base+"/dcp")
	raw, err := dcp.Marshal(dcp.CredentialRequest{HolderPID: p.DID, Credentials: []string{trust.MembershipCredential + "-vc11"}})
	if err != nil {
		s.t.Fatal(err)
	}
	if got := s.post(p, "/issuer/credentials", string(raw)); got.status != http.StatusCreated {
		s.t.Fatalf("the request was answered %d %s", got.status, got.body)
	}
	outcome := ""
	s.until(func() bool {
		all, err := s.Issuer().Requests(s.t.Context(), "")
		if err != nil {
			s.t.Fatal(err)
		}
		for _, r := range all {
			switch {
			case r.Holder != p.DID:
			case r.State == issuer.Received:
				if _, err := s.Issuer().Reject(s.t.Context(), r.ID, "the test", "it wants to"); err != nil {
					s.t.Fatal(err)
				}
			default:
				outcome = r.LastError
			}
		}
		return outcome != ""
	})
	return outcome
}

// givenPlace: a token goes along, so only the issuer's own service is asked,
// wherever it says that the request is.
func givenPlace(s *scene, base string) string {
	p, mux, _ := s.issuer(http.StatusCreated, base+"/issuer/requests/1")
	looked := make(chan struct{}, 10)
	mux.HandleFunc("GET /co/issuer/requests/1", func(w http.ResponseWriter, _ *http.Request) {
		looked <- struct{}{}
		_, _ = io.WriteString(w, "{}")
	})
	r, err := s.asks(p)
	if err != nil {
		return err.Error()
	}
	r = s.sees(r, func(r holder.Request) bool { return r.State == holder.Received })
	s.world.Clock.Advance(time.Minute)
	s.until(func() bool { return len(looked) > 0 })
	return r.State + ", asked at the issuer's own service"
}

// until does the chores until there is what was waited for.
func (s *scene) until(done func() bool) {
	s.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		if err := s.Chores(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		if done() {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatal("nothing came of it")
		}
	}
}

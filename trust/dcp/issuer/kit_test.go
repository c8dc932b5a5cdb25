// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// kit is an issuer as the conformance kit wants it: two types, and everybody's
// requests are approved.
func kit(s *dcp.Settings) {
	s.Dataspace = ""
	s.Issues = &dcp.Issuance{
		Types: []string{trust.MembershipCredential, "SensitiveDataCredential"}, AutoApprove: []dcp.Approval{{Holder: "*"}},
	}
}

// The expectations of the conformance kit's issuer tests, by their names. The
// holder is strict: it takes profile names alone.
func TestKit(t *testing.T) {
	s := newScene(t, kit)
	id := s.ask("kit-pid", membership11, sensitive11)
	for _, endpoint := range []struct {
		number, method, path string
		body                 []byte
		cases                map[string]string // by what is wrong
	}{
		{"6_4", http.MethodPost, "/issuer/credentials", body(t, "kit-pid", membership11, sensitive11), map[string]string{
			"2 no authorization": "none", "3 no bearer prefix": "bare", "5 wrong key": "key", "6 expired": "expired", "7 iat": "iat", "8 nbf": "nbf", "9 aud": "aud", "10 iss and sub": "sub", "11 jti": "again",
		}},
		{"6_8", http.MethodGet, "/issuer/requests/" + id, nil, map[string]string{
			"2 no authorization": "none", "3 no bearer prefix": "bare", "5 wrong key": "key", "6 expired": "expired", "7 iat": "iat", "8 nbf": "nbf", "9 aud": "aud", "10 iss and sub": "sub", "11 jti": "again",
		}},
	} {
		for name, wrong := range endpoint.cases {
			t.Run("is_"+endpoint.number+"_"+name, func(t *testing.T) {
				token := s.wrong(t, wrong)
				if wrong == "again" {
					if a, err := s.call(endpoint.method, endpoint.path, token, endpoint.body); err != nil || a.Status > 201 {
						t.Fatalf("the first time: %+v, %v", a, err)
					}
				}
				a, err := s.call(endpoint.method, endpoint.path, token, endpoint.body)
				if _, ok := errors.AsType[*trust.Refusal](err); !ok {
					t.Errorf("%+v, %v; want a refusal", a, err)
				}
			})
		}
	}
	t.Run("is_6_4_4 invalid body", func(t *testing.T) {
		_, err := s.call(http.MethodPost, "/issuer/credentials", s.wrong(t, ""), []byte(`{"@context":["https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"],"type":"x"}`))
		fault(t, err, http.StatusBadRequest)
	})
	t.Run("is_6_4_12 missing holderPid", func(t *testing.T) {
		raw := strings.Replace(string(body(t, "kit-pid", membership11)), `"holderPid":"kit-pid",`, "", 1)
		_, err := s.call(http.MethodPost, "/issuer/credentials", s.wrong(t, ""), []byte(raw))
		fault(t, err, http.StatusBadRequest)
	})
	t.Run("is_6_8_12 unknown id", func(t *testing.T) {
		_, err := s.call(http.MethodGet, "/issuer/requests/unknown", s.wrong(t, ""), nil)
		fault(t, err, http.StatusNotFound)
	})
	t.Run("is_6_8_1 status", func(t *testing.T) {
		if got := s.state(id); got.IssuerPID != id || got.HolderPID != "kit-pid" || got.Status != dcp.Received {
			t.Errorf("%+v", got)
		}
	})
}

// wrong is an Authorization with one thing wrong.
func (s *scene) wrong(t *testing.T, what string) string {
	t.Helper()
	d := s.holder.Draft(s.issuer.DID)
	now := s.world.Clock.Now()
	switch what {
	case "none":
		return ""
	case "bare":
		return d.Sign(t)
	case "key":
		d.Key = s.issuer.Key.Signer
	case "expired":
		d.Claims["exp"] = now.Add(-time.Minute).Unix()
	case "iat":
		d.Claims["iat"] = now.Add(time.Minute).Unix()
	case "nbf":
		d.Claims["nbf"] = now.Add(time.Minute).Unix()
	case "aud":
		d.Claims["aud"] = "did:web:thirdparty.example"
	case "sub":
		d.Claims["sub"] = "did:web:thirdparty.example"
	}
	return d.Bearer(t)
}

func TestKit_is_6_2_EndpointDiscovery(t *testing.T) {
	s := newScene(t, kit)
	doc, err := s.world.DIDs.Resolve(t.Context(), s.issuer.DID)
	if err != nil {
		t.Fatal(err)
	}
	base, err := doc.Endpoint("IssuerService")
	if err != nil || base != s.issuer.URL()+issuer.Path {
		t.Fatalf("IssuerService at %q, %v", base, err)
	}
	for _, want := range []string{"GET /metadata", "POST /credentials", "GET /requests/:id"} {
		method, path, _ := strings.Cut(want, " ")
		if !slices.ContainsFunc(s.service.Routes(), func(r dcp.Route) bool { return r.Method == method && r.Path == issuer.Path+path }) {
			t.Errorf("no %s below %s", want, issuer.Path)
		}
	}
}

func TestKit_is_6_7_Metadata(t *testing.T) {
	for name, edit := range map[string]func(*dcp.Settings){
		"both profiles": kit,
		"one profile":   func(s *dcp.Settings) { kit(s); s.Issues.Profiles = []string{"vc11-sl2021/jwt"} },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, edit)
			a, err := s.call(http.MethodGet, "/issuer/metadata", "", nil)
			if err != nil || a.Status != http.StatusOK {
				t.Fatalf("%+v, %v", a, err)
			}
			m, err := dcp.ReadMetadata(a.Body)
			if err != nil || m.Issuer != s.issuer.DID {
				t.Fatalf("%+v, %v", m, err)
			}
			two := 0
			for _, o := range m.Supported {
				if o.Profile == "" || o.CredentialType == "" || !slices.Equal(o.BindingMethods, []string{"did:web"}) || len(o.IssuancePolicy) == 0 || o.OfferReason == "" {
					t.Errorf("object %+v lacks something", o)
				}
				if o.Profile == "vc11-sl2021/jwt" {
					two++
				}
			}
			if two != 2 {
				t.Errorf("%d objects of vc11-sl2021/jwt, want 2", two)
			}
			again, _ := issuer.New(s.config).Objects(s.issuer.Participant())
			for i, o := range again {
				if o.ID != m.Supported[i].ID {
					t.Errorf("object %q is %q after a restart", m.Supported[i].ID, o.ID)
				}
			}
		})
	}
}

// is_6_4_1: the credentials arrive, in the names that the holder knows.
func TestKit_is_6_4_1_Delivery(t *testing.T) {
	for _, c := range []struct {
		name   string
		names  []string
		other  int
		peer   *trust.Peer
		format string
		posts  int
	}{
		{"strict", profileNames, 0, nil, "vc11-sl2021/jwt", 1},
		{"strict, configured", profileNames, 0, &trust.Peer{FormatNames: "profile"}, "vc11-sl2021/jwt", 1},
		{"lenient, configured", olderNames, 0, &trust.Peer{FormatNames: trust.LegacyNames}, "VC1_0_JWT", 1},
		{"lenient, which closes the connection", olderNames, 0, nil, "VC1_0_JWT", 2},
		{"lenient, which answers 400", olderNames, http.StatusBadRequest, nil, "VC1_0_JWT", 2},
		{"lenient, a peer without this setting", olderNames, 0, &trust.Peer{}, "VC1_0_JWT", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t, kit)
			s.wallet.names, s.wallet.other = c.names, c.other
			if c.peer != nil {
				s.peers[s.holder.DID] = *c.peer
			}
			id := s.ask("kit-pid", membership11, sensitive11)
			s.work()
			m := s.wallet.one()
			if m.IssuerPID != id || m.HolderPID != "kit-pid" || m.Status != dcp.Issued || len(m.Credentials) != 2 || s.wallet.posts != c.posts {
				t.Fatalf("%+v by %d posts", m, s.wallet.posts)
			}
			for i, want := range []string{trust.MembershipCredential, "SensitiveDataCredential"} {
				got := m.Credentials[i]
				if got.Type != want || got.Format != c.format {
					t.Errorf("credential %d is %s as %s, want %s as %s", i, got.Type, got.Format, want, c.format)
				}
				s.kitReads(t, got.Payload)
				if _, err := s.proved(got.Payload); err != nil {
					t.Errorf("%s: %v", want, err)
				}
			}
			for _, token := range s.wallet.tokens {
				if token != "access-token" {
					t.Errorf("the holder's token came back as %q", token)
				}
			}
			if got := s.state(id).Status; got != dcp.Issued {
				t.Errorf("status %s after the delivery", got)
			}
		})
	}
}

// kitReads reads a credential by what the kit needs of one.
func (s *scene) kitReads(t *testing.T, raw string) {
	t.Helper()
	parsed, err := jose.Parse(raw, 64<<10)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := parsed.Unproved()
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		VC struct {
			ID      string         `json:"id"`
			Subject map[string]any `json:"credentialSubject"`
		} `json:"vc"`
	}
	if err := claims.Decode(&body); err != nil || body.VC.ID == "" || body.VC.Subject["id"] != s.holder.DID {
		t.Errorf("vc %+v, %v", body.VC, err)
	}
	if parsed.Header().KeyID != s.issuer.Issuer.ID || parsed.Header().Algorithm != "ES256" {
		t.Errorf("header %+v", parsed.Header())
	}
}

// The kit uses one holderPid in all of its requests.
func TestKit_OneHolderPIDForAll(t *testing.T) {
	s := newScene(t, kit)
	first := s.ask("kit-pid", membership11, sensitive11)
	s.work()
	second := s.ask("kit-pid", membership11, sensitive11)
	if first == second {
		t.Fatal("a request after the first was answered is the first again")
	}
	s.work()
	if s.wallet.taken() != 2 || s.state(second).Status != dcp.Issued {
		t.Errorf("%d deliveries", s.wallet.taken())
	}
}

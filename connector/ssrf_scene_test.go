// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// A scene is a connector that is not in dev mode, and counterparties who want
// it to call where it must not.
type scene struct {
	*node
	t         *testing.T
	wild      *wild
	dials     recorder
	world     *dcptest.World
	authority *dcptest.Party
}

func newScene(t *testing.T, w *wild, allow ...string) *scene {
	t.Helper()
	s := &scene{t: t, wild: w, dials: recorder{dialled: map[netip.Addr]int{}}, world: dcptest.NewWorld(t)}
	s.world.Clock.Set(time.Now().UTC().Truncate(time.Second))
	host := w.name("authority")
	s.authority = s.party(w.did(host + ":" + w.port))
	s.document(s.authority, host)

	cfg := connector.Default()
	cfg.Store, cfg.Protocol.Listen, cfg.Management.Listen = "memory:", "-", "-"
	cfg.Egress.CAFile, cfg.Egress.Allow = w.caFile, slices.Concat(allow, []string{peersAt.String() + "/32", publicAt.String() + "/32"})
	cfg.Participants = []connector.ParticipantConfig{{
		Context: "self", Name: "Self (fictional)", PublicURL: "https://self.wild.example:" + w.port + "/self",
		Identity: dcp.Settings{
			TrustedIssuers: []dcp.TrustedIssuer{{ID: s.authority.DID, Types: []string{"*"}}},
			Issues:         &dcp.Issuance{Types: []string{trust.MembershipCredential}},
		},
	}}
	c, err := connector.New(cfg, connector.WithClock(s.world.Clock.Now), connector.WithLogger(testLog(t)),
		connector.WithEgress(func(e *safehttp.Config) { e.Control, e.Resolver = s.dials.control, w.resolver() }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.node = nodeOf(t, c, "self")
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.id = info.ID
	s.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: "https://source.wild.example/"})
	return s
}

// did is the did:web of a company at a host and port.
func (*wild) did(host string) string {
	return "did:web:" + strings.NewReplacer(":", "%3A", "[", "%5B", "]", "%5D").Replace(host) + ":co"
}

// party makes a company with keys and nothing else.
func (s *scene) party(did string) *dcptest.Party {
	s.t.Helper()
	p := &dcptest.Party{World: s.world, DID: did}
	for fragment, key := range map[string]*jose.Key{"identity-1": &p.Key, "issuer-1": &p.Issuer} {
		signer, err := jose.GenerateES256(rand.Reader)
		if err != nil {
			s.t.Fatal(err)
		}
		*key = jose.Key{ID: did + "#" + fragment, Signer: signer}
	}
	return p
}

// document serves a company's DID document, with services in pairs of type and
// endpoint, and further paths below its own.
func (s *scene) document(p *dcptest.Party, host string, services ...string) *http.ServeMux {
	s.t.Helper()
	raw, err := json.Marshal(p.Document(services...))
	if err != nil {
		s.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /co/did.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/did+json")
		_, _ = w.Write(raw)
	})
	s.wild.serves(host, mux)
	return mux
}

// stranger is a new company at an honest host, whose DID document names
// services with the endpoints given; its wallet is honest unless they say
// otherwise.
func (s *scene) stranger(services ...string) (p *dcptest.Party, mux *http.ServeMux, base string) {
	s.t.Helper()
	host := s.wild.name("mallory")
	base = "https://" + host + ":" + s.wild.port + "/co"
	p = s.party(s.wild.did(host + ":" + s.wild.port))
	if len(services) == 0 {
		services = []string{"CredentialService", base + "/dcp"}
	}
	return p, s.document(p, host, services...), base
}

// member is a stranger with good credentials, but for what edit does to one.
func (s *scene) member(edit ...func(*dcptest.Draft)) (p *dcptest.Party, mux *http.ServeMux, base string) {
	s.t.Helper()
	p, mux, base = s.stranger()
	credentials := []string{
		s.authority.Credential(p, trust.MembershipCredential, edit...), s.authority.Credential(p, trust.CorporateIdentityCredential),
	}
	mux.Handle("POST /co/dcp/", &dcptest.Wallet{Present: func(dcp.Query) []json.RawMessage {
		return dcptest.Entries(p.Presentation(s.id, credentials))
	}})
	return p, mux, base
}

// post sends a message to the connector, with a token of the party.
func (s *scene) post(p *dcptest.Party, path, body string) answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, "https://self.wild.example:"+s.wild.port+"/self"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", p.Draft(s.id).Bearer(s.t))
	w := httptest.NewRecorder()
	s.ProtocolHandler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

const dataspaceID = "https://dataspace.example/test"

// A space is a dataspace of one authority, which registers its members, and
// as many members as a test wants. All are fictional.
type space struct {
	authority *node
	settings  func(*dcp.Settings) // of members; may be nil
	onDisk    bool                // members keep their data on SQLite
	members   int
	opts      []connector.Option // of members
}

// newSpace starts the authority, with its trust list signed.
func newSpace(t testing.TB, opts ...connector.Option) *space {
	t.Helper()
	s := &space{}
	s.authority = startDCP(t, "memory:", "authority", dcp.Settings{
		Dataspace: dataspaceID,
		Issues:    &dcp.Issuance{Types: []string{trust.MembershipCredential, trust.CorporateIdentityCredential}},
	}, opts...)
	own := dcp.TrustedIssuer{ID: s.authority.id, Types: []string{trust.MembershipCredential, trust.CorporateIdentityCredential}}
	if err := s.authority.Issuer().Trust(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	if _, err := s.authority.Issuer().SignTrustList(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	return s
}

// startDCP starts a connector with one participant that proves itself by
// credentials.
func startDCP(t testing.TB, store, name string, settings dcp.Settings, opts ...connector.Option) *node {
	t.Helper()
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = store, true
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	cfg.Participants = []connector.ParticipantConfig{{Context: name, Name: name + " (fictional)", Identity: settings}}
	opts = append([]connector.Option{connector.WithLogger(testLog(t))}, opts...)
	c, err := connector.New(cfg, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := nodeOf(t, c, name)
	info, err := n.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n.id, n.url = info.ID, info.PublicURL+"/dsp/2025-1"
	return n
}

// testLog shows a connector's log with a test that fails.
func testLog(t testing.TB) *slog.Logger {
	if _, ok := t.(*testing.B); ok {
		return slog.New(slog.DiscardHandler) // writing it would be measured
	}
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// stranger starts a company that nobody has certified.
func (s *space) stranger(t testing.TB, name string) *node {
	t.Helper()
	settings := s.memberSettings()
	if s.settings != nil {
		s.settings(&settings)
	}
	store := "memory:"
	if s.onDisk {
		store = "sqlite:" + t.TempDir() + "/" + name + ".db"
	}
	return startDCP(t, store, name, settings, s.opts...)
}

// memberSettings are those of every member.
func (s *space) memberSettings() dcp.Settings {
	return dcp.Settings{
		Dataspace: dataspaceID, StatusCache: -1,
		TrustList: &dcp.TrustListSource{URL: strings.TrimSuffix(s.authority.url, "/dsp/2025-1") + "/trust/list", Authority: s.authority.id},
	}
}

// validity changes that of the credentials to be issued; 0: a year.
func (s *space) validity(t testing.TB, d time.Duration) {
	t.Helper()
	err := s.authority.Identify(t.Context(), dcp.Settings{Dataspace: dataspaceID, Issues: &dcp.Issuance{
		Types: []string{trust.MembershipCredential, trust.CorporateIdentityCredential}, Validity: dcp.Duration(d),
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// member starts a company that has its credentials.
func (s *space) member(t testing.TB, name string) *node {
	t.Helper()
	n := s.stranger(t, name)
	s.register(t, n)
	return n
}

// register has a company ask the authority, and the authority approve.
func (s *space) register(t testing.TB, n *node) {
	t.Helper()
	asked, err := n.Wallet().Request(t.Context(), s.authority.id, trust.MembershipCredential, trust.CorporateIdentityCredential)
	if err != nil {
		t.Fatal(err)
	}
	s.members++
	s.approve(t, n.id, claimsOf(t, s.members))
	got, err := n.Wallet().Await(t.Context(), asked.HolderPID, patience)
	if err != nil || got.State != holder.Issued {
		t.Fatalf("%s: the request is %s (%s): %v", n.name, got.State, got.Reason, err)
	}
}

// approve waits for a company's request and approves it.
func (s *space) approve(t testing.TB, who string, claims map[string]json.RawMessage) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		waiting, err := s.authority.Issuer().Requests(t.Context(), issuer.Received)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range waiting {
			if r.Holder != who {
				continue
			}
			_, err := s.authority.Issuer().Approve(t.Context(), r.ID, "the test", claims, json.RawMessage(`{"kind":"registry-extract"}`))
			switch {
			case errors.Is(err, issuer.ErrClaims) && strings.Contains(err.Error(), "does not ask for it"):
				continue // its wallet's own request, to renew one of them
			case err != nil:
				t.Fatal(err)
			}
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("no request of %s came", who)
		}
	}
}

// claimsOf are those of the n-th fictional company.
func claimsOf(t testing.TB, n int) map[string]json.RawMessage {
	t.Helper()
	number := corporateNumber(n)
	return map[string]json.RawMessage{
		trust.MembershipCredential: json.RawMessage(fmt.Sprintf(
			`{"dataspace":%q,"membershipNumber":"%d","membershipStartDate":"2020-04-01T00:00:00Z","role":["provider","consumer"]}`, dataspaceID, n)),
		trust.CorporateIdentityCredential: json.RawMessage(fmt.Sprintf(
			`{"type":"Corporation","legalName":{"en":"Company %d (fictional)"},"country":"JP","onboardingMethod":"nta-register",
			  "identifier":[{"type":"CorporateIdentifier","scheme":"iso6523:0188","value":%q,"verifiedBy":"nta-register","verifiedAt":%q,"primary":true}]}`,
			n, number, time.Now().UTC().Add(-time.Hour).Format(time.RFC3339))),
	}
}

// corporateNumber makes a number of a company that does not exist: its base
// begins with a digit that no register uses.
func corporateNumber(n int) string {
	base := fmt.Sprintf("99%010d", n)
	sum := 0
	for i := range base {
		weight := 2 - (12-i)%2
		sum += int(base[i]-'0') * weight
	}
	return fmt.Sprintf("%d%s", 9-sum%9, base)
}

// know makes two members known to each other.
func know(t testing.TB, a, b *node) {
	t.Helper()
	for _, pair := range [][2]*node{{a, b}, {b, a}} {
		if err := pair[0].PutPeer(t.Context(), connector.PeerConfig{ID: pair[1].id, URL: pair[1].url}); err != nil {
			t.Fatal(err)
		}
	}
}

// token is an Authorization value of a member for another.
func (n *node) token(t testing.TB, peer string) string {
	t.Helper()
	token, err := n.Token(t.Context(), peer)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// membersOnly are settings that name a dataspace and nothing else.
var membersOnly = dcp.Settings{Dataspace: dataspaceID}

// tokenHeader is the header of an Authorization value's token.
func tokenHeader(t testing.TB, authorization string) string {
	t.Helper()
	part, _, _ := strings.Cut(strings.TrimPrefix(authorization, "Bearer "), ".")
	header, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(header)
}

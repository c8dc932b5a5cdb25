// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

func TestV43_NoWallet(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		for name, services := range map[string][]string{
			"no service":      {"none"},
			"others only":     {"DataService", "https://peer.example/dsp"},
			"of another case": {"credentialservice", "https://peer.example/dcp"},
		} {
			t.Run(name, func(t *testing.T) {
				s := newScene(t)
				s.DIDs.Put(s.peer.DID, s.peer.Document(services...))
				s.refused(t, "V43")
			})
		}
	})
	t.Run("accepted", func(t *testing.T) { newScene(t).accepted(t) })
}

func TestV44_WalletAddress(t *testing.T) {
	// serve makes the document name addresses of wallets.
	serve := func(s *scene, endpoints ...any) {
		document := s.peer.Document()
		list := []any{}
		for i, e := range endpoints {
			list = append(list, map[string]any{"id": s.peer.DID + "#" + string(rune('a'+i)), "type": "CredentialService", "serviceEndpoint": e})
		}
		document["service"] = list
		s.DIDs.Put(s.peer.DID, document)
	}
	t.Run("refused", func(t *testing.T) {
		for name, endpoint := range map[string]any{
			"an array": []any{"https://peer.example/dcp"}, "an object": map[string]any{"a": "https://peer.example/dcp"},
			"relative": "/dcp", "no host": "https:///dcp", "plain http": "http://peer.example/dcp", "of a file": "file:///etc/passwd",
			"with a query": "https://peer.example/dcp?x=1", "with a fragment": "https://peer.example/dcp#x",
		} {
			t.Run(name, func(t *testing.T) {
				s := newScene(t)
				serve(s, endpoint)
				s.refused(t, "V44")
			})
		}
		t.Run("a private address", func(t *testing.T) {
			s := newScene(t)
			s.Network.Fail(s.peer.Host(), safehttp.ErrForbiddenAddress)
			s.refused(t, "V44")
		})
	})
	t.Run("accepted", func(t *testing.T) {
		for name, endpoints := range map[string][]any{
			"usable": {"https://peer.example/dcp"}, "with a slash": {"https://peer.example/dcp/"},
			"the second is usable": {[]any{}, "https://peer.example/dcp"},
		} {
			t.Run(name, func(t *testing.T) {
				s := newScene(t)
				serve(s, endpoints...)
				s.accepted(t)
				if path := s.wallet.Calls()[0].Path; path != "/dcp/presentations/query" {
					t.Errorf("asked at %s", path)
				}
			})
		}
	})
}

func TestV45_WalletRefuses(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		for _, code := range []int{301, 302, 400, 401, 403, 404, 410} {
			s := newScene(t)
			good, err := dcp.Marshal(dcp.Response{Presentations: s.wallet.Present(dcp.Query{})})
			if err != nil {
				t.Fatal(err)
			}
			s.wallet.Status, s.wallet.Body = code, good // the code alone is the fault
			s.refused(t, "V45")
		}
		for _, body := range []string{"<html>", "", "{", `{"a":1} {"a":1}`} {
			s := newScene(t)
			s.wallet.Body = []byte(body)
			s.refused(t, "V45")
		}
	})
	t.Run("accepted", func(t *testing.T) { newScene(t).accepted(t) })
}

// What may pass is no verdict, and the same token may come again.
func TestWalletOutOfReach(t *testing.T) {
	for _, code := range []int{408, 429, 500, 502, 503, 504} {
		s := newScene(t)
		s.wallet.Status = code
		s.unavailable(t)
		s.wallet.Status = 0
		s.accepted(t)
	}
	for name, err := range map[string]error{
		"refused": dcptest.ErrNoHost, "timeout": context.DeadlineExceeded, "reset": errors.New("connection reset by peer"),
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.Network.Fail(s.peer.Host(), err)
			s.unavailable(t)
		})
	}
	t.Run("the caller hangs up", func(t *testing.T) {
		s := newScene(t)
		ctx, cancel := context.WithCancel(t.Context())
		s.wallet.Wait, s.wallet.Status = func(*http.Request) { cancel() }, 500
		_, err := s.profile.Verify(ctx, trust.Request{Context: "own", Authorization: []string{s.peer.Draft(s.own.DID).Bearer(t)}})
		if !errors.Is(err, trust.ErrUnavailable) || s.Replays.Len() != 0 {
			t.Errorf("error %v, %d tokens used", err, s.Replays.Len())
		}
	})
}

// A host that is not what it says, or is nothing at all, will not be tomorrow.
func TestWalletThatIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		check string // "": no verdict
	}{
		"a wrong certificate":   {&tls.CertificateVerificationError{Err: errors.New("for another host")}, "V45"},
		"no such host":          {&net.DNSError{IsNotFound: true}, "V45"},
		"no answer on its name": {&net.DNSError{IsTimeout: true}, ""},
		"a redirect":            {safehttp.ErrRedirect, "V45"},
		"a forbidden port":      {safehttp.ErrPort, "V44"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.Network.Fail(s.peer.Host(), c.err)
			if c.check == "" {
				s.unavailable(t)
			} else {
				s.refused(t, c.check)
			}
		})
	}
}

func TestV46_NoPresentationResponse(t *testing.T) {
	good := `{"@context":["` + dcp.Context + `"],"type":"PresentationResponseMessage","presentation":["x"]}`
	t.Run("refused", func(t *testing.T) {
		for name, body := range map[string]string{
			"no type":             strings.Replace(good, `"type":"PresentationResponseMessage",`, "", 1),
			"another type":        strings.Replace(good, "PresentationResponse", "CredentialOffer", 1),
			"no presentation":     strings.Replace(good, `,"presentation":["x"]`, "", 1),
			"presentation a text": strings.Replace(good, `["x"]`, `"x"`, 1),
			"an entry a number":   strings.Replace(good, `["x"]`, "[1]", 1),
			"no context":          strings.Replace(good, dcp.Context, "https://other.example", 1),
			"an array":            "[" + good + "]",
			"a member twice":      strings.Replace(good, "{", `{"type":"PresentationResponseMessage",`, 1),
		} {
			t.Run(name, func(t *testing.T) {
				s := newScene(t)
				s.wallet.Body = []byte(body)
				s.refused(t, "V46")
			})
		}
	})
	t.Run("accepted", func(t *testing.T) {
		s := newScene(t)
		entry, _ := json.Marshal(s.wallet.Present(dcp.Query{})[0])
		s.wallet.Body = []byte(strings.Replace(strings.Replace(good, `"x"`, string(entry), 1), "{", `{"more":{},`, 1))
		s.accepted(t)
	})
}

func TestV47_NothingPresented(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		s := newScene(t)
		s.wallet.Present = func(dcp.Query) []json.RawMessage { return nil }
		s.refused(t, "V47")
	})
	t.Run("accepted", func(t *testing.T) { newScene(t).accepted(t) })
}

func TestV48_AnswerTooLarge(t *testing.T) {
	// answer pads a good answer to a size.
	answer := func(s *scene, size int) {
		body, err := dcp.Marshal(dcp.Response{Presentations: s.wallet.Present(dcp.Query{})})
		if err != nil {
			t.Fatal(err)
		}
		s.wallet.Body = slices.Concat(body, []byte(strings.Repeat(" ", size-len(body))))
	}
	t.Run("refused", func(t *testing.T) {
		s := newScene(t)
		answer(s, dcp.MaxMessage+1)
		s.refused(t, "V48")
		s = newScene(t)
		s.Network.Fail(s.peer.Host(), safehttp.ErrTooLarge)
		s.refused(t, "V48")
		s = newScene(t)
		one := s.wallet.Present(dcp.Query{})[0]
		s.wallet.Present = func(dcp.Query) []json.RawMessage { return slices.Repeat([]json.RawMessage{one}, 33) }
		s.refused(t, "V48")
	})
	t.Run("accepted", func(t *testing.T) {
		s := newScene(t)
		answer(s, dcp.MaxMessage)
		s.accepted(t)
	})
}

func TestV51_OwnTokenToTheWallet(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		s := newScene(t)
		document, err := s.DIDs.Resolve(t.Context(), s.peer.DID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.profile.Query(t.Context(), s.own.Participant(), dcp.Caller{DID: s.peer.DID, Document: document}, []string{"a:b"})
		wantRefusal(t, err, "V51")
		if calls := s.wallet.Calls(); len(calls) != 0 {
			t.Errorf("the wallet was asked: %v", calls)
		}
	})
	t.Run("accepted", func(t *testing.T) {
		s := newScene(t)
		s.settings(`{"presentationCache":"-1s"}`)
		seen := map[string]bool{}
		for range 2 {
			draft := s.peer.Draft(s.own.DID)
			draft.Claims["token"] = "access \"token\" \u65e5\u672c"
			if _, err := s.send(t, trust.ForTransfer, draft.Bearer(t)); err != nil {
				t.Fatal(err)
			}
			calls := s.wallet.Calls()
			claims := ownToken(t, s, calls[len(calls)-1])
			if token, _ := claims.Text("token"); token != draft.Claims["token"] || seen[claims.ID] {
				t.Errorf("token %q, jti %q", token, claims.ID)
			}
			seen[claims.ID] = true
		}
	})
}

// ownToken demands a good token of ours for the peer's wallet, and a good
// query.
func ownToken(t *testing.T, s *scene, call dcptest.WalletCall) jose.Claims {
	t.Helper()
	if len(call.Authorization) != 1 {
		t.Fatalf("Authorization %q", call.Authorization)
	}
	auth := s.Authenticator()
	if _, err := auth.Check(t.Context(), s.peer.Participant(), call.Authorization, dcp.Demand{AccessToken: true}); err != nil {
		t.Errorf("the wallet would refuse: %v", err)
	}
	query, err := dcp.ReadQuery(call.Body)
	want := []string{
		"org.eclipse.dspace.dcp.vc.type:CorporateIdentityCredential:read", "org.eclipse.dspace.dcp.vc.type:MembershipCredential:read",
	}
	if err != nil || !slices.Equal(query.Scopes, want) {
		t.Errorf("query %+v, %v", query, err)
	}
	token, err := jose.Parse(strings.TrimPrefix(call.Authorization[0], "Bearer "), 0)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := token.Unproved()
	if err != nil || claims.Issuer != s.own.DID || !slices.Equal(claims.Audience, []string{s.peer.DID}) {
		t.Errorf("claims %+v, %v", claims, err)
	}
	return claims
}

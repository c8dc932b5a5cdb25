// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// kit sends a wallet what the conformance kit for DCP sends it, as it is told
// in the kit's documentation: the newer releases in a strict participant, the
// first release candidates in a lenient one.
type kit struct {
	*fixture
	older bool
	third *dcptest.Party
	pid   string // the one request under which all is delivered
}

func newKit(t *testing.T, older bool) *kit {
	f := newFixture(t)
	k := &kit{fixture: f, older: older, third: f.Party("third")}
	if older {
		f.settings(dcp.Settings{Overscoped: dcp.Refuse})
		for _, p := range []*dcptest.Party{f.authority, f.verifier} {
			f.Lenient[p.DID] = true
			f.peers[p.DID] = trust.Peer{ID: p.DID, Conformance: trust.Lenient}
			d := p.Document()
			for _, relation := range []string{"authentication", "capabilityInvocation", "assertionMethod"} {
				delete(d, relation)
			}
			d["verificationMethod"] = []any{p.Method(p.Key)}
			f.DIDs.Put(p.DID, d)
		}
	}
	k.pid = f.asked("membership", "sensitive")
	return k
}

// credential is one of the kit's: its token is over in 5 minutes, it in 10.
func (k *kit) credential(credentialType string) string {
	now := k.Clock.Now()
	return k.authority.Credential(k.own, credentialType, func(d *dcptest.Draft) {
		d.Claims["exp"], d.VC()["expirationDate"] = now.Add(300*time.Second).Unix(), now.Add(600*time.Second).Format(time.RFC3339Nano)
		d.VC()["credentialSubject"] = map[string]any{"id": k.own.DID}
		if k.older {
			older(d)
		}
	})
}

// message is the CredentialMessage that the kit seeds and tests with.
func (k *kit) message() map[string]any {
	format := "vc11-sl2021/jwt"
	if k.older {
		format = "VC1_0_JWT"
	}
	m := delivery(k.pid)
	m["issuerPid"] = k.NewID()
	m["credentials"] = []any{
		container(membership, format, k.credential(membership)), container(sensitive, format, k.credential(sensitive)),
	}
	if k.older {
		m["requestId"] = k.pid
	}
	return m
}

// offer is the CredentialOfferMessage; ids leaves no more than those.
func (k *kit) offer(ids bool) map[string]any {
	object := map[string]any{"id": k.NewID(), "type": "CredentialObject"}
	if !ids {
		object["credentialType"], object["offerReason"], object["bindingMethods"] = membership, "reissue", []any{"did:web"}
		object["profile"] = "vc11-sl2021/jwt"
		if k.older {
			delete(object, "profile")
			object["profiles"] = []any{"vc11-sl2021/jwt", "vc20-bssl/jwt"}
		}
	}
	return message("CredentialOfferMessage", map[string]any{"issuer": k.authority.DID, "credentials": []any{object}})
}

// access has the token service make a token for the verifier, and takes the
// access token out of it.
func (k *kit) access(types ...string) string {
	k.T.Helper()
	scopes := ""
	for _, s := range read(types...) {
		scopes += s + " "
	}
	code, answer := k.postForm(formType, k.form("bearer_access_scope", scopes))
	if code != http.StatusOK {
		k.T.Fatalf("the token service answered %d", code)
	}
	token, _ := claimsOf(k.T, answer["access_token"].(string))["token"].(string)
	return token
}

// tokenEdit spoils a self-issued token.
type tokenEdit func(*dcptest.Draft)

func set(name string, value any) tokenEdit { return func(d *dcptest.Draft) { d.Claims[name] = value } }

func (k *kit) at(name string, d time.Duration) tokenEdit {
	return set(name, k.Clock.Now().Add(d).Unix())
}

// call sends a body with a token; header changes the Authorization value.
func (k *kit) call(path string, caller *dcptest.Party, body any, header func(string) []string, edits ...tokenEdit) int {
	k.T.Helper()
	d := caller.Draft(k.own.DID)
	d.Claims["exp"] = k.Clock.Now().Add(600 * time.Second).Unix()
	for _, edit := range edits {
		edit(d)
	}
	values := []string{d.Bearer(k.T)}
	if header != nil {
		values = header(d.Sign(k.T))
	}
	code, _ := k.send(path, dcp.Call{Authorization: values, Body: asJSON(k.T, body)})
	return code
}

func raw(token string) []string { return []string{token} }
func absent(string) []string    { return nil }

// again sends one token twice and returns both answers.
func (k *kit) again(path string, caller *dcptest.Party, body any, edits ...tokenEdit) (first, second int) {
	k.T.Helper()
	d := caller.Draft(k.own.DID)
	for _, edit := range edits {
		edit(d)
	}
	c := dcp.Call{Authorization: []string{d.Bearer(k.T)}, Body: asJSON(k.T, body)}
	first, _ = k.send(path, c)
	second, _ = k.send(path, c)
	return first, second
}

func (k *kit) run(t *testing.T, name string, test func()) {
	t.Run(name, func(t *testing.T) {
		k.T = t
		// The kit seeds the wallet before each test.
		if code := k.call(deliverPath, k.authority, k.message(), nil); code != http.StatusOK {
			t.Fatalf("seeding answered %d", code)
		}
		test()
		k.Clock.Advance(time.Second)
	})
}

func (k *kit) want4xx(got int) {
	k.T.Helper()
	if got < 400 || got > 499 {
		k.T.Errorf("answered %d, want 4xx", got)
	}
}

func (k *kit) want(want, got int) {
	k.T.Helper()
	if got != want {
		k.T.Errorf("answered %d, want %d", got, want)
	}
}

func TestKit(t *testing.T) {
	t.Run("1.0.2", func(t *testing.T) { runKit(t, newKit(t, false)) })
	t.Run("1.0.0-RC6", func(t *testing.T) { runKit(t, newKit(t, true)) })
}

func runKit(t *testing.T, k *kit) {
	presentationTokens(t, k)
	presentationQueries(t, k)
	presentationScopes(t, k)
	for _, e := range []struct {
		prefix, path string
		body         func() map[string]any
		missing      string
	}{
		{"cs_06_05_01_credentialMessage", deliverPath, k.message, "holderPid"},
		{"cs_06_06_01_credentialOfferMessage", offerPath, func() map[string]any { return k.offer(false) }, "issuer"},
	} {
		issuance(t, k, e.prefix, e.path, e.body, e.missing)
	}
	k.run(t, "cs_06_05_01_credentialMessage_invalidStatus", func() {
		m := k.message()
		m["status"] = "INVALID_STATUS"
		k.want4xx(k.call(deliverPath, k.authority, m, nil))
	})
	k.run(t, "cs_06_06_01_credentialOfferMessage_onlyIds", func() {
		k.want(http.StatusOK, k.call(offerPath, k.authority, k.offer(true), nil))
	})
}

func presentationTokens(t *testing.T, k *kit) {
	body := query(read(membership)...)
	for name, edits := range map[string]func() []tokenEdit{
		"cs_04_03_03_idTokenInvalidIssuerSub": func() []tokenEdit { return []tokenEdit{set("iss", k.third.DID)} },
		"cs_04_03_03_idTokenInvalidSub":       func() []tokenEdit { return []tokenEdit{set("sub", k.third.DID)} },
		"cs_04_03_03_idtokenIncorrectAud":     func() []tokenEdit { return []tokenEdit{set("aud", k.third.DID)} },
		"cs_04_03_03_idtokenIncorrectSub":     func() []tokenEdit { return []tokenEdit{set("iss", k.third.DID), set("sub", k.third.DID)} },
		"cs_04_03_03_idtokenNbfInFuture":      func() []tokenEdit { return []tokenEdit{k.at("nbf", time.Hour)} },
		"cs_04_03_03_idtokenExpired":          func() []tokenEdit { return []tokenEdit{k.at("exp", -time.Hour)} },
	} {
		k.run(t, name, func() {
			access := set("token", k.access(membership))
			k.want4xx(k.call(queryPath, k.verifier, body, nil, append(edits(), access)...))
			k.want(http.StatusOK, k.call(queryPath, k.verifier, body, nil, access))
		})
	}
	k.run(t, "cs_04_03_03_idtokenJtiUsedTwice", func() {
		first, second := k.again(queryPath, k.verifier, body, set("token", k.access(membership)))
		k.want(http.StatusOK, first)
		k.want4xx(second)
	})
	k.run(t, "cs_05_03_01_accessTokenInvalidHeader", func() {
		k.want4xx(k.call(queryPath, k.verifier, body, raw, set("token", k.access(membership))))
	})
	k.run(t, "cs_05_04_invalidTokenNotAuthorized", func() {
		k.want4xx(k.call(queryPath, k.verifier, body, nil, set("token", "faketoken")))
	})
}

func presentationQueries(t *testing.T, k *kit) {
	ask := func(members map[string]any) int {
		body := message("PresentationQueryMessage", members)
		return k.call(queryPath, k.verifier, body, nil, set("token", k.access(membership)))
	}
	k.run(t, "cs_05_04_01_invalidScopeAndPresentationRequest", func() {
		definition := map[string]any{"id": "d", "input_descriptors": []any{map[string]any{"id": "x", "constraints": map[string]any{}}}}
		k.want(http.StatusBadRequest, ask(map[string]any{"scope": []any{read(membership)[0]}, "presentationDefinition": definition}))
	})
	k.run(t, "cs_05_04_01_emptyPresentationDefinition", func() {
		k.want4xx(ask(map[string]any{"presentationDefinition": map[string]any{}}))
		k.want4xx(ask(map[string]any{"presentationDefinition": nil}))
	})
	k.run(t, "cs_05_04_02_emptyScopeExpect4xx", func() {
		k.want(http.StatusBadRequest, ask(map[string]any{"scope": []any{}}))
		k.want(http.StatusBadRequest, ask(nil))
	})
}

func presentationScopes(t *testing.T, k *kit) {
	k.run(t, "cs_05_04_01_02_scopeByTypeRequest", func() {
		k.presents([]string{membership}, []string{membership}, []string{membership})
	})
	k.run(t, "cs_05_04_01_02_lessScopesThanAuthorizedByTypeRequest", func() {
		k.presents([]string{membership, sensitive}, []string{sensitive}, []string{sensitive})
	})
	k.run(t, "cs_05_04_01_02_invalidScopeEscalationRequest", func() {
		if k.older {
			body := query(read(membership, sensitive)...)
			k.want4xx(k.call(queryPath, k.verifier, body, nil, set("token", k.access(membership))))
			return
		}
		k.presents([]string{membership}, []string{membership, sensitive}, []string{membership})
	})
}

// presents demands that a query gets the types, and no others.
func (k *kit) presents(granted, asked, want []string) {
	k.T.Helper()
	code, answer := k.post(queryPath, k.verifier, k.access(granted...), query(read(asked...)...))
	if code != http.StatusOK {
		k.T.Fatalf("answered %d", code)
	}
	got := map[string]bool{}
	for _, p := range presentations(k.T, answer) {
		if p.Audience != k.verifier.DID {
			k.T.Errorf("a presentation for %s", p.Audience)
		}
		for _, c := range p.Credentials {
			for _, credentialType := range body(claimsOf(k.T, c))["type"].([]any) {
				got[credentialType.(string)] = true
			}
		}
	}
	if got["VerifiableCredential"] == k.older {
		k.T.Errorf("types %v", got)
	}
	delete(got, "VerifiableCredential")
	for _, credentialType := range want {
		if !got[credentialType] {
			k.T.Errorf("%s is missing", credentialType)
		}
		delete(got, credentialType)
	}
	if len(got) > 0 {
		k.T.Errorf("presented as well: %v", got)
	}
}

// issuance is what the kit tests alike of deliveries and offers.
func issuance(t *testing.T, k *kit, prefix, path string, body func() map[string]any, missing string) {
	k.run(t, prefix, func() { k.want(http.StatusOK, k.call(path, k.authority, body(), nil)) })
	k.run(t, prefix+"_noAuthHeader", func() { k.want4xx(k.call(path, k.authority, body(), absent)) })
	k.run(t, prefix+"_missingBearerPrefix", func() { k.want4xx(k.call(path, k.authority, body(), raw)) })
	k.run(t, prefix+"_invalidBody", func() {
		m := body()
		if m[missing] = nil; missing == "holderPid" {
			delete(m, missing)
		}
		k.want4xx(k.call(path, k.authority, m, nil))
	})
	for name, edit := range map[string]func() tokenEdit{
		"_tokenSignedWithWrongKey": func() tokenEdit { return func(d *dcptest.Draft) { d.Key = k.third.Key.Signer } },
		"_tokenExpired":            func() tokenEdit { return k.at("exp", -time.Hour) },
		"_iatInFuture":             func() tokenEdit { return k.at("iat", time.Hour) },
		"_nbfViolated":             func() tokenEdit { return k.at("nbf", time.Hour) },
		"_incorrectAudience":       func() tokenEdit { return set("aud", k.third.DID) },
		"_issNotEqualToSub":        func() tokenEdit { return set("sub", k.third.DID) },
	} {
		k.run(t, prefix+name, func() { k.want4xx(k.call(path, k.authority, body(), nil, edit())) })
	}
	k.run(t, prefix+"_jtiAlreadyUsed", func() {
		first, second := k.again(path, k.authority, body())
		k.want(http.StatusOK, first)
		k.want4xx(second)
	})
}

// What the first release candidates send is refused by a strict participant,
// and the newer releases' by none.
func TestKitIsJudgedByConformance(t *testing.T) {
	k := newKit(t, true)
	delete(k.peers, k.authority.DID)
	if code := k.call(deliverPath, k.authority, k.message(), nil); code != http.StatusBadRequest {
		t.Errorf("older, judged strictly: %d, want 400", code)
	}
	k.older = false
	if code := k.call(deliverPath, k.authority, k.message(), nil); code != http.StatusOK {
		t.Errorf("newer, judged strictly: %d, want 200", code)
	}
}

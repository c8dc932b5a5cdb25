// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// proof is a message of a stranger with all that proves it: the token, what
// the wallet presents, the credential, the status list and the DID document.
// Good as it is made; a case spoils one part.
type proof struct {
	did string

	token signed
	vp    signed
	vc    signed
	// document is the stranger's DID document.
	document object
	// revoked and suspended are what the status lists say, hidden: only to who
	// asks for signed ones; outage is the status by which the lists answer
	// instead, if any.
	revoked, suspended bool
	hidden             bool
	outage             int
	// wallet changes the answer of the wallet; nil: it is good.
	wallet func(presentation string) (status int, body object)

	access string // what the verifier has to show to the wallet
	send   string // the token, once it is made: the same for each try
}

// signed is a token to be.
type signed struct {
	by     signer
	header object
	claims object
}

func (s signed) text() (string, error) { return s.by.sign(s.header, s.claims) }

const (
	statusContext = "https://w3id.org/vc/status-list/2021/v1"
	vcContext     = "https://www.w3.org/2018/credentials/v1"
	dcpContext    = "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"
	didContext    = "https://www.w3.org/ns/did/v1"
)

// random is an id that nobody else has.
func random() string { return "urn:uuid:" + uuid() }

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// proof writes a good one, to a verifier, of a stranger with a name of its
// own: nothing is remembered of it anywhere.
func (s *Strangers) proof(to string) (*proof, error) {
	name := "stranger-" + uuid()[:8]
	p := &proof{did: s.did(name), access: uuid()}
	own, err := newSigner(p.did + "#key-1")
	if err != nil {
		return nil, err
	}
	if p.document, err = s.documentOf(name, own); err != nil {
		return nil, err
	}
	now := time.Now()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	p.token = signed{by: own, claims: object{
		"iss": p.did, "sub": p.did, "aud": to, "jti": uuid(), "iat": at(-time.Second), "exp": at(time.Minute), "token": p.access,
	}}
	p.vp = signed{by: own, claims: object{
		"iss": p.did, "sub": p.did, "aud": to, "jti": uuid(), "iat": at(-time.Second), "nbf": at(-time.Second), "exp": at(time.Minute),
	}}
	p.vc = signed{by: s.issuer, claims: s.credential(name, now)}
	s.mu.Lock()
	s.proofs[name] = p
	s.mu.Unlock()
	return p, nil
}

// credential is a membership with two status entries, as the trusted issuer
// makes it.
func (s *Strangers) credential(name string, now time.Time) object {
	issuer, id := strings.TrimSuffix(s.issuer.kid, "#key-1"), random()
	from, until := now.Add(-time.Minute), now.Add(time.Hour)
	return object{
		"iss": issuer, "sub": s.did(name), "jti": id, "iat": from.Unix(), "nbf": from.Unix(), "exp": until.Unix(),
		"vc": object{
			"@context": []string{vcContext}, "id": id, "type": []string{"VerifiableCredential", membership}, "issuer": issuer,
			"issuanceDate": moment(from), "expirationDate": moment(until),
			"credentialSubject": object{"id": s.did(name), "type": "DataspaceMember", "membershipStartDate": moment(now.Add(-time.Hour))},
			"credentialStatus":  []object{s.entry(name, "revocation"), s.entry(name, "suspension")},
		},
	}
}

func (s *Strangers) entry(name, purpose string) object {
	list := s.url + "/" + name + "/status/" + purpose
	return object{
		"id": list + "#42", "type": "StatusList2021Entry", "statusPurpose": purpose,
		"statusListIndex": "42", "statusListCredential": list,
	}
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// vcObject is the credential inside the token.
func (p *proof) vcObject() object { return p.vc.claims["vc"].(object) }

// from moves the hour for which the credential is good.
func (p *proof) from(d time.Duration) {
	from := time.Now().Add(d)
	until := from.Add(time.Hour)
	p.vc.claims["nbf"], p.vc.claims["iat"], p.vc.claims["exp"] = from.Unix(), from.Unix(), until.Unix()
	p.vcObject()["issuanceDate"], p.vcObject()["expirationDate"] = moment(from), moment(until)
}

// about makes it a credential of somebody else.
func (p *proof) about(subject string) {
	p.vc.claims["sub"], p.vcObject()["credentialSubject"].(object)["id"] = subject, subject
}

// bearer is the Authorization value, made once.
func (p *proof) bearer() (string, error) {
	if p.send != "" {
		return p.send, nil
	}
	text, err := p.token.text()
	p.send = "Bearer " + text
	return p.send, err
}

// presentation signs credential and presentation.
func (p *proof) presentation() (string, error) {
	credential, err := p.vc.text()
	if err != nil {
		return "", err
	}
	p.vp.claims["vp"] = object{
		"@context": []string{vcContext}, "type": "VerifiablePresentation", "holder": p.did, "verifiableCredential": []string{credential},
	}
	return p.vp.text()
}

// answer is what the wallet says to a query.
func (p *proof) answer() (int, object, error) {
	text, err := p.presentation()
	if err != nil {
		return 0, nil, err
	}
	if p.wallet != nil {
		status, body := p.wallet(text)
		return status, body, nil
	}
	return http.StatusOK, presented(text), nil
}

func presented(texts ...string) object {
	if texts == nil {
		texts = []string{} // null is no list
	}
	return object{"@context": []string{dcpContext}, "type": "PresentationResponseMessage", "presentation": texts}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// membership is the type of credential that both sides demand.
const membership = "MembershipCredential"

// Strangers are companies that neither side knows: DID documents, wallets and
// status lists on one server. Their credentials are of an issuer that both
// sides trust.
type Strangers struct {
	issuer, rogue signer // rogue is trusted by nobody
	url, host     string
	server        *http.Server

	mu     sync.Mutex
	proofs map[string]*proof
}

// openStrangers listens on loopback. Close ends it.
func openStrangers(ctx context.Context, issuer, rogue signer) (*Strangers, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Strangers{issuer: issuer, rogue: rogue, proofs: map[string]*proof{}}
	s.host = fmt.Sprintf("localhost:%d", l.Addr().(*net.TCPAddr).Port)
	s.url = "http://" + s.host
	routes := http.NewServeMux()
	routes.HandleFunc("GET /{name}/did.json", s.serve(func(w http.ResponseWriter, _ *http.Request, p *proof) error {
		return writeJSON(w, http.StatusOK, p.document)
	}))
	routes.HandleFunc("POST /{name}/wallet/presentations/query", s.serve(serveQuery))
	routes.HandleFunc("GET /{name}/status/{purpose}", s.serve(s.serveList))
	s.server = &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: routes}
	go s.server.Serve(l) //nolint:errcheck // ends with Close
	return s, nil
}

// Close ends the server.
func (s *Strangers) Close() error {
	if err := s.server.Close(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *Strangers) did(name string) string {
	return "did:web:" + strings.Replace(s.host, ":", "%3A", 1) + ":" + name
}

// documentOf is a DID document in which the key may be used for everything.
func (s *Strangers) documentOf(name string, own signer) (object, error) {
	jwk, err := own.jwk()
	id, uses := s.did(name), []string{own.kid}
	return object{
		"@context": []string{didContext}, "id": id,
		"verificationMethod": []object{{"id": own.kid, "type": "JsonWebKey2020", "controller": id, "publicKeyJwk": jwk}},
		"authentication":     uses, "assertionMethod": uses, "capabilityInvocation": uses,
		"service": []object{{"id": id + "#wallet", "type": "CredentialService", "serviceEndpoint": s.url + "/" + name + "/wallet"}},
	}, err
}

// serve finds whose address it is.
func (s *Strangers) serve(next func(http.ResponseWriter, *http.Request, *proof) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock() // a proof is one case's, and a case changes it
		p := s.proofs[r.PathValue("name")]
		if p == nil {
			http.NotFound(w, r)
			return
		}
		if err := next(w, r, p); err != nil {
			http.Error(w, err.Error(), http.StatusTeapot) // an answer that no case expects
		}
	}
}

// change changes what a proof says while somebody may be reading it.
func (s *Strangers) change(what func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what()
}

// serveQuery is the wallet: it demands the token that the stranger gave.
func serveQuery(w http.ResponseWriter, r *http.Request, p *proof) error {
	claims, err := claimsOf(r.Header.Get("Authorization"))
	if err != nil {
		return err
	}
	if claims["token"] != p.access || claims["iss"] != p.token.claims["aud"] && claims["iss"] != p.vp.claims["aud"] {
		return fmt.Errorf("the verifier shows %v", claims)
	}
	status, body, err := p.answer()
	if err != nil {
		return err
	}
	return writeJSON(w, status, body)
}

// serveList is a status list: signed where that is asked for.
func (s *Strangers) serveList(w http.ResponseWriter, r *http.Request, p *proof) error {
	if p.outage != 0 {
		w.WriteHeader(p.outage)
		return nil
	}
	purpose := r.PathValue("purpose")
	set := purpose == "revocation" && p.revoked || purpose == "suspension" && p.suspended
	set = set && (!p.hidden || strings.Contains(r.Header.Get("Accept"), "jwt"))
	list := s.list(s.url+r.URL.Path, purpose, set)
	if !strings.Contains(r.Header.Get("Accept"), "jwt") {
		return writeJSON(w, http.StatusOK, list)
	}
	now := time.Now()
	token, err := s.issuer.sign(nil, object{
		"iss": list["issuer"], "sub": list["id"].(string) + "#list", "jti": list["id"],
		"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Minute).Unix(), "vc": list,
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vc+jwt")
	_, err = w.Write([]byte(token))
	return err
}

// list is a status list in which place 42 is set or not.
func (s *Strangers) list(id, purpose string, set bool) object {
	bits := make([]byte, 131072/8)
	if set {
		bits[42/8] |= 0x80 >> (42 % 8)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(bits) // a buffer takes all
	_ = z.Close()
	now := time.Now()
	return object{
		"@context": []string{vcContext, statusContext}, "id": id,
		"type": []string{"VerifiableCredential", "StatusList2021Credential"}, "issuer": strings.TrimSuffix(s.issuer.kid, "#key-1"),
		"issuanceDate": moment(now.Add(-time.Minute)), "expirationDate": moment(now.Add(time.Minute)),
		"credentialSubject": object{
			"id": id + "#list", "type": "StatusList2021", "statusPurpose": purpose,
			"encodedList": base64.StdEncoding.EncodeToString(packed.Bytes()),
		},
	}
}

func writeJSON(w http.ResponseWriter, status int, body object) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if body == nil {
		return nil
	}
	return json.NewEncoder(w).Encode(body)
}

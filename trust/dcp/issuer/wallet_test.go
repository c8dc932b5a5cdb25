// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// wallet is a holder's credential service as a did.Doer: it judges what it is
// sent as the kit does. Requests to other hosts go to the network.
type wallet struct {
	s *scene
	// names are the format names that it knows; at others it closes the
	// connection, or answers other if that is set.
	names []string
	other int
	// down, if set, is answered to everything; err is returned.
	down int
	err  error
	// hook is called before an answer.
	hook func()

	mu       sync.Mutex
	posts    int
	messages []dcp.CredentialMessage
	offers   []dcp.Offer
	tokens   []string // embedded in those of the issuer
	faults   []string
}

var (
	profileNames = []string{"vc11-sl2021/jwt", "vc20-bssl/jwt"}
	olderNames   = []string{"VC1_0_JWT", "VC2_0_JOSE"}
)

func newWallet(s *scene) *wallet { return &wallet{s: s, names: profileNames} }

// Do implements did.Doer.
func (w *wallet) Do(r *http.Request) (*http.Response, error) {
	if r.URL.Host != w.s.holder.Host() {
		return w.s.world.Network.Do(r)
	}
	if w.hook != nil {
		w.hook()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.posts++
	if w.err != nil {
		return nil, w.err
	}
	if w.down != 0 {
		return answered(w.down), nil
	}
	status, err := w.take(r)
	if err != nil {
		return nil, err
	}
	return answered(status), nil
}

func answered(status int) *http.Response {
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("never read"))}
}

func (w *wallet) fault(format string, args ...any) int {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
	return http.StatusUnauthorized
}

func (w *wallet) take(r *http.Request) (int, error) {
	caller, err := w.s.world.Authenticator().Check(r.Context(), w.s.holder.Participant(), r.Header.Values("Authorization"), dcp.Demand{})
	if err != nil || caller.DID != w.s.issuer.DID {
		return w.fault("token: %v", err), nil
	}
	w.tokens = append(w.tokens, caller.AccessToken)
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err
	}
	switch r.URL.Path {
	case "/dcp/offers":
		o, err := dcp.ReadOffer(raw)
		if err != nil {
			return w.fault("offer: %v", err), nil
		}
		w.offers = append(w.offers, o)
		return http.StatusOK, nil
	case "/dcp/credentials":
		return w.credentials(raw)
	}
	return http.StatusNotFound, nil
}

func (w *wallet) credentials(raw []byte) (int, error) {
	m, err := dcp.ReadCredentialMessage(raw)
	if err != nil {
		return w.fault("message: %v", err), nil
	}
	for _, c := range m.Credentials {
		switch {
		case c.Format != w.names[0] && c.Format != w.names[1] && w.other != 0:
			return w.other, nil
		case c.Format != w.names[0] && c.Format != w.names[1]:
			return 0, io.EOF // closed without an answer
		case c.Format == w.names[0] && !hasVC(c.Payload):
			return w.fault("%s: no claim vc", c.Type), nil
		}
	}
	w.messages = append(w.messages, m)
	return http.StatusOK, nil
}

func hasVC(token string) bool {
	parsed, err := jose.Parse(token, 64<<10)
	if err != nil {
		return false
	}
	claims, err := parsed.Unproved()
	return err == nil && claims.Has("vc")
}

// one returns the only message that was taken.
func (w *wallet) one() dcp.CredentialMessage {
	w.s.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.messages) != 1 || len(w.faults) > 0 {
		w.s.t.Fatalf("%d messages were taken, %d sent, faults %q; want one", len(w.messages), w.posts, w.faults)
	}
	return w.messages[0]
}

func (w *wallet) taken() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.messages)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/trust"
)

// Codes of a PeerError.
const (
	PeerUnknown     = "peer-unknown"     // no such peer is configured
	PeerUnreachable = "peer-unreachable" // no connection, or none that could be used
	PeerTimeout     = "peer-timeout"     // no answer in time
	PeerRefused     = "peer-refused"     // it does not accept who we are, or what we ask
	PeerFailed      = "peer-failed"      // it has a fault of its own
	PeerNonsense    = "peer-nonsense"    // its answer is not what the protocol says
	PeerNoToken     = "peer-no-token"    // we cannot prove to it who we are
)

// PeerError says why a peer's catalogue or dataset cannot be had. Its texts are
// for our own users.
type PeerError struct {
	Code   string // one of the Peer codes
	Peer   string // participant id
	Reason string // what is wrong
	Hint   string // what to do
	Status int    // of the peer's answer; 0 if there was none
	Err    error
}

func (e *PeerError) Error() string {
	return fmt.Sprintf("peer %.200q: %s; %s", e.Peer, e.Reason, e.Hint)
}
func (e *PeerError) Unwrap() error { return e.Err }

func unknownPeer(id string, err error) error {
	if !errors.Is(err, trust.ErrUnknownPeer) {
		return err
	}
	return &PeerError{PeerUnknown, id, "no peer with this id is configured", "add it with its DSP base URL", 0, err}
}

func badURL(peer trust.Peer, err error) error {
	return &PeerError{PeerUnreachable, peer.ID, "its URL is not usable", "correct the peer's URL: the DSP base URL, such as https://host/path/2025-1", 0, err}
}

func noToken(peer trust.Peer, err error) error {
	return &PeerError{PeerNoToken, peer.ID, "no Authorization can be made for it", "check the identity profile and the secrets of this peer", 0, err}
}

func unreachable(peer trust.Peer, err error) error {
	e := &PeerError{PeerUnreachable, peer.ID, "it cannot be reached at " + origin(peer.URL), "check the peer's URL and that its connector is running", 0, err}
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, winsockRefused):
		e.Reason = "nothing listens at " + origin(peer.URL) + " (connection refused)"
	case errors.As(err, &dns):
		e.Reason, e.Hint = "the host name in "+origin(peer.URL)+" is not known", "correct the peer's URL, or the name server"
	case errors.Is(err, safehttp.ErrRedirect):
		e.Reason, e.Hint = "it answers with a redirect, which is not followed", "set the peer's URL to the address that it points to, if you trust it"
	case errors.Is(err, safehttp.ErrURL), errors.Is(err, safehttp.ErrScheme), errors.Is(err, safehttp.ErrUserinfo),
		errors.Is(err, safehttp.ErrPort), errors.Is(err, safehttp.ErrForbiddenAddress):
		return badURL(peer, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Code, e.Reason, e.Hint = PeerTimeout, "it does not answer in time", "try again later, or tell its operator"
	}
	return e
}

// broken is an answer that began well and could not be read to its end.
func broken(peer trust.Peer, err error) error {
	if errors.Is(err, safehttp.ErrTooLarge) {
		return &PeerError{PeerNonsense, peer.ID, "its answer is longer than is read", "ask with a filter, or for one dataset", 0, err}
	}
	return &PeerError{PeerUnreachable, peer.ID, "its answer broke off", "try again", 0, err}
}

func nonsense(peer trust.Peer, err error) error {
	reason := fmt.Sprintf("its answer is not that of a catalogue of DSP 2025-1 (%.300s)", err.Error())
	return &PeerError{PeerNonsense, peer.ID, reason, "check that the peer's URL is its DSP 2025-1 base URL; if it is, tell its operator", http.StatusOK, err}
}

// refused tells the statuses apart by what can be done about them. Peers answer
// 401, 403 and 404 alike to whom they do not know.
func refused(peer trust.Peer, status int, said string) error {
	e := &PeerError{Code: PeerRefused, Peer: peer.ID, Status: status}
	e.Reason = fmt.Sprintf("it answers %d %s", status, http.StatusText(status))
	if said != "" {
		e.Reason += fmt.Sprintf(", saying %.300q", said)
	}
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Err = trust.ErrUnauthenticated
		e.Hint = "it does not accept who we say we are: check our credentials, or the secret that is set for this peer, and that it trusts who vouches for us"
	case status == http.StatusNotFound:
		e.Err = ErrNotFound
		e.Hint = "check the id, that the peer offers it to us, and that the peer's URL is its DSP 2025-1 base URL"
	case status >= 500:
		e.Code, e.Hint = PeerFailed, "try again later, or tell its operator"
	default:
		e.Hint = "check the request, such as its filter, and that the peer speaks DSP 2025-1"
	}
	return e
}

// winsockRefused is ECONNREFUSED on Windows, for which package syscall has no
// name (WSAECONNREFUSED).
const winsockRefused = syscall.Errno(10061)

// origin is what may be shown of a URL: a path or query may hold a secret.
func origin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return "its URL"
	}
	return u.Scheme + "://" + u.Host
}

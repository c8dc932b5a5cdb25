// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import "errors"

// The reasons for which a request is not sent or its answer not read. Errors
// of this package wrap one of them, or the network's own error.
var (
	// ErrURL marks a URL that is not an absolute HTTP URL in plain form.
	ErrURL = errors.New("not a usable URL")
	// ErrScheme marks a scheme other than those the client speaks: https, and
	// http for Operator or in dev mode.
	ErrScheme = errors.New("scheme not allowed")
	// ErrUserinfo marks a URL that carries a user name or password.
	ErrUserinfo = errors.New("user information in a URL is not allowed")
	// ErrPort marks a port on which no web server is expected.
	ErrPort = errors.New("port not allowed")
	// ErrForbiddenAddress marks a destination that this client must not reach.
	ErrForbiddenAddress = errors.New("address not allowed")
	// ErrRedirect marks an answer that points elsewhere. Redirects are never
	// followed.
	ErrRedirect = errors.New("redirect refused")
	// ErrTooLarge marks a response body beyond the size cap.
	ErrTooLarge = errors.New("response too large")
	// ErrOpen marks a request that was not sent since the last ones to the
	// same origin did not get through. It says nothing about the request:
	// another try later may succeed.
	ErrOpen = errors.New("not asked: the last requests there did not get through")
)

// Refused reports whether err is a verdict of this package on a URL or on its
// answer, which another try would not change. All other errors of a request
// are the network's, or ErrOpen.
func Refused(err error) bool {
	for _, verdict := range []error{ErrURL, ErrScheme, ErrUserinfo, ErrPort, ErrForbiddenAddress, ErrRedirect, ErrTooLarge} {
		if errors.Is(err, verdict) {
			return true
		}
	}
	return false
}

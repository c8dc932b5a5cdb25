// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import "errors"

// Error is a verdict on a token or a key. Its text holds nothing of the token
// and may be shown to whoever sent it.
type Error struct {
	Code   string // stable, in snake case
	Reason string
}

func (e *Error) Error() string { return "jose: " + e.Reason }

// Verdicts of Verify, Parse and ParseJWK. Errors wrap exactly one of them, or what the Resolver
// returned.
var (
	ErrTooLarge     = &Error{"token_too_large", "the token is too large"}
	ErrSpace        = &Error{"token_space", "the token begins or ends with white space"}
	ErrForm         = &Error{"token_form", "the token is not in compact form: three parts of base64url"}
	ErrDuplicate    = &Error{"token_duplicate", "a member name is used twice in one JSON object"}
	ErrHeader       = &Error{"token_header", "the token's header is malformed"}
	ErrCritical     = &Error{"token_crit", "the token demands an extension that is not understood"}
	ErrAlgorithm    = &Error{"token_alg", "the token's algorithm is not accepted"}
	ErrType         = &Error{"token_typ", "the token is of another type"}
	ErrKeyID        = &Error{"token_kid", "the token names no key"}
	ErrUnknownKey   = &Error{"key_unknown", "the token's key is not known"}
	ErrKeyAlgorithm = &Error{"key_alg", "the token's algorithm does not belong to its key"}
	ErrWeakKey      = &Error{"key_weak", "the key is not strong enough or not well formed"}
	ErrJWK          = &Error{"key_form", "the key is not a well-formed JSON Web Key"}
	ErrPrivate      = &Error{"key_private", "the key to be published has a private member"}
	ErrSignature    = &Error{"token_signature", "the signature does not match"}
	ErrClaims       = &Error{"token_claims", "the token's claims are malformed"}
	ErrMissing      = &Error{"claim_missing", "a required claim is missing"}
	ErrIssuer       = &Error{"claim_iss", "the token is from another issuer"}
	ErrAudience     = &Error{"claim_aud", "the token is for another audience"}
	ErrExpired      = &Error{"claim_exp", "the token has expired"}
	ErrNotYet       = &Error{"claim_nbf", "the token is not valid yet"}
	ErrFuture       = &Error{"claim_iat", "the token is issued in the future"}
	ErrTooOld       = &Error{"claim_age", "the token was issued too long ago"}
)

// Misuse on our own side.
var (
	// ErrKey marks a key that cannot sign, or a PEM text that holds none.
	ErrKey = &Error{"key_unusable", "the key cannot be used"}
	// ErrExpect marks an Expect without a time of verification.
	ErrExpect = &Error{"expect_incomplete", "no time of verification was given"}
)

// Code returns the code of the verdict that err wraps, or "" where it wraps
// none, as when a Resolver could not be reached.
func Code(err error) string {
	if verdict, ok := errors.AsType[*Error](err); ok {
		return verdict.Code
	}
	return ""
}

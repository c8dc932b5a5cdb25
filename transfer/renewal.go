// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"net/url"
	"strconv"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// ProfileHTTPPull is the profile of Data Plane Signaling for a pull over
// HTTPS whose token is renewed: the name of a format, and the endpointType of
// its addresses.
const ProfileHTTPPull = "https://w3id.org/dspace-sig/profile/http-pull"

// Properties of a data address whose token is renewed (OAuth 2.0 for the
// grant refresh_token).
const (
	PropertyRefreshToken    = "refreshToken" // secret
	PropertyRefreshEndpoint = "refreshEndpoint"
	PropertyExpiresIn       = "expiresIn" // seconds after it was issued
)

// Renewal says how the token of a data address is renewed.
type Renewal struct {
	Endpoint string
	Token    string        // the refresh token: secret
	Lifetime time.Duration // of the token of the address
}

// Renewal reads it. ok is false where the address has none, or not a whole one.
func (a DataAddress) Renewal() (r Renewal, ok bool) {
	seconds, err := strconv.ParseInt(a.Get(PropertyExpiresIn), 10, 32)
	r = Renewal{
		Endpoint: a.Get(PropertyRefreshEndpoint), Token: a.Get(PropertyRefreshToken), Lifetime: time.Duration(seconds) * time.Second,
	}
	return r, err == nil && seconds > 0 && r.Endpoint != "" && r.Token != ""
}

// AcceptAddress refuses, as consumer, an address that is not what its profile
// says: https, and a token that can be renewed. check judges a URL that a
// counterparty gave (safehttp.Client.CheckURL of the client that will call it).
func AcceptAddress(a DataAddress, check func(raw string) (*url.URL, error)) error {
	if a.EndpointType != ProfileHTTPPull {
		return nil
	}
	renewal, ok := a.Renewal()
	switch {
	case a.Get(PropertyAuthorization) == "":
		return engine.Refusef("address-without-token", "the data address has no property %s", PropertyAuthorization)
	case !ok:
		return engine.Refusef("address-not-renewable", "the data address of profile %s lacks %s, %s or %s",
			ProfileHTTPPull, PropertyRefreshToken, PropertyExpiresIn, PropertyRefreshEndpoint)
	}
	for _, raw := range []string{a.Endpoint, renewal.Endpoint} {
		if u, err := url.Parse(raw); err == nil && u.Scheme == "http" {
			if _, err := check(raw); err != nil { // in dev mode it passes
				return engine.Refusef("address-insecure", "the data address of profile %s is not of https", ProfileHTTPPull)
			}
		}
		if _, err := check(raw); err != nil {
			return engine.Refusef("address-unusable", "the data address cannot be called: %v", err)
		}
	}
	return nil
}

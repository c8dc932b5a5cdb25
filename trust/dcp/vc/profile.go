// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/trust"
)

// Profile is a format of credentials: data model, proof and kind of status.
type Profile string

// The profiles of DCP 1.0.
const (
	VC11 Profile = "vc11-sl2021/jwt"
	VC20 Profile = "vc20-bssl/jwt"
)

// The names that older implementations use.
const (
	legacyVC11 = "VC1_0_JWT"
	legacyVC20 = "VC2_0_JOSE"
)

// ParseProfile reads a format name: a profile, or one of the names that older
// implementations use (VC1_0_JWT, VC2_0_JOSE). Errors wrap ErrCredential.
func ParseProfile(name string) (Profile, error) {
	switch strings.TrimSpace(name) {
	case string(VC11), legacyVC11, "vc10-sl2021/jwt": // the last stands in examples of DCP 1.0
		return VC11, nil
	case string(VC20), legacyVC20:
		return VC20, nil
	}
	return "", fmt.Errorf("%w: the format %.64q is neither %s nor %s", ErrCredential, name, VC11, VC20)
}

// Name returns the profile's name in the style that a peer understands: its
// own, or with trust.LegacyNames the older one.
func (p Profile) Name(style string) string {
	switch {
	case style == trust.LegacyNames && p == VC11:
		return legacyVC11
	case style == trust.LegacyNames && p == VC20:
		return legacyVC20
	}
	return string(p)
}

// base is the context that comes first in each document of the data model.
func (p Profile) base() string {
	if p == VC20 {
		return "https://www.w3.org/ns/credentials/v2"
	}
	return "https://www.w3.org/2018/credentials/v1"
}

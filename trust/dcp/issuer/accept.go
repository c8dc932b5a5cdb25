// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import "strings"

// form is how a list is served.
type form int

const (
	formNone form = iota
	formJWT
	formJSON
)

// jwtTypes are the media types that a signed list satisfies.
var jwtTypes = map[string]bool{
	"": true, "*/*": true, "application/*": true,
	"application/vc+jwt": true, "application/jwt": true,
}

// negotiate chooses the form by an Accept header. A signed list is sent to
// whoever takes it at all; an unsigned one in dev mode, to those who ask for
// JSON.
func negotiate(accept string, devMode bool) form {
	chosen := formNone
	for item := range strings.SplitSeq(accept, ",") {
		media, params, _ := strings.Cut(item, ";")
		media = strings.ToLower(strings.TrimSpace(media))
		if strings.ReplaceAll(params, " ", "") == "q=0" {
			continue
		}
		switch {
		case jwtTypes[media] && (media != "" || accept == ""):
			if media == "application/vc+jwt" || chosen == formNone {
				return formJWT
			}
		case media == "application/json" && devMode && chosen == formNone:
			chosen = formJSON
		}
	}
	return chosen
}

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

func (f form) contentType() string {
	if f == formJSON {
		return "application/json"
	}
	return "application/vc+jwt"
}

// jwtTypes are the media types that name a signed list, anyTypes those that a
// signed list satisfies too.
var (
	jwtTypes = map[string]bool{"application/vc+jwt": true, "application/jwt": true}
	anyTypes = map[string]bool{"": true, "*/*": true, "application/*": true}
)

// unsigned says to whom a list is sent without a signature.
type unsigned int

const (
	toNobody    unsigned = iota
	toWhoAsks            // for JSON alone
	toWhoLetsUs          // whoever does not name a signed form
)

// negotiate chooses the form by an Accept header. A signed list is sent to
// whoever names it, and to whoever takes anything, unless that is who gets
// unsigned ones.
func negotiate(accept string, plain unsigned) form {
	chosen, loose := formNone, formJWT
	if plain == toWhoLetsUs {
		loose = formJSON
	}
	for item := range strings.SplitSeq(accept, ",") {
		media, params, _ := strings.Cut(item, ";")
		media = strings.ToLower(strings.TrimSpace(media))
		if strings.ReplaceAll(params, " ", "") == "q=0" {
			continue
		}
		switch {
		case media == "application/vc+jwt", jwtTypes[media] && chosen == formNone:
			return formJWT
		case chosen != formNone:
		case anyTypes[media] && (media != "" || accept == ""):
			chosen = loose
		case media == "application/json" && plain != toNobody:
			chosen = formJSON
		}
	}
	return chosen
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// kind is a form in which a list is published.
type kind string

const (
	statusList2021 kind = "sl2021"
	// bitstring is signed with a claim vc, as deployed verifiers want it, and
	// is what credentials name; bitstringPlain, for those who take only data
	// model 2.0 in its own form, says the same.
	bitstring      kind = "bssl"
	bitstringPlain kind = "bssl20"
)

func kindOf(p vc.Profile) kind {
	if p == vc.VC11 {
		return statusList2021
	}
	return bitstring
}

// entry is the type of status entries that name such a list.
func (k kind) entry() string {
	if k == statusList2021 {
		return status.StatusList2021
	}
	return status.Bitstring
}

// listName is what a list is published under: "1-revocation-sl2021".
type listName struct {
	number  int
	purpose string
	kind    kind
}

func (n listName) String() string { return fmt.Sprintf("%d-%s-%s", n.number, n.purpose, n.kind) }

var listNames = regexp.MustCompile(`^([1-9][0-9]{0,8})-(revocation|suspension)-(sl2021|bssl|bssl20)$`)

func parseListName(text string) (listName, bool) {
	m := listNames.FindStringSubmatch(text)
	if m == nil {
		return listName{}, false
	}
	number, err := strconv.Atoi(m[1])
	return listName{number, m[2], kind(m[3])}, err == nil
}

// state is what a set bit of the list says of a credential.
func (n listName) state() string {
	if n.purpose == status.Suspension {
		return Suspended
	}
	return Revoked
}

func listURL(own trust.Participant, n listName) string { return base(own) + "/status/" + n.String() }

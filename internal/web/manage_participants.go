// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"errors"
	"net/http"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

const exampleParticipant = `{
  "context": "acme",
  "name": "Acme (fictional)"
}`

const exampleIdentity = `{
  "dataspace": "https://dataspace.example",
  "requires": {"default": ["MembershipCredential"], "transfer": ["MembershipCredential", "CorporateIdentityCredential"]},
  "trustList": {"url": "https://authority.example/governance/trust/list", "authority": "did:web:authority.example:governance"}
}`

// setIdentity replaces the settings as a whole.
func setIdentity(c *call, in dcp.Settings) (answer, error) {
	p, err := c.m.SetIdentity(c.ctx, c.contextID, in)
	if err != nil {
		return answer{}, err
	}
	return answer{body: p}, nil
}

func listParticipants(c *call) (answer, error) {
	all, err := c.m.Participants.Participants(c.ctx)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(all, len(all)+1, func(p trust.Participant) trust.Participant { return p }, nil)}, nil
}

func getParticipant(c *call) (answer, error) {
	return answer{body: participantOf(c.ctx)}, nil
}

// addParticipant never changes one: its context is in the URLs that peers
// have, and a second request for the same slug is more likely a mistake.
func addParticipant(c *call, in NewParticipant) (answer, error) {
	if !slug.MatchString(in.Context) {
		return answer{}, problemf(http.StatusBadRequest, "context-invalid", "context has to be a slug of a-z, 0-9 and -, at most 63 long").
			hint("it becomes part of every URL of the participant and never changes")
	}
	_, err := c.m.Participants.Participant(c.ctx, in.Context)
	switch {
	case err == nil:
		return answer{}, problemf(http.StatusConflict, "participant-exists", "there is a participant %q already", in.Context).hint("choose another context")
	case !errors.Is(err, trust.ErrUnknownParticipant):
		return answer{}, err
	}
	added, err := c.m.AddParticipant(c.ctx, in)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: added, location: managementPath + "/participants/" + added.Context}, nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
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

// viewParticipant is a participant as it is shown: without the client of its
// token service, of whose secret not even the hash leaves. What is shown can be
// written again: the client stays as it is.
func viewParticipant(p trust.Participant) trust.Participant {
	var settings map[string]json.RawMessage
	if json.Unmarshal(p.Settings, &settings) != nil || settings["sts"] == nil {
		return p
	}
	delete(settings, "sts")
	p.Settings, _ = json.Marshal(settings) // it was JSON
	return p
}

// setIdentity replaces the settings as a whole.
func setIdentity(c *call, in dcp.Settings) (answer, error) {
	p, err := c.m.SetIdentity(c.ctx, c.contextID, in)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewParticipant(p)}, nil
}

func listParticipants(c *call) (answer, error) {
	all, err := c.m.Participants.Participants(c.ctx)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(all, len(all)+1, viewParticipant, nil)}, nil
}

func getParticipant(c *call) (answer, error) {
	return answer{body: viewParticipant(participantOf(c.ctx))}, nil
}

// addParticipant never changes one: its context is in the URLs that peers
// have, and a second request for the same slug is more likely a mistake.
func addParticipant(c *call, in NewParticipant) (answer, error) {
	if !trust.ValidSlug(in.Context) {
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
	return answer{status: http.StatusCreated, body: viewParticipant(added), location: managementPath + "/participants/" + added.Context}, nil
}

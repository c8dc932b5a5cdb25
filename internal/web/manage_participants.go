// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"errors"
	"net/http"

	"github.com/musubi-ods/musubi/trust"
)

const exampleParticipant = `{
  "context": "acme",
  "id": "did:web:acme.example",
  "name": "Acme (fictional)"
}`

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

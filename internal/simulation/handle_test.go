// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"bytes"
	"errors"
	"net/url"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// handle answers a request as the connector's routes do.
func (s *side) handle(p *packet) engine.Answer {
	ctx := background
	in, endpoint := incoming(p)
	in.Context = s.name
	s.crossing(p, in.PID)
	var reply negotiation.Reply
	var err error
	switch {
	case p.o.Kind == engine.Negotiation && p.get:
		reply, err = s.negotiations.Show(ctx, in)
	case p.o.Kind == engine.Negotiation:
		reply, err = s.negotiations.Receive(ctx, in, negotiation.Endpoint(endpoint))
	case p.get:
		reply, err = s.transfers.Show(ctx, in)
	default:
		reply, err = s.transfers.Receive(ctx, in, transfer.Endpoint(endpoint))
	}
	if errors.Is(err, errCrashed) {
		return engine.Answer{Err: err}
	}
	if err != nil {
		var known bool
		fault := negotiation.Fault
		if p.o.Kind == engine.Transfer {
			fault = transfer.Fault
		}
		if reply, known = fault(err, in); !known {
			if !errors.Is(err, engine.ErrRefused) {
				s.world.breaksf("%s: %s fails: %v", s.name, p, err)
				return engine.Answer{Status: 500}
			}
			s.world.defectf("a refusal cannot be put into an answer: %v", err)
			reply.Status = 400
		}
		s.world.sayf("%s refuses %s: %v", s.name, p, err)
		if r, _ := s.process(engine.Negotiation); r.State != negotiation.Terminated && strings.Contains(err.Error(), "agreement-not-final") {
			s.world.defectf("a transfer is refused although the consumer has the agreement finalized: %v", err)
		}
	}
	return engine.Answer{Status: reply.Status, Body: reply.Body}
}

// incoming reads the path of a request.
func incoming(p *packet) (in negotiation.Incoming, endpoint string) {
	in.Claims = trust.Claims{Participant: p.from.own.ID, Profile: "preshared"}
	in.Body = p.o.Body
	if p.get {
		in.PID = p.o.PeerPID
		return in, ""
	}
	_, rest, _ := strings.Cut(strings.TrimPrefix(p.o.Path, "/"), "/") // below /negotiations or /transfers
	pid, endpoint, has := strings.Cut(rest, "/")
	if !has {
		return in, pid // a first request
	}
	in.PID, _ = url.PathUnescape(pid)
	return in, endpoint
}

// crossing counts a message that arrives while one of ours may be on its way.
func (s *side) crossing(p *packet, pid string) {
	if p.get || p.copy || pid == "" {
		return
	}
	r, err := s.store.For(s.name).Load(background, pid)
	if err == nil && r.Pending != nil && r.Sent() {
		s.world.cov.crossings[crossing{r.Kind, r.Role, r.Pending.Message, p.o.Message}]++
	}
}

// messageID finds the @id of a body that this side's encoder wrote.
func messageID(body []byte) string {
	const mark = `"@id":"`
	_, rest, _ := bytes.Cut(body, []byte(mark))
	id, _, _ := bytes.Cut(rest, []byte{'"'})
	return string(id)
}

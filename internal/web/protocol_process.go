// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// processes is one of the two protocols that move processes. Which of the two
// roles is meant by a path is in the process: its pid is the receiver's.
type processes struct {
	h       *protocol
	receive func(ctx context.Context, in negotiation.Incoming, at string) (negotiation.Reply, error)
	look    func(ctx context.Context, in negotiation.Incoming) (negotiation.Reply, error)
	fault   func(err error, in negotiation.Incoming) (negotiation.Reply, bool)
}

func (h *protocol) negotiations() *processes {
	return &processes{
		h: h, fault: negotiation.Fault,
		receive: func(ctx context.Context, in negotiation.Incoming, at string) (negotiation.Reply, error) {
			return h.Negotiations.Receive(ctx, in, negotiation.Endpoint(at))
		},
		look: func(ctx context.Context, in negotiation.Incoming) (negotiation.Reply, error) {
			return h.Negotiations.Show(ctx, in)
		},
	}
}

func (h *protocol) transfers() *processes {
	return &processes{
		h: h, fault: transfer.Fault,
		receive: func(ctx context.Context, in transfer.Incoming, at string) (transfer.Reply, error) {
			return h.Transfers.Receive(ctx, in, transfer.Endpoint(at))
		},
		look: func(ctx context.Context, in transfer.Incoming) (transfer.Reply, error) {
			return h.Transfers.Show(ctx, in)
		},
	}
}

// first takes a message that opens a process.
func (p *processes) first(at string) echo.HandlerFunc {
	return func(c echo.Context) error { return p.take(c, p.incoming(c, ""), at) }
}

// next takes a message to the process of the path.
func (p *processes) next(at string) echo.HandlerFunc {
	return func(c echo.Context) error {
		pid, ok := param(c, "pid")
		if !ok {
			return p.answer(c, negotiation.Reply{}, engine.ErrNotFound, p.incoming(c, ""))
		}
		return p.take(c, p.incoming(c, pid), at)
	}
}

// show answers with the process of the path.
func (p *processes) show(c echo.Context) error {
	pid, ok := param(c, "pid")
	in := p.incoming(c, pid)
	if !ok {
		in.PID = ""
		return p.answer(c, negotiation.Reply{}, engine.ErrNotFound, in)
	}
	reply, err := p.look(c.Request().Context(), in)
	return p.answer(c, reply, err, in)
}

func (p *processes) incoming(c echo.Context, pid string) negotiation.Incoming {
	ctx := c.Request().Context()
	return negotiation.Incoming{Context: participantOf(ctx).Context, PID: pid, Claims: claimsOf(ctx), Use: useOf(ctx)}
}

func (p *processes) take(c echo.Context, in negotiation.Incoming, at string) error {
	var reply negotiation.Reply
	var err error
	if in.Body, err = p.h.readBody(c); err == nil {
		reply, err = p.receive(c.Request().Context(), in, at)
	}
	return p.answer(c, reply, err, in)
}

// answer writes a reply, or what the service's Fault makes of an error. Nobody
// is answered whose proof is not on record, or was before.
func (p *processes) answer(c echo.Context, reply negotiation.Reply, err error, in negotiation.Incoming) error {
	if err := in.Use.Settle(c.Request().Context()); err != nil {
		return p.h.unproved(c, err)
	}
	if errors.Is(err, engine.ErrAnotherParty) {
		p.h.refuse(c, &trust.Refusal{
			Check: "V42", Reason: "the caller is not the counterparty of the process; it was answered that there is none", Subject: in.Claims.Participant,
		})
	}
	if err != nil {
		var judged bool
		if reply, judged = p.fault(err, in); !judged {
			return err
		}
	}
	if len(reply.Body) == 0 {
		return c.NoContent(reply.Status)
	}
	return c.JSONBlob(reply.Status, reply.Body)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// tables are the state machines, for what is possible in a state.
var tables = map[engine.Kind]*engine.Table{
	engine.Negotiation: negotiation.NewDomain(nil, nil).Table(),
	engine.Transfer:    transfer.NewDomain(nil, nil, nil).Table(),
}

// acts names the routes by which a user has a message sent.
var acts = map[engine.Message]string{
	engine.Message(wire.TypeContractRequest):              "counter",
	engine.Message(wire.TypeContractOffer):                "counter",
	engine.Message(wire.TypeContractAgreement):            "agree",
	engine.Message(wire.TypeContractVerification):         "verify",
	engine.Message(wire.TypeContractEvent) + ":ACCEPTED":  "accept",
	engine.Message(wire.TypeContractEvent) + ":FINALIZED": "finalize",
	engine.Message(wire.TypeContractTermination):          "terminate",

	engine.Message(wire.TypeTransferStart):       "start",
	engine.Message(wire.TypeTransferSuspension):  "suspend",
	engine.Message(wire.TypeTransferCompletion):  "complete",
	engine.Message(wire.TypeTransferTermination): "terminate",
}

// possible are the acts that our side may do to a process as it is.
func possible(r engine.Record) []string {
	list := []string{}
	table := tables[r.Kind]
	if table == nil || r.Final || r.State == "" {
		return list
	}
	for _, row := range table.Rows {
		if row.From != r.State || row.By != r.Role || row.ReceiveOnly || row.Guard != nil && !row.Guard(r) {
			continue
		}
		name := acts[row.Message]
		if name == "start" && r.State == transfer.Suspended {
			name = "resume"
		}
		if name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// hindered adds to a refused act what is possible instead.
func (c *call) hindered(id string, err error) error {
	p, ok := judge(err)
	if !ok || p.Hint != hintState {
		return err
	}
	r, failed := c.m.Processes.For(c.contextID).Load(c.ctx, id)
	if failed != nil {
		return err
	}
	switch list := possible(r); {
	case r.Final:
		p.Hint = "it has come to its end"
	case len(list) == 0:
		p.Hint = "nothing is possible until the peer has answered"
	default:
		p.Hint = "possible now: " + strings.Join(list, ", ")
	}
	return p
}

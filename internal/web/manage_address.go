// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
)

// getAddress gives the consumer's application what it pulls the data with. It
// is the one answer of this API that holds a secret.
func getAddress(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	found, err := c.pullable(id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: *found.DataAddress}, nil
}

// pullable returns a transfer of which we can pull data now, after the wait
// that the caller asked for.
func (c *call) pullable(id string) (found transfer.Process, err error) {
	_, _, err = c.await(id, anything, func(engine.Record) (any, bool, error) {
		var err error
		found, err = c.m.Transfers.Get(c.ctx, c.contextID, id)
		return nil, settledTransfer(found), err
	})
	switch {
	case err != nil:
		return found, err
	case found.Role != string(engine.Consumer):
		return found, problemf(http.StatusConflict, "not-consumer", "the data of a transfer is for its consumer").hint("in this transfer we are the provider")
	case transfer.Push(found.Format):
		return found, problemf(http.StatusConflict, "not-a-pull", "the provider pushes the data of this transfer").hint("it goes to the dataAddress that was asked for")
	case found.AwaitsStart || !found.Open || found.DataAddress == nil:
		return found, problemf(http.StatusConflict, "no-address", "no data can be pulled now: the transfer is in state %s", found.State).
			hint("%s", noAddressHint(found))
	}
	return found, nil
}

// noAddressHint says what to do about a transfer of which no data can be pulled.
func noAddressHint(p transfer.Process) string {
	switch p.State {
	case string(transfer.Completed), string(transfer.Terminated):
		return "it has come to its end; ask for another transfer"
	case string(transfer.Suspended):
		return "GET processes/{id}/explain says why; it goes on once it is resumed"
	}
	return "ask with ?wait=30s, or look at the transfer for what it waits for"
}

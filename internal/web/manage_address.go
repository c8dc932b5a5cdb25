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
	var found transfer.Process
	_, _, err = c.await(id, func(engine.Record) (any, bool, error) {
		var err error
		found, err = c.m.Transfers.Get(c.ctx, c.contextID, id)
		return nil, settledTransfer(found), err
	})
	switch {
	case err != nil:
		return answer{}, err
	case found.Role != string(engine.Consumer):
		return answer{}, problemf(http.StatusConflict, "not-consumer", "the address of a transfer is for its consumer").hint("in this transfer we are the provider")
	case transfer.Push(found.Format):
		return answer{}, problemf(http.StatusConflict, "not-a-pull", "the provider pushes the data of this transfer").hint("it goes to the dataAddress that was asked for")
	case found.AwaitsStart || !found.Open || found.DataAddress == nil:
		return answer{}, problemf(http.StatusConflict, "no-address", "no data can be pulled now: the transfer is in state %s", found.State).
			hint("ask with ?wait=30s, or look at the transfer for what it waits for")
	}
	return answer{body: *found.DataAddress}, nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"github.com/musubi-ods/musubi/internal/engine"
)

// collection is the processes of a kind, of which each is shown, waited for and
// acted on in the same way.
type collection struct {
	name   string
	moving func(engine.Record) bool // what a caller who waits need not see
	see    func(c *call, id string) look
}

var (
	negotiations = collection{"negotiations", unsettled, (*call).seeNegotiation}
	transfers    = collection{"transfers", anything, (*call).seeTransfer}
)

// get shows the process of the path.
func (k collection) get(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	view, settled, err := c.await(id, k.moving, k.see(c, id))
	if err != nil {
		return answer{}, err
	}
	return answer{status: shownAs(c, settled), body: view}, nil
}

// shownAs is 200 for a look; 202 where waiting for more was in vain.
func shownAs(c *call, settled bool) int {
	if c.QueryParam("wait") != "" && !settled {
		return http.StatusAccepted
	}
	return http.StatusOK
}

// act does an act of the process of the path.
func (k collection) act(c *call, act func(id string) error) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	if _, err := c.wait(); err != nil { // before anything is done
		return answer{}, err
	}
	if err := act(id); err != nil {
		return answer{}, c.hindered(id, err)
	}
	return k.settle(c, id, http.StatusOK)
}

// settle answers an act: done where the process is settled, else 202 with the
// state it is in.
func (k collection) settle(c *call, id string, done int) (answer, error) {
	view, settled, err := c.await(id, k.moving, k.see(c, id))
	if err != nil {
		return answer{}, err
	}
	a := answer{status: http.StatusAccepted, body: view, location: c.location(k.name, id)}
	if settled {
		a.status = done
	}
	return a, nil
}

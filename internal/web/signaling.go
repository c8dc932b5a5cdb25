// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"github.com/musubi-ods/musubi/transfer/signaling"
)

// signalingPath is where data planes call, at whichever listener.
const signalingPath = "/:ctx" + signaling.Base + "/*"

// SignalingConfig is what the handler of a listener for data planes needs.
type SignalingConfig struct {
	Common
	Participants Participants
	// Handler proves its callers by itself; *signaling.Callbacks.
	Handler http.Handler
}

// NewSignaling returns the handler that data planes call.
func NewSignaling(c SignalingConfig) http.Handler {
	c.defaults()
	m := &management{ManagementConfig: ManagementConfig{Common: c.Common}}
	e := c.newEcho(m.fail)
	e.Any(signalingPath, handOver(c.Handler), participantExists(c.Participants))
	return asSent(e)
}

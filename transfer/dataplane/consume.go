// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"

	"github.com/musubi-ods/musubi/transfer"
)

// roleConsumer is transfer.Flow.Role of a pull that we read.
const roleConsumer = "consumer"

// Renewed is a Plane for the consumer's side of a format in which few tokens are
// renewed: it is told of those alone.
type Renewed struct{ *Plane }

var _ transfer.Unprepared = Renewed{}

// Unprepared implements transfer.Unprepared.
func (Renewed) Unprepared() {}

// begin is Start and Resume of the consumer's side: the provider's address is
// one that can be used for as long as the transfer runs, or it is refused.
// There need not be one yet.
func (p *Plane) begin(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	started := transfer.FlowStatus{State: transfer.FlowStarted}
	if f.DataAddress == nil {
		return started, nil
	}
	if p.cfg.CheckURL != nil {
		if err := transfer.AcceptAddress(*f.DataAddress, p.cfg.CheckURL); err != nil {
			return transfer.FlowStatus{}, err
		}
	}
	if p.cfg.Renewer == nil {
		return started, nil
	}
	return started, p.cfg.Renewer.Keep(ctx, Pulling{
		Context: f.Context, Process: f.Process, Version: f.Version, Peer: f.Counterparty, Address: *f.DataAddress,
	})
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

func (c DataPlaneConfig) checkApplications() error {
	for i, k := range c.Applications.Keys {
		known := slices.ContainsFunc(c.Participants, func(p served.Participant) bool { return p.Context == k.Participant })
		switch {
		case len(k.Key) < leastKey:
			return fmt.Errorf("applications.keys: key number %d is shorter than %d characters; make one with: openssl rand -hex 32", i+1, leastKey)
		case k.Participant != "" && !known:
			return fmt.Errorf("applications.keys: there is no participant %q", k.Participant)
		}
	}
	switch {
	case c.Applications.Listen == "" && len(c.Applications.Keys) > 0:
		return fmt.Errorf("applications.listen is missing, and its keys open nothing; write an address, or - to serve ApplicationsHandler yourself")
	case c.applicationsListener().Listen == "-":
		return nil
	case len(c.Applications.Keys) == 0:
		return fmt.Errorf("applications.keys is missing: nobody could call")
	}
	return c.Applications.validate("applications", c.DevMode)
}

// applicationsListener has no default: where none is configured there is none.
func (c DataPlaneConfig) applicationsListener() Listener {
	l := c.Applications.Listener
	if l.Listen == "" {
		l.Listen = "-"
	}
	return l
}

// applicationsHandler is what applications call.
func (p *DataPlane) applicationsHandler() (http.Handler, error) {
	common, err := commonOf(p.cfg.Applications.Listener, p.now, p.log)
	return web.NewPlaneApplications(web.PlaneApplicationsConfig{
		Common: common, Participants: planeParticipants{p}, Admits: p.admits, Pull: p.planes.servePull, Ready: p.store.Ready,
	}), err
}

// ApplicationsHandler serves applications: /{context}/pull/{process}/ is the data
// of a pull in which this plane serves the consumer.
func (p *DataPlane) ApplicationsHandler() http.Handler { return p.applications }

// ApplicationsAddress returns where applications call, host:port; empty: nowhere.
func (p *DataPlane) ApplicationsAddress() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.applicationsServer == nil {
		return ""
	}
	return p.applicationsServer.Address()
}

// admits compares with every key, in a time that does not depend on how much of
// one was right.
func (p *DataPlane) admits(contextID, key string) bool {
	got, found := sha256.Sum256([]byte(key)), 0
	for _, k := range p.cfg.Applications.Keys {
		want := sha256.Sum256([]byte(k.Key))
		same := subtle.ConstantTimeCompare(got[:], want[:])
		if k.Participant == "" || k.Participant == contextID {
			found |= same
		}
	}
	return found == 1
}

// pulling finds the newest address of a pull that runs.
func (l *planes) pulling(ctx context.Context, contextID, process string) (dataplane.Pulling, error) {
	f, err := l.p.store.FlowOf(ctx, contextID, process)
	switch {
	case errors.Is(err, signaling.ErrNoFlow):
		return dataplane.Pulling{}, &web.Problem{
			Status: http.StatusNotFound, Code: "transfer-unknown", Message: "this data plane has no such data flow", Hint: "name it as its control plane does", Err: err,
		}
	case err != nil:
		return dataplane.Pulling{}, err
	case f.Asked.Role != "consumer" || transfer.Push(f.Asked.Format) || f.State != transfer.FlowStarted || f.Asked.DataAddress == nil:
		return dataplane.Pulling{}, fmt.Errorf("%w: the data flow is %s", ErrNoAddress, f.State)
	}
	return dataplane.Pulling{
		Context: contextID, Process: process, Version: f.Version, Peer: f.Asked.Counterparty, Address: *f.Asked.DataAddress,
	}, nil
}

// servePull answers an application with the data of a pull.
func (l *planes) servePull(w http.ResponseWriter, r *http.Request, contextID, process, path string) error {
	pulling, err := l.pulling(r.Context(), contextID, process)
	if err != nil {
		return explainPull(err)
	}
	return explainPull(l.proxy.Serve(w, r, pulling, path))
}

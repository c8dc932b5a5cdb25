// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// DataPlane moves the data of control planes' transfers, ours or another
// vendor's, and runs alone. Make one with NewDataPlane.
type DataPlane struct {
	cfg DataPlaneConfig
	log *slog.Logger
	now func() time.Time

	store      store.Store
	http       *safehttp.Clients
	keys       *keys
	server     *signaling.Server
	planes     *planes
	lent       *lending
	background background

	data, signaling, applications http.Handler
	credentialsMu                 sync.Mutex
	credentials                   map[string]registeredCredential // of control planes that registered

	mu                 sync.Mutex
	dataServer         *web.Server
	signalingServer    *web.Server
	applicationsServer *web.Server
	started, stopped   bool
	public             atomic.Pointer[string] // base URL of the data listener
	called             atomic.Pointer[string] // base URL of the signaling listener
}

// NewDataPlane builds a data plane, as New builds a connector. Of the options,
// WithLogger and WithClock count.
func NewDataPlane(cfg DataPlaneConfig, opts ...Option) (*DataPlane, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	o := defaults()
	for _, opt := range opts {
		opt(&o)
	}
	p := &DataPlane{cfg: cfg, log: o.log, now: o.now, lent: newLending()}
	common := cfg.common()
	var err error
	if p.http, err = common.clients(o.egress); err != nil {
		return nil, err
	}
	if p.store, err = common.open(context.Background(), o.log); err != nil {
		return nil, err
	}
	p.keys = newKeys(p.store, p.now)
	p.background.now = p.now
	p.background.warn = func(name string, err error) {
		p.log.Warn("background work failed and is tried again", "work", name, "error", err)
	}
	if err := p.wire(); err != nil {
		return nil, errors.Join(err, p.store.Close())
	}
	return p, nil
}

// wire puts the parts together.
func (p *DataPlane) wire() error {
	planes := &planes{p: p}
	p.server = signaling.NewServer(signaling.ServerConfig{
		Flows: p.store, Planes: planes, Caller: p.caller, Context: p.contextOf, Async: p.async, Completes: p.completes,
		ControlPlanes: p.store, Untold: p.store, Alone: alone(p.cfg.Store), CheckControlPlane: p.checkControlPlane,
		Call: p.call, Rules: p.rules, Now: p.now, NewID: newID, Timer: timer, Log: p.log,
	})
	planes.wire()
	p.planes = planes
	handler := func(l Listener) (web.PlaneConfig, error) {
		common, err := commonOf(l, p.now, p.log)
		return web.PlaneConfig{Common: common, Participants: planeParticipants{p}, Data: planes, Signaling: p.server, Ready: p.store.Ready}, err
	}
	forData, err := handler(p.cfg.Data)
	if err != nil {
		return err
	}
	forSignaling, err := handler(p.cfg.Signaling)
	if err != nil {
		return err
	}
	p.data, p.signaling = web.NewPlaneData(forData), web.NewPlaneSignaling(forSignaling)
	p.applications, err = p.applicationsHandler()
	return err
}

// DataHandler serves counterparties, each participant below its context.
func (p *DataPlane) DataHandler() http.Handler { return p.data }

// SignalingHandler serves control planes.
func (p *DataPlane) SignalingHandler() http.Handler { return p.signaling }

// Start listens, takes up the work that is owed, announces itself where that
// is configured, and returns. It may be called once.
func (p *DataPlane) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.started || p.stopped {
		return errors.New("the data plane was started or stopped before; make another one with NewDataPlane")
	}
	p.started = true
	if err := p.listen(); err != nil {
		return errors.Join(err, p.closeServers(ctx))
	}
	if err := p.importKeys(ctx); err != nil {
		return errors.Join(err, p.closeServers(ctx))
	}
	chores := p.registrations()
	if p.cfg.Receive.Dir != "" {
		chores = append(chores, chore{name: "received data whose time is over", do: p.endReceived, wake: p.lent.wake})
	}
	p.background.start(ctx, append(chores,
		chore{name: "data flows", do: p.server.Work, wake: p.server.Wake()},
		chore{name: "moving data", do: p.planes.carrier.Work, wake: p.planes.carrier.Wake()},
		chore{name: "keeping evidence of what was moved", do: p.server.KeepMoved, wake: p.server.WakeKeep()},
		chore{name: "evidence of what was moved", do: p.server.TellMoved, wake: p.server.WakeMoved()},
		chore{name: "ended data flows", do: p.dropFlows},
		chore{name: "used tokens", do: p.dropTokens},
	))
	if p.dataServer != nil {
		p.dataServer.Serve(p.data)
	}
	if p.signalingServer != nil {
		p.signalingServer.Serve(p.signaling)
	}
	if p.applicationsServer != nil {
		p.applicationsServer.Serve(p.applications)
	}
	return nil
}

// listen opens the listeners, so that their addresses are known.
func (p *DataPlane) listen() error {
	open := func(name string, l Listener, base *atomic.Pointer[string]) (*web.Server, error) {
		if l.Listen == "-" {
			return nil, nil
		}
		s, err := web.Listen(web.ServerConfig{Address: l.Listen, CertFile: l.TLS.CertFile, KeyFile: l.TLS.KeyFile, Log: p.log})
		if err != nil {
			return nil, hintListen(name, l.Listen, err)
		}
		url, address := "http://", s.Address()
		if l.TLS.CertFile != "" {
			url = "https://"
		}
		if p.cfg.DevMode {
			address = named(address)
		}
		url += address
		base.Store(&url)
		return s, nil
	}
	var err error
	if p.dataServer, err = open("data", p.cfg.Data, &p.public); err != nil {
		return err
	}
	if p.signalingServer, err = open("signaling", p.cfg.Signaling, &p.called); err != nil {
		return err
	}
	p.applicationsServer, err = open("applications", p.cfg.applicationsListener(), new(atomic.Pointer[string]))
	return err
}

// Stop ends in good order, as that of Connector does.
func (p *DataPlane) Stop(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil
	}
	p.stopped = true
	err := p.closeServers(ctx)
	p.background.stop()
	p.planes.close()
	p.server.Close()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastMoment)
	defer cancel()
	if _, told := p.server.TellMoved(last); told != nil {
		err = errors.Join(err, told)
	}
	p.http.CloseIdle()
	return errors.Join(err, p.store.Close())
}

func (p *DataPlane) closeServers(ctx context.Context) error {
	var errs []error
	for _, s := range []*web.Server{p.dataServer, p.signalingServer, p.applicationsServer} {
		if s != nil {
			errs = append(errs, s.Stop(ctx))
		}
	}
	p.dataServer, p.signalingServer, p.applicationsServer = nil, nil, nil
	return errors.Join(errs...)
}

// Addresses returns where the two listeners listen, host:port, empty for one
// that does not.
func (p *DataPlane) Addresses() (data, signaling string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dataServer != nil {
		data = p.dataServer.Address()
	}
	if p.signalingServer != nil {
		signaling = p.signalingServer.Address()
	}
	return data, signaling
}

// keepEnded is how long a flow that has ended answers for its status.
const keepEnded = 7 * 24 * time.Hour

// dropFlows forgets flows that ended long ago.
func (p *DataPlane) dropFlows(ctx context.Context) (time.Time, error) {
	n, err := p.store.DropFlows(ctx, p.now().Add(-keepEnded), dropBatch)
	if n == dropBatch {
		return p.now(), err
	}
	return p.now().Add(time.Minute), err
}

// dropTokens forgets tokens that could not be used again anyway.
func (p *DataPlane) dropTokens(ctx context.Context) (time.Time, error) {
	_, err := p.store.DropTokens(ctx, p.now().Add(-time.Minute), dropBatch)
	return p.now().Add(time.Minute), err
}

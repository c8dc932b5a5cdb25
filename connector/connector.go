// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/evidence"
	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Connector speaks for any number of participants. Make one with New.
type Connector struct {
	cfg Config
	log *slog.Logger
	now func() time.Time

	store        store.Store
	http         *safehttp.Clients
	keys         *keys
	keyStore     trust.KeyStore // keys, unless the embedder has its own
	profile      trust.Profile
	identity     identity
	policies     *policy.Judge
	terms        *policy.Registry
	point        *transfer.PolicyPoint
	proved       *proved
	background   background
	refusals     web.Refusals
	catalog      *catalog.Service
	client       *catalog.Client
	negotiations *negotiation.Service
	transfers    *transfer.Service
	runner       *engine.Runner
	monitor      *transfer.Monitor
	data         *dataplane.Plane
	edits        edits
	planes       *signaling.Registry
	renewer      *dataplane.Renewer
	proxy        *dataplane.Proxy
	sink         *sink.Service // nil: nothing can be downloaded
	evidence     *evidence.Recorder
	carrier      *dataplane.Carrier
	push         *dataplane.Push
	inbox        *dataplane.Inbox // nil: nothing can be pushed to us

	protocol, management http.Handler
	signaling            http.Handler // of its own listener; nil: there is none
	servers              servers
}

// New builds a connector: it opens the store, brings its schema up to date,
// and wires everything. It does not listen or work before Start. Stop must be
// called also if Start never was.
func New(cfg Config, opts ...Option) (*Connector, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	o := defaults()
	for _, opt := range opts {
		opt(&o)
	}
	c := &Connector{cfg: cfg, log: o.log, now: o.now, terms: o.terms}
	var err error
	if c.http, err = cfg.clients(o.egress); err != nil {
		return nil, err
	}
	if c.store, err = cfg.open(context.Background(), o.log); err != nil {
		return nil, err
	}
	c.keys = newKeys(c.store, c.now)
	if c.keyStore = o.keys; c.keyStore == nil {
		c.keyStore = c.keys
	}
	c.identify()
	c.background.now = c.now
	c.background.warn = func(name string, err error) {
		c.log.Warn("background work failed and is tried again", "work", name, "error", err)
	}
	if err := c.wire(o); err != nil {
		return nil, errors.Join(err, c.store.Close())
	}
	if err := c.handlers(o); err != nil {
		return nil, errors.Join(err, c.store.Close())
	}
	return c, nil
}

// Migrate brings the schema of the store up to date and does nothing else.
func Migrate(ctx context.Context, cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	s, err := cfg.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return s.Close()
}

func (c Config) open(ctx context.Context, log *slog.Logger) (store.Store, error) {
	seal, err := c.sealer()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, store.Config{DSN: c.Store, Seal: seal, Log: log})
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	return s, nil
}

// alone reports whether this process has the store for itself: there are no
// replicas.
func alone(dsn string) bool { return !strings.HasPrefix(dsn, "postgres") }

// clients builds the two ways out. change, if there is one, has the last word
// on how.
func (c Config) clients(change func(*safehttp.Config)) (*safehttp.Clients, error) {
	sc := safehttp.Config{DevMode: c.DevMode, Proxy: c.Egress.Proxy, CAFile: c.Egress.CAFile, Timeout: c.Egress.Timeout}
	if sc.Timeout == 0 {
		sc.Timeout = 10 * time.Second
	}
	for _, cidr := range c.Egress.Allow {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil {
			return nil, fmt.Errorf("%w: egress.allow %q: %w", ErrConfig, cidr, err)
		}
		sc.Allow = append(sc.Allow, prefix)
	}
	if change != nil {
		change(&sc)
	}
	clients, err := safehttp.New(sc)
	if err != nil {
		return nil, fmt.Errorf("%w: egress: %w", ErrConfig, err)
	}
	return clients, nil
}

// wire puts the services together.
func (c *Connector) wire(o options) error {
	planes, err := c.planeSet(o)
	if err != nil {
		return err
	}
	if o.transfer == nil {
		o.transfer = transfer.Rules{Agreements: c.store}
	}
	c.policies = c.judge(o)
	c.point = &transfer.PolicyPoint{Judge: c.policies, Agreements: c.store, Meters: c.store}
	c.runner = engine.NewRunner(engine.Config{
		Store:  c.store,
		Sender: &sender{http: c.http, tokens: c.profile},
		Domains: map[engine.Kind]engine.Domain{
			engine.Negotiation: negotiation.NewDomain(o.negotiation, c.policies),
			engine.Transfer:    transfer.NewDomain(o.transfer, planes, c.point),
		},
		Now: c.now, NewID: newID, Jitter: jitter, Log: c.log,
	}, engine.RunnerConfig{Owner: c.owner(), Lease: c.cfg.Lease, Timer: timer, Sign: c.keys.signHead})

	c.catalog, err = catalog.NewService(catalog.Config{
		Store: editedCatalogs{c.store, &c.edits}, Participants: c.identity.recent.participant, Now: c.now, NewID: newID, Log: c.log,
		Policies: c.policies, Meters: c.meters(planes),
	})
	c.client = &catalog.Client{HTTP: c.http, Tokens: c.profile, Peers: c.identity.peers}
	c.negotiations = negotiation.NewService(negotiation.Config{
		Core: c.runner.Core, Store: c.store, Agreements: c.store, Catalog: c.catalog,
		Participant: c.identity.recent.participant, Peers: c.identity.peers, CheckURL: c.http.Foreign.CheckURL, Policies: c.policies, Now: c.now, NewID: newID,
	})
	c.transfers = transfer.NewService(transfer.Config{
		Core: c.runner.Core, Store: c.store, Agreements: c.store, Planes: planes, Policies: c.point, Labels: c.planeLabels,
		Participant: c.identity.recent.participant, Peers: c.identity.peers, CheckURL: c.http.Foreign.CheckURL, Now: c.now, NewID: newID,
	})
	c.monitor = &transfer.Monitor{Service: c.transfers, Open: c.store, Unclear: func(t engine.Change, err error) {
		c.log.Warn("whether a running transfer is still permitted cannot be told", "participant", t.Context, "transfer", t.Process, "error", err)
	}}
	c.point.Began = c.monitor.Began
	c.evidence = c.newEvidence()
	c.consuming()
	c.data, c.sink = c.pullPlane(), c.newSink(o.terms)
	replaced := func(format string) bool { return o.planes[format] != nil }
	for _, format := range dataplane.Formats {
		if replaced(format) {
			continue
		}
		planes.Builtin(format, "provider", c.data)
		if format == dataplane.Format { // most of its tokens need nothing of us as consumer
			planes.Builtin(format, "consumer", dataplane.Renewed{Plane: c.data})
		} else {
			planes.Builtin(format, "consumer", c.data)
		}
	}
	c.pushPlanes(planes, replaced)
	return err
}

func (c *Connector) owner() string {
	if c.cfg.Replica != "" {
		return c.cfg.Replica
	}
	return newID()
}

// ProtocolHandler serves counterparties: the Dataspace Protocol and the data
// of the built-in planes, each participant below its context.
func (c *Connector) ProtocolHandler() http.Handler { return c.protocol }

// ManagementHandler serves the participants' own users.
func (c *Connector) ManagementHandler() http.Handler { return c.management }

// Participant returns the handle of a participant.
func (c *Connector) Participant(ctx context.Context, contextID string) (*Participant, error) {
	if _, err := c.store.Participant(ctx, contextID); err != nil {
		return nil, fmt.Errorf("%w: %s", err, contextID)
	}
	return &Participant{c: c, context: contextID}, nil
}

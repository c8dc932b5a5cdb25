// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/internal/testkit"
)

// clock is a time of day that goes on as the real one does, and can be turned.
type clock struct {
	began  time.Time
	base   time.Time
	turned atomic.Int64
}

func newClock() *clock {
	return &clock{began: time.Now(), base: time.Now().AddDate(0, 1, 0)}
}

func (c *clock) now() time.Time {
	return c.base.Add(time.Since(c.began) + time.Duration(c.turned.Load()))
}

func (c *clock) turn(d time.Duration) { c.turned.Add(int64(d)) }

// venue is a provider, on one replica or on two that share a store, and a
// consumer. Messages go to the replica desk, data comes from the replica pump.
type venue struct {
	desk, pump *node
	consumer   *node
	space      *space // of members; nil where they have pre-shared secrets
	clock      *clock // nil: the wall's
	source     *endless
	plane      string // base URL of the provider's data; empty: the connector's
	opened     time.Time
	took       time.Duration // until the provider was there: how slow the machine is
	spread     atomic.Bool   // data comes from both replicas in turn
	marked     []string      // credentials that a cause has changed
}

// The modes in which each stop is tried.
const (
	injected = "injected clock"
	wall     = "wall clock"
	replicas = "other replica" // on the wall clock
	apart    = "data plane of its own"
)

// modes are those that are tried: the last one in full runs.
func modes() []string {
	all := []string{injected, wall, replicas}
	if testkit.Full() {
		all = append(all, apart)
	}
	return all
}

func newVenue(t testing.TB, mode string, members bool, validity time.Duration) *venue {
	t.Helper()
	s := &venue{source: newEndless(t)}
	began := time.Now()
	var opts []connector.Option
	if mode == injected || mode == apart {
		s.clock = newClock()
		opts = append(opts, connector.WithClock(s.clock.now))
	}
	if members {
		s.space = newSpace(t, opts...)
		s.space.opts = opts
	}
	if mode == replicas {
		s.desk, s.pump = s.twoReplicas(t, opts...)
	} else {
		s.desk = s.party(t, "memory:", "supplier", opts...)
		s.pump = s.desk
	}
	s.consumer = s.party(t, "memory:", "maker", opts...)
	s.took = time.Since(began)
	if members {
		s.space.register(t, s.desk)
		if s.took = time.Since(began); validity == soonOver {
			validity = s.term() + 4*time.Second
		}
		s.space.validity(t, validity)
		s.space.register(t, s.consumer)
		know(t, s.desk, s.consumer)
	} else {
		introduce(t, s.desk, s.consumer)
	}
	if mode == apart {
		s.servedApart(t, opts...)
	}
	s.opened = s.now()
	return s
}

// servedApart has the provider's data served by a data plane that runs alone,
// and is told by Data Plane Signaling.
func (s *venue) servedApart(t testing.TB, opts ...connector.Option) {
	t.Helper()
	cfg := planeConfig("memory:", base(s.desk.Connector)+"/supplier/signaling", served.Dataset{
		ID: dataset, Source: served.Source{Type: "http", URL: s.source.url, Headers: map[string]connector.Secret{"X-Key": secretOfSource}},
	})
	cfg.Participants[0].ID = s.desk.id
	cfg.ControlPlanes[0].Verdicts = "required"
	p, url := startPlane(t, cfg, append([]connector.Option{connector.WithLogger(testLog(t))}, opts...)...)
	data, _ := p.Addresses()
	s.plane = "http://" + strings.Replace(data, "127.0.0.1", "localhost", 1)
	err := s.desk.AddDataplane(connector.RemotePlaneConfig{
		ID: "apart", Endpoint: url, Profiles: []string{pull}, Roles: []string{"provider"}, Authorization: planeShown,
		Key: "data-to-control", MetersBytes: true,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// party starts a connector with one participant.
func (s *venue) party(t testing.TB, store, name string, opts ...connector.Option) *node {
	t.Helper()
	if s.space != nil {
		return s.space.stranger(t, name)
	}
	return startNode(t, store, name, append([]connector.Option{connector.WithLogger(testLog(t))}, opts...)...)
}

// now is the time of the venue.
func (s *venue) now() time.Time {
	if s.clock != nil {
		return s.clock.now()
	}
	return time.Now()
}

// pass lets time go by where it can be turned; elsewhere it does so by itself.
func (s *venue) pass(d time.Duration) {
	if s.clock != nil {
		s.clock.turn(d)
	}
}

// twoReplicas starts a provider twice on one store, behind one address: data
// comes from the second, all else from the first.
func (s *venue) twoReplicas(t testing.TB, opts ...connector.Option) (desk, pump *node) {
	t.Helper()
	var routes [2]atomic.Pointer[http.Handler]
	var turn atomic.Int64
	front := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := routes[0].Load()
		if strings.Contains(r.URL.Path, "/data/") && (!s.spread.Load() || turn.Add(1)%2 == 0) {
			to = routes[1].Load()
		}
		(*to).ServeHTTP(w, r)
	}))
	cfg := connector.Default()
	cfg.Store, cfg.Key, cfg.DevMode = postgresDSN(t), connector.Secret(hexKey()), true
	cfg.Protocol.Listen, cfg.Management.Listen = "-", "-"
	public := strings.Replace(front, "127.0.0.1", "localhost", 1) + "/supplier"
	one := connector.ParticipantConfig{Context: "supplier", ID: "urn:example:supplier", Profile: "preshared", PublicURL: public}
	if s.space != nil {
		one.ID, one.Profile, one.Identity = "", "", s.space.memberSettings()
	}
	cfg.Participants = []connector.ParticipantConfig{one}
	var nodes [2]*node
	for i := range nodes {
		cfg.Replica = []string{"desk", "pump"}[i]
		c, err := connector.New(cfg, append([]connector.Option{connector.WithLogger(testLog(t))}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop(t, c) })
		h := c.ProtocolHandler()
		routes[i].Store(&h)
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		p, err := c.Participant(t.Context(), "supplier")
		if err != nil {
			t.Fatal(err)
		}
		info, err := p.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		nodes[i] = &node{Connector: c, Participant: p, name: "supplier", id: info.ID, url: public + "/dsp/2025-1"}
	}
	return nodes[0], nodes[1]
}

func hexKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return hex.EncodeToString(key)
}

func hasPostgres() bool { return os.Getenv("MUSUBI_POSTGRES") != "" }

// postgresDSN makes a schema of the test's own in the server of
// MUSUBI_POSTGRES.
func postgresDSN(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("MUSUBI_POSTGRES")
	if dsn == "" {
		testkit.Require(t, "postgres", "set MUSUBI_POSTGRES to postgres://user@host:port/database")
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	schema := "test_" + strings.ToLower(rand.Text())
	do := func(statement string) {
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	do("CREATE SCHEMA " + schema)
	t.Cleanup(func() { do("DROP SCHEMA " + schema + " CASCADE") })
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"
)

// cluster is a participant with several processes on one database. Its peers
// and its users reach it through balancers, so that whoever began a
// negotiation does not have to go on with it.
type cluster struct {
	name     string
	dsn      string // straight to the database
	replicas []*side
	lines    []*line // of each replica to the database
	front    *balancer
	desk     *side // its management API through a balancer; no process
}

// newClusters writes the configurations of a consumer and a provider with so
// many replicas each.
func newClusters(t *testing.T, binary string, consumers, providers int, store func(t *testing.T, name string) string) (consumer, provider *cluster) {
	t.Helper()
	consumer, provider = newCluster(t, "consumer", store), newCluster(t, "provider", store)
	consumer.seat(t, binary, provider, consumers)
	provider.seat(t, binary, consumer, providers)
	return consumer, provider
}

func newCluster(t *testing.T, name string, store func(t *testing.T, name string) string) *cluster {
	t.Helper()
	return &cluster{name: name, dsn: store(t, name), front: newBalancer(t)}
}

func (c *cluster) seat(t *testing.T, binary string, peer *cluster, n int) {
	t.Helper()
	key, secret := secrets()
	dir, ports, desk := t.TempDir(), freeAddresses(t, 2*n), newBalancer(t)
	for i := range n {
		l, dsn := newLine(t, c.dsn)
		s := newSide(t, dir, binary, seat{
			participant: c.name, peer: peer.name, replica: fmt.Sprintf("%s-%d", c.name, i+1), store: dsn, key: key, secret: secret,
			protocol: ports[2*i], management: ports[2*i+1], public: c.front.address, peerPublic: peer.front.address,
		})
		c.replicas, c.lines = append(c.replicas, s), append(c.lines, l)
		c.front.add(t.Context(), s.protocol, s.management)
		desk.add(t.Context(), s.management, s.management)
	}
	c.desk = &side{name: c.name, api: newAPI(desk.address, c.name, secret)}
}

// start starts the replicas, the first one before the others, and waits until
// they have work given to them.
func (c *cluster) start(ctx context.Context) error {
	if c.front == nil {
		return c.replicas[0].restart(ctx)
	}
	for _, s := range c.replicas {
		if err := s.start(); err != nil {
			return err
		}
		if s == c.replicas[0] {
			if err := s.ready(ctx); err != nil {
				return err
			}
		}
	}
	for _, s := range c.replicas[1:] {
		if err := s.ready(ctx); err != nil {
			return err
		}
	}
	return c.front.open(ctx, len(c.replicas))
}

// shares are the parts of the whole that each replica has of what is counted.
func shares(counts []int) []float64 {
	total := 0
	for _, n := range counts {
		total += n
	}
	list := make([]float64, len(counts))
	for i, n := range counts {
		list[i] = float64(n) / float64(max(total, 1))
	}
	return list
}

// tally has the database write down who claimed which work, for a test to read.
// The rows are the store's own, seen from outside it.
func (c *cluster) tally(t *testing.T) {
	t.Helper()
	u, err := url.Parse(c.dsn)
	if err != nil {
		t.Fatal(err)
	}
	table := "tally"
	if schema := u.Query().Get("search_path"); schema != "" {
		table = schema + ".tally"
	}
	for _, statement := range []string{
		`CREATE UNLOGGED TABLE tally (owner TEXT, process TEXT, op TEXT, fence BIGINT)`,
		`CREATE FUNCTION tally() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO ` + table + ` VALUES (NEW.owner, NEW.process, NEW.op, NEW.fence); RETURN NULL; END $$`,
		`CREATE TRIGGER tally AFTER UPDATE ON outbox FOR EACH ROW
			WHEN (NEW.owner IS NOT NULL AND NEW.fence <> OLD.fence) EXECUTE FUNCTION tally()`,
	} {
		admin(t, c.dsn, statement)
	}
}

// claimed is how much work each replica took.
func (c *cluster) claimed(t *testing.T) []int {
	t.Helper()
	list := make([]int, len(c.replicas))
	query(t, c.dsn, `SELECT owner, CAST(count(*) AS text) FROM tally GROUP BY owner`, func(row []string) {
		if i := slices.IndexFunc(c.replicas, func(s *side) bool { return s.name == row[0] }); i >= 0 {
			_, _ = fmt.Sscan(row[1], &list[i])
		}
	})
	return list
}

// query reads rows of two texts.
func query(t *testing.T, dsn, text string, each func(row []string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	for rows.Next() {
		row := make([]string, 2)
		if err := rows.Scan(&row[0], &row[1]); err != nil {
			t.Fatal(err)
		}
		each(row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/musubi-ods/musubi/internal/engine"
)

const (
	maxNotice  = 7900 // bytes; PostgreSQL allows 7999
	maxNotices = 1000 // changes of one call; more are dropped, a sweep finds them
	proveAlive = 30 * time.Second
)

// notice is what one NOTIFY carries.
type notice struct {
	From    string      `json:"from"`
	Changes [][2]string `json:"changes"` // participant context and process
}

// Notify implements engine.Store. It is a transaction of its own that does
// not wait for the disk: steps commit without the lock that NOTIFY takes.
func (s *onPostgres) Notify(ctx context.Context, changes []engine.Change) error {
	if len(changes) > maxNotices {
		changes = changes[:maxNotices]
	}
	var payloads []string
	n := notice{From: s.instance}
	size := 0
	flush := func() error {
		text, err := json.Marshal(n)
		payloads, n.Changes, size = append(payloads, string(text)), nil, 0
		return err
	}
	for _, c := range changes {
		cost := 6*(len(c.Context)+len(c.Process)) + 8 // if every byte is escaped
		if len(n.Changes) > 0 && size+cost > maxNotice-64 {
			if err := flush(); err != nil {
				return err
			}
		}
		n.Changes, size = append(n.Changes, [2]string{c.Context, c.Process}), size+cost
	}
	if len(n.Changes) == 0 {
		return nil
	}
	if err := flush(); err != nil {
		return err
	}
	return s.exec(ctx, statement{
		query: `SELECT set_config('synchronous_commit', 'off', true), pg_notify(?, p)
			FROM unnest(CAST(? AS text[])) AS p`,
		args: []any{s.channel, payloads}, want: anyRows,
	})
}

// Listen implements engine.Store, on a connection of its own that it replaces
// when it is lost.
func (s *onPostgres) Listen(ctx context.Context, f func(engine.Change)) error {
	pause := 50 * time.Millisecond
	for ctx.Err() == nil {
		err := s.listen(ctx, f, func() { pause = 50 * time.Millisecond })
		if ctx.Err() != nil {
			break
		}
		s.log.Warn("lost the connection that listens; connecting again", "error", err, "in", pause)
		wait(ctx, pause, nil)
		pause = min(2*pause, 5*time.Second)
	}
	return nil //nolint:nilerr // the caller ended it
}

// wait waits for d, or until something happens sooner.
func wait(ctx context.Context, d time.Duration, sooner <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-sooner:
	case <-ctx.Done():
	}
}

// listen hears notices until the connection fails or ctx ends.
func (s *onPostgres) listen(ctx context.Context, f func(engine.Change), connected func()) error {
	conn, err := pgx.ConnectConfig(ctx, s.config.Copy())
	if err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(end)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+s.channel); err != nil {
		return err
	}
	connected()
	for {
		heard, err := hear(ctx, conn)
		if err != nil {
			return err
		}
		var n notice
		if heard == "" || json.Unmarshal([]byte(heard), &n) != nil || n.From == s.instance {
			continue
		}
		for _, c := range n.Changes {
			f(engine.Change{Context: c[0], Process: c[1]})
		}
	}
}

// hear waits for a notice. After a silence it asks the server whether it is
// still there, and returns nothing.
func hear(ctx context.Context, conn *pgx.Conn) (payload string, err error) {
	silence, cancel := context.WithTimeout(ctx, proveAlive)
	defer cancel()
	n, err := conn.WaitForNotification(silence)
	switch {
	case err == nil:
		return n.Payload, nil
	case ctx.Err() != nil || silence.Err() == nil || conn.IsClosed():
		return "", err
	}
	limit, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := conn.Ping(limit); err != nil {
		return "", fmt.Errorf("silent connection: %w", err)
	}
	return "", nil
}

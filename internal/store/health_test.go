// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// patient is a health with a clock of the test's own.
func patient() (h *health, now *time.Time, log *bytes.Buffer) {
	now, log = new(time.Time), &bytes.Buffer{}
	*now = time.Unix(1000, 0)
	h = newHealth(slog.New(slog.NewTextHandler(log, nil)))
	h.now = func() time.Time { return *now }
	return h, now, log
}

var (
	full  = passing("make room", errors.New("no space left"))
	fine  = func() error { return nil }
	worse = func() error { return full }
)

func TestHealthTellsAFaultOnceAndItsEnd(t *testing.T) {
	t.Parallel()
	h, now, log := patient()
	for range 5 {
		if err := h.ended(full, true); !errors.Is(err, engine.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	_ = h.ended(nil, false) // a read
	_ = h.ended(nil, true)  // too early
	if text := log.String(); strings.Count(text, "level=ERROR") != 1 || !strings.Contains(text, `hint="make room"`) || !strings.Contains(text, "no space left") || strings.Contains(text, "used again") {
		t.Fatalf("it logged: %s", text)
	}
	*now = now.Add(calm)
	_ = h.ended(nil, false)
	if strings.Contains(log.String(), "used again") {
		t.Fatal("a read was taken for a sign of health")
	}
	_ = h.ended(nil, true)
	if text := log.String(); !strings.Contains(text, "used again") || !strings.Contains(text, "after=1s") || !strings.Contains(text, "refused=5") {
		t.Fatalf("it logged: %s", text)
	}
}

func TestHealthIsReadyOnlyWhenProved(t *testing.T) {
	t.Parallel()
	h, now, _ := patient()
	if err := h.ready(fine, worse); err != nil {
		t.Fatalf("sound, and not ready: %v", err)
	}
	if err := h.ready(worse, fine); err == nil {
		t.Fatal("ready with a store that does not answer")
	}
	for name, c := range map[string]struct {
		after time.Duration
		prove func() error
		ready bool
	}{
		"no room":          {time.Minute, worse, false},
		"a moment ago":     {calm - 1, fine, false},
		"over and written": {calm, fine, true},
	} {
		h.failed(full)
		*now = now.Add(c.after)
		if err := h.ready(fine, c.prove); (err == nil) != c.ready || err != nil && !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHealthRefusesAllWhileTheServerIsGone(t *testing.T) {
	t.Parallel()
	h, _, log := patient()
	if err := h.refusal(); err != nil {
		t.Fatal(err)
	}
	h.lost(full)
	if err := h.refusal(); !errors.Is(err, engine.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	if err := h.ready(fine, fine); err == nil {
		t.Fatal("ready without a server")
	}
	_ = h.ended(nil, true) // of what was begun before
	if err := h.refusal(); err == nil {
		t.Fatal("a late success was taken for the server's return")
	}
	h.found()
	h.found()
	if err := h.refusal(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "used again"); n != 1 {
		t.Fatalf("its return was told %d times", n)
	}
}

func TestDoubtIsNoFaultOfTheDatabase(t *testing.T) {
	t.Parallel()
	h, _, _ := patient()
	if err := h.ended(errDoubt, true); !errors.Is(err, engine.ErrDoubt) || h.faulty.Load() {
		t.Fatalf("%v, faulty %v", err, h.faulty.Load())
	}
}

// Two who publish at the same time wait for each other, and a stranger's filter
// may take long: neither keeps others from the database.
func TestASlowStatementIsNoFaultOfTheDatabase(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code   string
		wrote  bool
		faulty bool
	}{
		"a lock, to write":   {"55P03", true, false},
		"a lock, to read":    {"55P03", false, false},
		"a question":         {"57014", false, false},
		"a write that hangs": {"57014", true, true},
		"the disk is full":   {"53100", true, true},
	} {
		h, _, log := patient()
		err := h.ended(explainPostgres(&pgconn.PgError{Code: c.code}), c.wrote)
		if !errors.Is(err, engine.ErrUnavailable) || h.faulty.Load() != c.faulty || !strings.Contains(log.String(), "hint=") {
			t.Errorf("%s: %v, faulty %v, it logged: %s", name, err, h.faulty.Load(), log)
		}
	}
}

func TestWhatPassesIsToldFromWhatIsWrong(t *testing.T) {
	t.Parallel()
	code := func(code string) error { return fmt.Errorf("x: %w", &pgconn.PgError{Code: code}) }
	for name, c := range map[string]struct {
		err   error
		want  error // nil: none of the store's own
		again bool  // on another connection
	}{
		"disk full":               {code("53100"), engine.ErrUnavailable, false},
		"no memory":               {code("53200"), engine.ErrUnavailable, false},
		"too many connections":    {code("53300"), engine.ErrUnavailable, false},
		"the server's disk fails": {code("58030"), engine.ErrUnavailable, false},
		"a lock held for long":    {code("55P03"), engine.ErrUnavailable, false},
		"statement too slow":      {code("57014"), engine.ErrUnavailable, false},
		"the server ends":         {code("57P01"), engine.ErrUnavailable, true},
		"the server crashed":      {code("57P02"), engine.ErrUnavailable, true},
		"the server starts":       {code("57P03"), engine.ErrUnavailable, true},
		"a standby after all":     {code("25006"), engine.ErrUnavailable, true},
		"connection failure":      {code("08006"), engine.ErrUnavailable, true},
		"connection reset":        {&net.OpError{Op: "read", Err: errors.New("reset")}, engine.ErrUnavailable, true},
		"connection ended":        {io.ErrUnexpectedEOF, engine.ErrUnavailable, true},
		"no connection is good":   {driver.ErrBadConn, engine.ErrUnavailable, true},
		"nobody listens":          {&pgconn.ConnectError{}, engine.ErrUnavailable, false},
		"in doubt":                {fmt.Errorf("%w: %w", errDoubt, io.EOF), engine.ErrDoubt, false},
		"unique":                  {code("23505"), engine.ErrExists, false},
		"deadlock":                {code("40P01"), engine.ErrConflict, false},
		"check":                   {code("23514"), rule.ErrInvalid, false},
		"syntax":                  {code("42601"), nil, false},
		"no code":                 {code(""), nil, false},
		"something else":          {errors.New("x"), nil, false},
	} {
		err := explainPostgres(c.err)
		for _, own := range []error{engine.ErrUnavailable, engine.ErrDoubt, engine.ErrExists, engine.ErrConflict, rule.ErrInvalid} {
			if want := c.want == own || c.want == engine.ErrDoubt && own == engine.ErrUnavailable; errors.Is(err, own) != want { //nolint:errorlint // which of the list
				t.Errorf("%s: %v is %v: %v", name, err, own, !want)
			}
		}
		if got := lost(c.err); got != c.again {
			t.Errorf("%s: lost is %v", name, got)
		}
		if o, ok := errors.AsType[*outage](err); ok && o.hint == "" {
			t.Errorf("%s: no hint", name)
		}
	}
}

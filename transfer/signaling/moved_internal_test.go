// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/transfer"
)

// TestMovementTakesNoMoreRoom: whatever a counterparty chose of it.
func TestMovementTakesNoMoreRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 1, 2, 3, 4, 5, rapid.IntRange(0, 999_999_999).Draw(t, "nanoseconds"), time.FixedZone("", 9*3600))
		number := rapid.Int64Min(0)
		m := Moved{
			TrackingID: rapid.String().Draw(t, "tracking id"), Method: rapid.String().Draw(t, "method"),
			Path: string(rapid.SliceOf(rapid.Byte()).Draw(t, "path")), Status: rapid.IntRange(0, 999).Draw(t, "status"),
			Offset: number.Draw(t, "offset"), Bytes: number.Draw(t, "bytes"), SHA256: strings.Repeat("a", 64),
			Sent: rapid.Bool().Draw(t, "sent"), Whole: true, Alone: true, Once: true, Began: at, Ended: at,
		}
		text, err := json.Marshal(m)
		if err != nil || len(text)+len(",") > m.room() {
			t.Fatalf("%d bytes of %d: %v", len(text)+1, m.room(), err)
		}
	})
}

// TestPathsDoNotHaveEvidenceRefused: who pulls chooses the path, and must not
// choose whether the control plane takes what is told of it.
func TestPathsDoNotHaveEvidenceRefused(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	const bodies = 3 * batchMoved
	for range bodies {
		s.Moved(t.Context(), transfer.Movement{Context: "cp", Process: "p-cp", Path: strings.Repeat("<", 32<<10) + "é", Bytes: 1, Whole: true})
	}
	told := 0
	for _, b := range s.gather() {
		text, err := json.Marshal(b.List)
		if err != nil || len(text) > MaxBody {
			t.Fatalf("a message of %d bytes: %v", len(text), err)
		}
		told += len(b.List)
		if path := b.List[0].Path; len(path) != maxPath {
			t.Fatalf("%d bytes of the path are told", len(path))
		}
	}
	if told != bodies {
		t.Errorf("%d of %d are told", told, bodies)
	}
}

// TestCutPathIsText: also where it is cut in the middle of a letter.
func TestCutPathIsText(t *testing.T) {
	t.Parallel()
	short, long := "orders/1", strings.Repeat("a", maxPath-1)
	if cutPath(short) != short || cutPath(long+"é") != long {
		t.Errorf("%q, %q", cutPath(short), cutPath(long+"é"))
	}
}

// TestLostEvidenceIsSaid: of a flow that is forgotten nobody can be told, and the
// operator is.
func TestLostEvidenceIsSaid(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	var log bytes.Buffer
	s.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	s.moves("nobody", 2)
	if list, more := s.tells(); len(list) > 0 || more {
		t.Errorf("told were %q, more: %v", list, more)
	}
	if text := log.String(); !strings.Contains(text, "evidence of bodies was lost") || !strings.Contains(text, "transfer=p-nobody bodies=2") {
		t.Error(text)
	}
}

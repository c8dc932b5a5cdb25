// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// TestUseUntil: a plane that prepares to take data is told until when it may be
// used, and one that sends is not.
func TestUseUntil(t *testing.T) {
	t.Parallel()
	until := time.Date(2029, 3, 1, 10, 0, 0, 5000, time.UTC)
	for name, c := range map[string]struct {
		at   time.Time
		err  error
		verb func(*signaling.Client, context.Context, transfer.Flow) (transfer.FlowStatus, error)
		role string
		want time.Time
	}{
		"prepared":       {until, nil, (*signaling.Client).Prepare, "consumer", until},
		"without an end": {time.Time{}, nil, (*signaling.Client).Prepare, "consumer", time.Time{}},
		"unknown":        {time.Time{}, errors.New("the store is away"), (*signaling.Client).Prepare, "consumer", time.Time{}},
		"sent":           {until, nil, (*signaling.Client).Start, "provider", time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newFakePlane(t, map[string][]answer{"/dataflows/prepare": {{200, `{"state":"PREPARED"}`, ""}}, "/dataflows/start": {{200, `{"state":"STARTED"}`, ""}}})
			client := signaling.NewClient(signaling.ClientConfig{
				Endpoint: p.URL, HTTP: p.Client(), Now: time.Now,
				UseUntil: func(_ context.Context, contextID, agreement string) (time.Time, error) {
					if contextID != "acme" || agreement != "a1" {
						t.Errorf("asked for %s of %s", agreement, contextID)
					}
					return c.at, c.err
				},
			})
			f := flow(c.role, pullFormat)
			f.Metadata = map[string]json.RawMessage{"purpose": json.RawMessage(`["x"]`)}
			_, err := c.verb(client, t.Context(), f)
			if !errors.Is(err, c.err) || (len(p.got) == 0) != (c.err != nil) || len(f.Metadata) != 1 {
				t.Fatalf("%v, %d calls, %v", err, len(p.got), f.Metadata)
			}
			if c.err != nil {
				return
			}
			var m signaling.FlowRequest
			if err := json.Unmarshal([]byte(p.got[0].body), &m); err != nil {
				t.Fatal(err)
			}
			got, err := signaling.UseUntil(m.Flow("acme", c.role))
			if err != nil || !got.Equal(c.want) || string(m.Metadata["purpose"]) != `["x"]` {
				t.Errorf("%v, %v, with %s", got, err, m.Metadata)
			}
		})
	}
}

// TestUseUntilThatIsNone: nobody would know when to delete the data.
func TestUseUntilThatIsNone(t *testing.T) {
	t.Parallel()
	for _, said := range []string{`""`, `null`, `5`, `"tomorrow"`, `{}`, `"0001-01-01T00:00:00Z"`} {
		f := transfer.Flow{Metadata: map[string]json.RawMessage{signaling.MetadataUseUntil: json.RawMessage(said)}}
		if until, err := signaling.UseUntil(f); !errors.Is(err, engine.ErrRefused) || !until.IsZero() {
			t.Errorf("%s: %v, %v", said, until, err)
		}
	}
}

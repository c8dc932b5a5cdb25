// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestMismatch proves each comparison of an agreement with what was asked for
// by one fault, and the twin without it by none.
func TestMismatch(t *testing.T) {
	own, err := Terms{OfferID: "offer-1", Policy: policy.Permit("use")}.stored()
	if err != nil {
		t.Fatal(err)
	}
	d := &data{Dataset: "dataset-1", OwnID: "us", Offered: own}
	good := func() wire.Policy {
		return wire.Policy{
			ID: "agreement-1", Type: "Agreement", Target: "dataset-1", Assigner: "them", Assignee: "us",
			Permission: []wire.Rule{{Action: "use"}},
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(*wire.Policy)
		word  string // of the reason; empty: none
	}{
		{"as asked", func(*wire.Policy) {}, ""},
		{"no id", func(p *wire.Policy) { p.ID = "" }, "no id"},
		{"other target", func(p *wire.Policy) { p.Target = "dataset-2" }, "target"},
		{"other assigner", func(p *wire.Policy) { p.Assigner = "mallory" }, "assigner"},
		{"other assignee", func(p *wire.Policy) { p.Assignee = "mallory" }, "assignee"},
		{"further prohibition", func(p *wire.Policy) { p.Prohibition = []wire.Rule{{Action: "http://example.com/print"}} }, "rules"},
		{"other action", func(p *wire.Policy) { p.Permission[0].Action = "http://example.com/print" }, "rules"},
		{"further constraint", func(p *wire.Policy) {
			p.Permission[0].Constraint = []wire.Constraint{{LeftOperand: "http://example.com/x", Operator: "eq", RightOperand: []byte(`"1"`)}}
		}, "rules"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := good()
			c.spoil(&p)
			got := d.mismatch(engine.Record{Role: consumer, Peer: "them"}, p)
			if (c.word == "") != (got == "") || !strings.Contains(got, c.word) {
				t.Errorf("mismatch is %q, want one with %q", got, c.word)
			}
		})
	}
}

// What is read of a policy is what its whole text says.
func TestRulesOf(t *testing.T) {
	for name, p := range map[string]wire.Policy{
		"an offer": {ID: "offer-1", Type: "Offer", Target: "dataset-1", Permission: []wire.Rule{{Action: "use"}}},
		"an agreement": {
			ID: "agreement-1", Type: "Agreement", Target: "dataset-1", Assigner: "them", Assignee: "us",
			Timestamp: "2026-03-09T08:00:00.000Z", Permission: []wire.Rule{{Action: "use"}},
		},
		"without id and time": {Type: "Offer", Prohibition: []wire.Rule{{Action: "http://example.com/print"}}},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := p.Compact()
			if err != nil {
				t.Fatal(err)
			}
			want, err := policy.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // as it is read, and as it is remembered
				if got, err := rulesOf(p); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("read %+v, %v; want %+v", got, err, want)
				}
			}
		})
	}
}

func TestReadAnswer(t *testing.T) {
	first := engine.Record{ID: "ours", Role: consumer}
	later := engine.Record{ID: "ours", Role: consumer, State: Requested, PeerPID: "theirs"}
	for _, c := range []struct {
		name  string
		r     engine.Record
		m     engine.Message
		body  string
		pid   string
		state engine.State
		bad   bool
	}{
		{"the answer to a first request", first, request, `{"providerPid":"theirs","consumerPid":"ours","state":"REQUESTED"}`, "theirs", Requested, false},
		{"one without a state", first, request, `{"providerPid":"theirs","consumerPid":"ours"}`, "theirs", "", false},
		{"one without the peer's pid", first, request, `{"consumerPid":"ours","state":"REQUESTED"}`, "", Requested, true},
		{"one for another process", first, request, `{"providerPid":"theirs","consumerPid":"else"}`, "theirs", "", true},
		{"an empty one", first, request, ``, "", "", true},
		{"an empty one to a later message", later, accepted, ``, "", "", false},
		{"nonsense to a later message", later, accepted, `<html>`, "", "", false},
		{"a GET", later, "", `{"providerPid":"theirs","consumerPid":"ours","state":"AGREED"}`, "theirs", Agreed, false},
		{"a GET with an unknown state", later, "", `{"providerPid":"theirs","state":"AGREEING"}`, "theirs", "AGREEING", true},
		{"a GET of nonsense", later, "", `<html>`, "", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ack, err := ReadAnswer(c.r, c.m, []byte(c.body), table)
			if (err != nil) != c.bad || ack.PeerPID != c.pid || ack.State != c.state {
				t.Errorf("read %+v, %v", ack, err)
			}
		})
	}
}

// TestConclusionIsTheStatedOne: both sides count durations from the moment that
// the agreement states, however long its message was on the way. One that has
// not come yet would stretch them.
func TestConclusionIsTheStatedOne(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)
	for stated, want := range map[string]time.Time{
		"2026-03-04T01:02:03.004Z":      time.Date(2026, 3, 4, 1, 2, 3, 4_000_000, time.UTC),
		"2026-03-04T01:02:03+09:00":     time.Date(2026, 3, 3, 16, 2, 3, 0, time.UTC),
		"2026-03-04T01:02:03":           time.Date(2026, 3, 4, 1, 2, 3, 0, time.UTC),
		"2026-03-04T05:06:08Z":          now,
		"1960-01-01T00:00:00Z":          now,
		"0001-01-01T00:00:00Z":          now,
		"":                              now,
		"yesterday":                     now,
		"2026-03-04T05:06:07.000000009": now,
	} {
		p := wire.Policy{ID: "agreement-1", Type: "Agreement", Target: "dataset-1", Timestamp: stated, Permission: []wire.Rule{{Action: "use"}}}
		a, err := concluded(engine.Record{Role: consumer, Peer: "them"}, data{}, p, engine.Env{Now: now}, policy.NewRegistry())
		if err != nil || !a.Concluded.Equal(want) {
			t.Errorf("%q: concluded %s, want %s: %v", stated, a.Concluded, want, err)
		}
	}
}

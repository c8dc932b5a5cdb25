// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// raceWindow is how long after the last 2xx in a process a 404 or 409 is
// taken for the peer's race with itself: it has not saved its own state yet.
const raceWindow = 5 * time.Second

// conflictWindow is the same for a 409 alone, which says that the peer knows
// the process: under load it may take it this long to save.
const conflictWindow = 30 * time.Second

// send makes one attempt to deliver the pending message, and returns how its
// end is to be judged, and the pid that an acknowledgement names.
func (c *Core) send(ctx context.Context, d Domain, r Record, w Work) (result func(*step) error, pid string) {
	p := r.Pending
	if p == nil || p.ID != w.Key {
		return nil, ""
	}
	// A claim without a recorded end is a crash: the peer may have it.
	doubt := p.Doubt || w.Claims > p.Tries+1
	if doubt && c.has(ctx, d, r) {
		return c.arrived(r.State), ""
	}
	if !c.Now().Before(p.Deadline) {
		return func(s *step) error { return s.refused("deadline", "the peer did not acknowledge it in time") }, ""
	}
	a := c.Sender.Send(ctx, c.delivery(r, w.Body))
	if a.Status/100 == 2 {
		if ack, err := d.ReadAnswer(r, p.Message, a.Body); err == nil {
			return func(s *step) error { return s.acknowledged(ack) }, ack.PeerPID
		}
		a = Answer{Err: fmt.Errorf("the acknowledgement cannot be read")}
	}
	return c.notAcknowledged(ctx, d, r, a, doubt), ""
}

// notAcknowledged judges every other end of an attempt.
func (c *Core) notAcknowledged(ctx context.Context, d Domain, r Record, a Answer, doubt bool) func(*step) error {
	p := r.Pending
	code, reason := describe(a)
	again := func(due time.Time, doubt, unauthorized bool) func(*step) error {
		return func(s *step) error { s.retry(due, doubt, unauthorized, code, reason); return nil }
	}
	switch {
	case a.Never:
		return func(s *step) error { return s.refused(code, reason) }
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		if p.Unauthorized == 0 {
			return again(c.Now(), false, true)
		}
		return again(c.backoff(p.Unauthorized, 15*time.Second, 10*time.Minute), false, true)
	case (a.Status == http.StatusNotFound || a.Status == http.StatusConflict) && c.Now().Before(r.LastOK.Add(raceWindow)):
		return again(c.Now().Add(20*time.Millisecond+time.Duration(c.Jitter()*float64(180*time.Millisecond))), false, false)
	case a.Status == http.StatusConflict && c.Now().Before(r.LastOK.Add(conflictWindow)):
		return again(c.backoff(p.Tries, 200*time.Millisecond, 2*time.Second), false, false)
	case passing(a.Status):
		return again(c.backoff(p.Tries, 100*time.Millisecond, time.Minute), true, false)
	}
	// A final no. If an earlier attempt may have arrived, it may be the no to
	// a repetition: the peer's own view decides.
	if doubt && c.has(ctx, d, r) {
		return c.arrived(r.State)
	}
	return func(s *step) error { return s.refused(code, reason) }
}

// passing reports whether an answer says nothing about the message itself.
func passing(status int) bool {
	switch status {
	case 0, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= 500 || status < 200
}

// has asks the peer for its view of the process, where its pid is known.
func (c *Core) has(ctx context.Context, d Domain, r Record) bool {
	if r.PeerPID == "" || r.PeerPIDTentative {
		return false
	}
	a := c.Sender.Look(ctx, c.delivery(r, nil))
	if a.Status/100 != 2 {
		return false
	}
	seen, err := d.ReadAnswer(r, "", a.Body)
	return err == nil && d.Table().Arrived(r.Role, r.State, r.Pending.Target, seen.State)
}

// arrived is the result of has. It was judged from a state: where the peer's
// own message has moved the process since, it proves nothing.
func (c *Core) arrived(from State) func(*step) error {
	return func(s *step) error {
		if s.r.State == from {
			return s.arrived("the peer's process")
		}
		s.retry(c.Now(), true, false, "overtaken", "a message of the peer came first")
		return nil
	}
}

func (c *Core) delivery(r Record, body []byte) Delivery {
	return Delivery{
		Context: r.Context, Kind: r.Kind, Peer: r.Peer, PeerPID: r.PeerPID, Address: r.Address, Foreign: r.Foreign,
		Path: r.Pending.Path, Message: r.Pending.Message, Body: body,
	}
}

// describe puts an answer into words for the participant's own users.
func describe(a Answer) (code, reason string) {
	switch {
	case a.Status != 0:
		return fmt.Sprintf("http-%d", a.Status), fmt.Sprintf("the peer answered %d: %.300s", a.Status, said(a.Body))
	case a.Err != nil:
		return "unreachable", "the peer did not answer: " + a.Err.Error()
	}
	return "unreachable", "the peer did not answer"
}

// said is what an error message of the peer says to people, code and reasons;
// any other body as it is.
func said(body []byte) string {
	var e struct {
		Code   string `json:"code"`
		Reason []any  `json:"reason"`
	}
	if json.Unmarshal(body, &e) != nil || e.Code == "" && len(e.Reason) == 0 {
		return string(body)
	}
	words := []string{}
	for _, reason := range e.Reason {
		if text, ok := reason.(string); ok {
			words = append(words, text)
		}
	}
	return strings.TrimSuffix(e.Code+": "+strings.Join(words, "; "), ": ")
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"cmp"
	"math"
	"time"
)

// Large is the length in bytes from which a body has a row of its own, as far
// as it came. Pushes and downloads have one however small they are.
const Large = 1 << 20

// Totals are what was moved in one direction of one transfer.
type Totals struct {
	Bodies int64  `json:"bodies"` // that came to their end
	Bytes  int64  `json:"bytes"`  // of these
	Digest Digest `json:"digest"` // of these
	// Cut are bodies that did not come to their end, and how far they came. The
	// sides need not agree on these: bytes that were sent may not have arrived.
	Cut      int64     `json:"cut"`
	CutBytes int64     `json:"cutBytes"`
	First    time.Time `json:"first,omitzero"` // when the first body began
	Last     time.Time `json:"last,omitzero"`  // when the last one ended
}

// Count is how many bodies there were, cut ones too.
func (t Totals) Count() int64 { return t.Bodies + t.Cut }

// Plus adds up what was moved here and there.
func (t Totals) Plus(u Totals) Totals {
	t.Bodies, t.Bytes, t.Digest = t.Bodies+u.Bodies, plus(t.Bytes, u.Bytes), t.Digest.Plus(u.Digest)
	t.Cut, t.CutBytes = t.Cut+u.Cut, plus(t.CutBytes, u.CutBytes)
	if t.First.IsZero() || !u.First.IsZero() && u.First.Before(t.First) {
		t.First = u.First
	}
	if u.Last.After(t.Last) {
		t.Last = u.Last
	}
	return t
}

// plus adds up, and stops at the highest number: what a data plane says may be anything.
func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// Part is what one process of ours saw of one direction of one transfer. All
// parts together are the whole: several processes may serve one transfer, and
// none has to wait for another to count.
type Part struct {
	Context, Transfer string
	Sent              bool   // by us; else received
	ID                string // made by the process, which alone writes it
	Totals
}

// ComparePart orders parts by participant, transfer, direction (received
// first) and id.
func ComparePart(a, b Part) int {
	sent := map[bool]int{true: 1}
	return cmp.Or(cmp.Compare(a.Context, b.Context), cmp.Compare(a.Transfer, b.Transfer), sent[a.Sent]-sent[b.Sent], cmp.Compare(a.ID, b.ID))
}

// Body is one body by itself.
type Body struct {
	Context  string `json:"-"`
	Transfer string `json:"-"`
	ID       string `json:"id"` // in the order of time
	// Direction is Sent or Received.
	Direction  Direction `json:"direction"`
	TrackingID string    `json:"trackingId"`
	Method     string    `json:"method"`
	Path       string    `json:"path,omitempty"`
	Status     int       `json:"status"`
	Offset     int64     `json:"offset,omitempty"`
	Bytes      int64     `json:"bytes"`
	SHA256     string    `json:"sha256,omitempty"` // hex; none of a body that was cut
	Whole      bool      `json:"whole"`
	Began      time.Time `json:"began"`
	Ended      time.Time `json:"ended"`
}

// Same reports whether both are the same body that came to its end.
func (b Body) Same(as Body) bool {
	return b.Context == as.Context && b.Transfer == as.Transfer && b.Direction == as.Direction &&
		b.Whole && as.Whole && b.TrackingID == as.TrackingID && b.SHA256 == as.SHA256
}

// Direction is the way that data took, as the side sees it whose record it is.
type Direction string

// The directions.
const (
	Sent     Direction = "sent"
	Received Direction = "received"
)

// directionOf names one.
func directionOf(sent bool) Direction {
	if sent {
		return Sent
	}
	return Received
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Result says what two declarations of one transfer come to.
type Result struct {
	// Agree: both speak of the same transfer and of the same bytes. Only what
	// agrees is a target of clearing.
	Agree bool `json:"agree"`
	// Bodies and Bytes are those that both sides count, where they agree.
	Bodies      int64        `json:"bodies"`
	Bytes       int64        `json:"bytes"`
	Differences []Difference `json:"differences,omitempty"`
	// Notes are no differences: what was cut.
	Notes []string `json:"notes,omitempty"`
}

// Difference is one thing that the sides do not say alike.
type Difference struct {
	What       string `json:"what"`
	TrackingID string `json:"trackingId,omitempty"` // of the body that it is about
	Provider   string `json:"provider"`
	Consumer   string `json:"consumer"`
}

// Match compares what the two sides of a transfer declare, in either order.
// Where one has more bodies behind (Next), only the totals tell all.
func Match(a, b Declaration) Result {
	provider, consumer := a, b
	if a.Role == "consumer" {
		provider, consumer = b, a
	}
	var r Result
	if provider.Role != "provider" || consumer.Role != "consumer" {
		r.Differences = append(r.Differences, Difference{What: "role", Provider: provider.Role, Consumer: consumer.Role})
	}
	r.compare("provider", provider.Participant, consumer.Peer)
	r.compare("consumer", provider.Peer, consumer.Participant)
	r.compare("providerPid", provider.ProviderPID, consumer.ProviderPID)
	r.compare("consumerPid", provider.ConsumerPID, consumer.ConsumerPID)
	r.compare("agreement", provider.Agreement, consumer.Agreement)
	r.compare("dataset", provider.Dataset, consumer.Dataset)
	r.direction("to the consumer", provider, consumer, true)
	r.direction("to the provider", provider, consumer, false)
	r.Agree = len(r.Differences) == 0
	return r
}

func (r *Result) compare(what, provider, consumer string) {
	if provider != consumer {
		r.Differences = append(r.Differences, Difference{What: what, Provider: provider, Consumer: consumer})
	}
}

// direction compares what one side sent with what the other received.
func (r *Result) direction(name string, provider, consumer Declaration, down bool) {
	from, to := Received, Sent
	if down {
		from, to = Sent, Received
	}
	p, c := provider.Totals(from), consumer.Totals(to)
	before := len(r.Differences)
	r.compare("bodies "+name, strconv.FormatInt(p.Bodies, 10), strconv.FormatInt(c.Bodies, 10))
	r.compare("bytes "+name, strconv.FormatInt(p.Bytes, 10), strconv.FormatInt(c.Bytes, 10))
	r.compare("digest "+name, p.Digest.String(), c.Digest.String())
	if len(r.Differences) == before {
		r.Bodies += p.Bodies
		r.Bytes += p.Bytes
	}
	if provider.Next == "" && consumer.Next == "" {
		r.bodies(name, whole(provider.Bodies, from), whole(consumer.Bodies, to))
	}
	if p.Cut+c.Cut > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("cut %s: the provider says %d bodies of %d bytes, the consumer %d of %d",
			name, p.Cut, p.CutBytes, c.Cut, c.CutBytes))
	}
}

// told is what both sides say of a body.
type told struct {
	trackingID string
	offset     int64
	bytes      int64
	sum        string
}

// whole counts the large bodies of one direction that came to their end.
func whole(list []Body, d Direction) map[told]int {
	count := map[told]int{}
	for _, b := range list {
		if b.Whole && b.Direction == d && b.Bytes >= Large {
			count[told{b.TrackingID, b.Offset, b.Bytes, b.SHA256}]++
		}
	}
	return count
}

// bodies compares those that have rows of their own.
func (r *Result) bodies(name string, p, c map[told]int) {
	all := map[told]bool{}
	for t := range p {
		all[t] = true
	}
	for t := range c {
		all[t] = true
	}
	list := make([]told, 0, len(all))
	for t := range all {
		if p[t] != c[t] {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b told) int {
		return cmp.Or(cmp.Compare(a.trackingID, b.trackingID), cmp.Compare(a.offset, b.offset), cmp.Compare(a.sum, b.sum), cmp.Compare(a.bytes, b.bytes))
	})
	for _, t := range list {
		r.Differences = append(r.Differences, Difference{
			What: "body " + name, TrackingID: t.trackingID, Provider: t.times(p[t]), Consumer: t.times(c[t]),
		})
	}
}

func (t told) times(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprintf("%d × %d bytes from %d, sha256 %s", n, t.bytes, t.offset, t.sum)
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// goodBooks are those of a run of two jobs without a fault.
func goodBooks() (consumer, provider books) {
	side := func(name, own, peer string) books {
		b := books{name: name}
		for i := range 2 {
			n := process{ID: fmt.Sprintf("%sn%d", own, i), PeerPID: fmt.Sprintf("%sn%d", peer, i), State: finalized, Dataset: dataset(i), AgreementID: fmt.Sprintf("a%d", i)}
			p := process{ID: fmt.Sprintf("%st%d", own, i), PeerPID: fmt.Sprintf("%st%d", peer, i), State: completed, Dataset: dataset(i), Agreement: n.AgreementID}
			b.negotiations, b.transfers = append(b.negotiations, n), append(b.transfers, p)
			b.agreements = append(b.agreements, agreement{ID: n.AgreementID, Negotiation: n.ID, Target: n.Dataset, DocumentHash: "d", PolicyHash: "p", Final: true})
			for event := range onceOnly {
				about := n
				if strings.HasPrefix(event, "transfer.") {
					about = p
				}
				row := entry{Position: int64(len(b.journal) + 1), ID: fmt.Sprint("row", len(b.journal)), Process: about.ID, Event: event, Hash: fmt.Sprint("h", len(b.journal))}
				if len(b.journal) > 0 {
					row.Prev = b.journal[len(b.journal)-1].Hash
				}
				b.journal = append(b.journal, row)
			}
		}
		return b
	}
	return side("consumer", "c", "p"), side("provider", "p", "c")
}

// TestAudit proves that each fault that a kill could leave behind is found.
func TestAudit(t *testing.T) {
	consumer, provider := goodBooks()
	if found := audit(consumer, provider, 2, 2); len(found) > 0 {
		t.Fatalf("good books: %v", found)
	}
	for _, c := range []struct {
		name string
		harm func(c, p *books)
		says string
	}{
		{"lost at the provider", func(_, p *books) { p.negotiations = p.negotiations[1:] }, "the provider has no"},
		{"opened twice at the provider", func(_, p *books) {
			twin := p.negotiations[0]
			twin.ID = "twin"
			p.negotiations = append(p.negotiations, twin)
		}, "was opened twice"},
		{"requested twice by the consumer", func(c, _ *books) { c.negotiations[1].Dataset = dataset(0) }, "the consumer has 2 negotiations of " + dataset(0)},
		{"two transfers for one", func(c, p *books) { c.transfers[1].Agreement, p.transfers[1].Agreement = "a0", "a0" }, "2 transfers under a0"},
		{"states differ", func(c, _ *books) { c.transfers[0].State = terminated }, "not the same on both sides"},
		{"ended badly alike", func(c, p *books) { c.negotiations[0].State, p.negotiations[0].State = terminated, terminated }, "good end"},
		{"no agreement", func(c, _ *books) { c.agreements = c.agreements[1:] }, "an agreement is missing"},
		{"second agreement", func(_, p *books) {
			second := p.agreements[0]
			second.ID = "a9"
			p.agreements = append(p.agreements, second)
		}, "second agreement"},
		{"agreement of no negotiation", func(_, p *books) { p.agreements = append(p.agreements, agreement{ID: "a9", Negotiation: "x"}) }, "2 finalized negotiations and 3 agreements"},
		{"another agreement at the peer", func(_, p *books) { p.agreements[0].ID = "a9" }, "kept are a0 and a9"},
		{"documents differ", func(_, p *books) { p.agreements[0].DocumentHash = "other" }, "not the same on both sides"},
		{"not final", func(c, _ *books) { c.agreements[0].Final = false }, "not final"},
		{"gap in the journal", func(c, _ *books) { c.journal = slices.Delete(c.journal, 2, 3) }, "at place 3"},
		{"journal rewritten", func(_, p *books) { p.journal[1].Hash = "other" }, "broken before 3"},
		{"move made twice", func(c, _ *books) {
			last := c.journal[len(c.journal)-1]
			c.journal = append(c.journal, entry{Position: last.Position + 1, ID: "again", Process: last.Process, Event: last.Event, Prev: last.Hash, Hash: "h"})
		}, "2 times"},
		{"move not told", func(c, _ *books) { c.journal[0].Event = "other" }, "0 times"},
	} {
		t.Run(c.name, func(t *testing.T) {
			consumer, provider := goodBooks()
			c.harm(&consumer, &provider)
			found := audit(consumer, provider, 2, 2)
			if !strings.Contains(strings.Join(found, "\n"), c.says) {
				t.Errorf("findings %q; want one that says %q", found, c.says)
			}
		})
	}
}

// TestMoments: the kills are spread over the whole run.
func TestMoments(t *testing.T) {
	const kills, steps = 22, 1000
	for s := range uint64(100) {
		at := moments(newRand(s, 0), kills, steps)
		for k, step := range at {
			if step < k*steps/kills || step >= (k+1)*steps/kills {
				t.Fatalf("seed %d: kill %d at step %d of %d", s, k, step, steps)
			}
		}
		if q := quarters(at, steps); slices.Min(q[:]) < 5 {
			t.Fatalf("seed %d: kills in the quarters of the run: %v", s, q)
		}
	}
}

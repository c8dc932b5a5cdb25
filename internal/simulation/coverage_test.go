// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// coverage counts what occurred in many schedules.
type coverage struct {
	schedules, steps, waits int
	faults                  [faultKinds]int
	rows                    map[row]int
	crossings               map[crossing]int
	ends                    map[string]int
	defects                 map[string]int
	defectSeed              map[string]uint64 // one that shows it

	idle []*coroutine // of finished activities, to be used again
}

// row is a transition as one role saw it.
type row struct {
	kind    engine.Kind
	role    engine.Role // whose connector
	sent    bool        // by it, and acknowledged; else received
	from    engine.State
	message engine.Message
}

// crossing is a message of the peer that arrives while one of ours, sent and
// not yet acknowledged, may be on its way.
type crossing struct {
	kind         engine.Kind
	role         engine.Role // whose connector
	ours, theirs engine.Message
}

func newCoverage() *coverage {
	return &coverage{rows: map[row]int{}, crossings: map[crossing]int{}, ends: map[string]int{}, defects: map[string]int{}, defectSeed: map[string]uint64{}}
}

func (c *coverage) add(o *coverage) {
	c.schedules, c.steps, c.waits = c.schedules+o.schedules, c.steps+o.steps, c.waits+o.waits
	for k, n := range o.faults {
		c.faults[k] += n
	}
	for k, n := range o.rows {
		c.rows[k] += n
	}
	for k, n := range o.crossings {
		c.crossings[k] += n
	}
	for k, n := range o.ends {
		c.ends[k] += n
	}
	for k, n := range o.defects {
		c.defects[k] += n
		c.defectSeed[k] = o.defectSeed[k]
	}
}

// tables are the two state machines.
func tables() []*engine.Table {
	return []*engine.Table{negotiation.NewDomain(nil, nil).Table(), transfer.NewDomain(nil, nil, nil).Table()}
}

// expectedRows are the rows of the tables: each is received, and sent unless
// the table says that we never send it.
func expectedRows() (list []row) {
	for _, t := range tables() {
		for _, r := range t.Rows {
			if !r.ReceiveOnly {
				list = append(list, row{t.Kind, r.By, true, r.From, r.Message})
			}
			list = append(list, row{t.Kind, r.By.Other(), false, r.From, r.Message})
		}
	}
	return list
}

// expectedCrossings are the pairs that can meet: our message, and one of the
// peer's that is legal where ours was sent from (it crosses ours) or where
// ours leads to (it overtakes the acknowledgement).
func expectedCrossings() (list []crossing) {
	seen := map[crossing]bool{}
	for _, t := range tables() {
		for _, a := range t.Rows {
			for _, b := range t.Rows {
				x := crossing{t.Kind, a.By, a.Message, b.Message}
				meet := b.From == a.From && a.From != "" || b.From == a.To
				if a.ReceiveOnly || b.By == a.By || !meet || seen[x] {
					continue
				}
				seen[x] = true
				list = append(list, x)
			}
		}
	}
	return list
}

func (x row) String() string {
	verb := "receives"
	if x.sent {
		verb = "sends"
	}
	return fmt.Sprintf("%-11s %-8s %-9s %-8s in %s", x.kind, x.role, short(x.message), verb, cmp.Or(string(x.from), "(none)"))
}

func (x crossing) String() string {
	return fmt.Sprintf("%-11s %-8s sent %-12s gets %s", x.kind, x.role, short(x.ours), short(x.theirs))
}

// short is a message's name without what all have in common.
func short(m engine.Message) string {
	s := strings.NewReplacer("ContractNegotiationEventMessage:", "", "ContractNegotiation", "", "ContractAgreementVerification", "Verification",
		"Contract", "", "Transfer", "", "Message", "").Replace(string(m))
	return strings.ToLower(s)
}

// missing lists what was expected and never occurred.
func (c *coverage) missing() (list []string) {
	for _, x := range expectedRows() {
		if c.rows[x] == 0 {
			list = append(list, x.String())
		}
	}
	for _, x := range expectedCrossings() {
		if c.crossings[x] == 0 {
			list = append(list, x.String())
		}
	}
	return list
}

// report prints all counts.
func (c *coverage) report(line func(format string, args ...any)) {
	for _, x := range expectedRows() {
		line("%8d  %s", c.rows[x], x)
	}
	for _, x := range expectedCrossings() {
		line("%8d  %s", c.crossings[x], x)
	}
	for _, end := range slices.Sorted(maps.Keys(c.ends)) {
		line("%8d  %s", c.ends[end], end)
	}
	for k, n := range c.faults {
		line("%8d  %s", n, faultNames[k])
	}
	line("%8d  waits of a handler for our own message", c.waits)
}

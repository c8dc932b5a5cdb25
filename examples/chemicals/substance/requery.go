// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// Participant is what decides, when a list changes, whom a company has to ask and
// to tell.
type Participant struct {
	ID        string
	Suppliers []string // all that it buys from
	Contains  bool     // its own data says that the entry is in what it makes
	AskOf     []string // suppliers that alone can say whether it is: its own data names a group
	Covered   []string // suppliers of which a statement it holds says that it is not in what they deliver
	Holds     []string // suppliers of which it knows all of the composition, and needs no verdict
}

// Participant derives that from a company's own file.
func (r *Register) Participant(c Company, q Question) (Participant, error) {
	entry, _, err := r.Entry(q.List, q.Entry)
	if err != nil {
		return Participant{}, err
	}
	match := newMatcher(r, entry)
	p := Participant{ID: c.ID, Suppliers: c.Suppliers()}
	open := make(map[string]bool) // suppliers with a delivery that nothing is said of
	for _, n := range c.Bought() {
		open[n.Supplier] = open[n.Supplier] || match.inRest(n)
	}
	for _, n := range c.Bill.Nodes {
		for _, row := range n.Rows {
			content, matches := match.row(row)
			switch {
			case !matches || content.Most.IsZero():
			case row.AskOf != "":
				p.AskOf = append(p.AskOf, c.Bill.Ingredients[row.AskOf])
			case row.CAS != "":
				p.Contains = true
			}
		}
	}
	for _, supplier := range p.Suppliers {
		isOpen, delivers := open[supplier]
		switch {
		case !delivers && !slices.Contains(p.AskOf, supplier):
			p.Holds = append(p.Holds, supplier)
		case delivers && !isOpen:
			p.Covered = append(p.Covered, supplier)
		}
	}
	slices.Sort(p.AskOf)
	p.AskOf = slices.Compact(p.AskOf)
	return p, nil
}

// Message is one that has to be sent.
type Message struct{ Kind, From, To string }

// The kinds of message.
const (
	Ask    = "question"
	Reply  = "answer"
	Update = "update" // a verdict that has changed
)

// Relation is that of a customer and its supplier.
type Relation struct{ Customer, Supplier string }

// Plan is how a change of a list goes through a chain.
type Plan struct {
	Messages []Message // suppliers' before their customers'
	Full     int       // messages of a full survey: each customer asks each supplier
	// Silent are relations on which nothing is said, though the customer's own data
	// does not answer for the supplier: there the verdict stays unknown.
	Silent []Relation
}

// Requery plans the messages after a release in which one entry is new. All compare
// it with their own data. Who then knows that the entry is in what it makes tells those
// customers that do not hold its composition; who knows only a group asks the
// one supplier that knows more; who was told or answered tells its customers. Nobody
// else says anything (ErrCycle, ErrBill).
func Requery(participants []Participant) (Plan, error) {
	byID := make(map[string]Participant)
	suppliers := make(map[string][]string)
	for _, p := range participants {
		byID[p.ID], suppliers[p.ID] = p, p.Suppliers
	}
	order, err := suppliersFirst(suppliers)
	if err != nil {
		return Plan{}, err
	}
	var plan Plan
	changed := make(map[string]bool) // there is a new verdict to tell
	for _, id := range order {
		p, ok := byID[id]
		if !ok {
			return Plan{}, fmt.Errorf("%w: %s is a supplier and no participant", ErrBill, strict.Quote(id))
		}
		changed[id] = p.Contains
		for _, supplier := range p.Suppliers {
			heard := plan.between(p, supplier, changed[supplier])
			changed[id] = changed[id] || heard
		}
	}
	return plan, nil
}

// between adds the messages of one relation, and says whether there were any.
func (plan *Plan) between(p Participant, supplier string, changed bool) bool {
	plan.Full += 2
	switch {
	case slices.Contains(p.AskOf, supplier):
		plan.Messages = append(plan.Messages, Message{Ask, p.ID, supplier}, Message{Reply, supplier, p.ID})
	case slices.Contains(p.Holds, supplier):
		return false
	case changed:
		plan.Messages = append(plan.Messages, Message{Update, supplier, p.ID})
	default:
		if !slices.Contains(p.Covered, supplier) {
			plan.Silent = append(plan.Silent, Relation{p.ID, supplier})
		}
		return false
	}
	return true
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"time"
)

// Operand is a left operand that this connector knows.
type Operand struct {
	// IRI names it in policies. With Prefix it begins the names of a family,
	// and what follows is for Values to read.
	IRI    string
	Prefix bool
	// Name is for people, such as "membership".
	Name string
	// Doc says in a sentence what the left value is, and what the right one
	// has to look like.
	Doc  string
	Type Type
	// Operators are those that may stand beside it; nil: all of its Type.
	Operators []string
	Source    Source
	// From is the first point at which there is a value; before it the
	// constraint is Deferred.
	From Point
	// Live operands are judged again while a transfer runs, by what is known
	// then; the value of any other is that of the transfer's start.
	Live bool
	// Help says what would make a constraint hold that does not, as in "the
	// consumer has to declare a purpose"; empty: another offer alone would.
	Help string
	// AgreedOnly operands are written into the contract and enforced by nobody
	// here. They have no Values.
	AgreedOnly bool
	// Values returns what is compared with the right operand. name is the
	// operand as the policy has it.
	Values func(f *Facts, name string) Left
}

// Source says where the value of an operand comes from.
type Source string

// The sources.
const (
	FromCredential Source = "credential" // what was proved about the consumer
	FromConsumer   Source = "declared"   // what the consumer says in its request
	FromRecords    Source = "records"    // what the provider knows itself
	FromClock      Source = "clock"
	FromCounter    Source = "counter" // what was sent under the agreement
	FromContract   Source = "agreed"  // nothing: it is agreed only
)

// Left is the value of a left operand at one moment.
type Left struct {
	// Values are all that the operand stands for, such as each identifier of
	// a company. None: it is absent, and Missing says why.
	Values  []Datum
	Missing string
	// Lasting tells that what is absent will stay so, as a revoked credential.
	Lasting bool
	// WrongType says why there is a value that cannot be read: the constraint
	// is Unknown.
	WrongType string

	heals bool // what is absent may come back, as a suspended credential
}

// Absent makes a Left without a value.
func Absent(why string) Left { return Left{Missing: why} }

// Datum is one value.
type Datum struct {
	Text   string    // for every type but the two of the clock
	Time   time.Time // the moment, of Moment and Elapsed
	Base   time.Time // of Elapsed, and of a Moment relative to the agreement: its conclusion; zero: not yet
	Origin Origin

	number number // of Text, for numeric types
}

// Origin says where a value comes from.
type Origin struct {
	Source     Source `json:"source"`
	Credential string `json:"credential,omitempty"` // its id
	Issuer     string `json:"issuer,omitempty"`
	By         string `json:"by,omitempty"` // who declared or recorded it
}

// operatorsOf are the operators that may stand beside the operand.
func (o *Operand) operatorsOf() []string {
	if o.Operators != nil {
		return o.Operators
	}
	return o.Type.Operators()
}

func (o *Operand) takes(operator string) bool { return slices.Contains(o.operatorsOf(), operator) }

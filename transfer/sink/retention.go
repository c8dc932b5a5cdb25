// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Retention is how long data may stay that was received under an agreement.
type Retention struct {
	Due      time.Time // zero: no end by the clock
	UntilEnd bool      // at the latest until the agreement is ended
	Rule     string    // for people
}

// ruleEnded is the rule of what is due since its agreement was ended.
const ruleEnded = "the agreement was ended, and with it the permission to use the data"

// RetentionOf reads it off an agreement's policy; the package comment has the
// rules. A policy that cannot be read is an error: nothing can be stored under
// terms that nobody knows.
func RetentionOf(terms *policy.Registry, a negotiation.Agreement) (Retention, error) {
	p, err := policy.Parse(a.Policy)
	if err != nil {
		return Retention{}, fmt.Errorf("the policy of agreement %.200q: %w", a.ID, err)
	}
	compiled := terms.Compile(p)
	r := Retention{Due: compiled.Ends(a.Concluded).UTC()}
	ends := "the policy permits use until " + r.Due.Format(time.RFC3339)
	switch deletes := compiled.Deletes(); {
	case r.Due.IsZero() && !deletes:
		r.Rule = "the policy has no end by time and no obligation to delete"
	case r.Due.IsZero():
		r.Rule, r.UntilEnd = "the policy obliges to delete the data once the agreement is ended", true
	case deletes:
		r.Rule, r.UntilEnd = ends+" and obliges to delete the data then", true
	default:
		r.Rule, r.UntilEnd = ends+"; what may not be used is deleted", true
	}
	return r, nil
}

// over reports whether the time of use is over.
func over(due, now time.Time) bool { return !due.IsZero() && !now.Before(due) }

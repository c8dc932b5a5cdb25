// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

// asked is what is asked unless -ask says otherwise: the same entry before and
// after it joined the list, and lead on the last day of its exemptions and the
// day after.
const asked = "CL-2025-06-25:CL-DBDPE:2025-11-04,CL-2025-11-05:CL-DBDPE:2025-11-05," +
	"ROHS-2025-11-21:ROHS-PB:2027-06-30,ROHS-2025-11-21:ROHS-PB:2027-07-01"

const maxQuestions = 50

// parseQuestions reads RELEASE:ENTRY:DAY, with commas between them.
func parseQuestions(r *substance.Register, text string) ([]substance.Question, error) {
	parts := strings.Split(text, ",")
	if len(parts) > maxQuestions {
		return nil, fmt.Errorf("%d questions, at most %d are answered in one run", len(parts), maxQuestions)
	}
	var list []substance.Question
	for _, part := range parts {
		fields := strings.Split(strings.TrimSpace(part), ":")
		if len(fields) != 3 {
			return nil, fmt.Errorf("%q is not of the form RELEASE:ENTRY:DAY, such as CL-2025-11-05:CL-DBDPE:2025-11-05", part)
		}
		day, err := substance.ParseDate(fields[2])
		if err != nil {
			return nil, err
		}
		q := substance.Question{List: fields[0], Entry: fields[1], Date: day}
		if _, _, err := r.Entry(q.List, q.Entry); err != nil {
			return nil, err
		}
		list = append(list, q)
	}
	return list, nil
}

// changed is the last question on a release that follows another one, else the
// last of all.
func (in input) changed() substance.Question {
	last := in.questions[len(in.questions)-1]
	for _, q := range in.questions {
		if r, _ := in.register.Release(q.List); r.Previous != "" {
			last = q
		}
	}
	return last
}

// older names an earlier release of the same list.
func (in input) older(q substance.Question) string {
	if r, _ := in.register.Release(q.List); r.Previous != "" {
		return r.Previous
	}
	return substance.Family(q.List) + "-1999-12-31"
}

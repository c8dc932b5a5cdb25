// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/transfer"
)

// Job reports why j cannot be kept.
func Job(j transfer.Job) error {
	var wrong error
	switch {
	case j.Kind != transfer.JobDownload && j.Kind != transfer.JobPush && j.Kind != transfer.JobInbox:
		wrong = fmt.Errorf("kind %q", j.Kind)
	case j.State != transfer.JobOpen && j.State != transfer.JobHeld && !j.Over():
		wrong = fmt.Errorf("state %q", j.State)
	case j.Version < 0 || j.Offset < 0 || j.Total < -1 || j.Rate < 0:
		wrong = errors.New("a number below zero")
	case j.Over() && !j.Owed() && !j.NextTry.IsZero():
		wrong = errors.New("it is over and to be tried")
	case Micro(j.NextTry) < 0:
		wrong = errors.New("a time before 1970")
	}
	return invalid("job", wrong, key("context", j.Context, "process", j.Process, "id", j.ID))
}

// RoundJob returns j as it comes back from a store.
func RoundJob(j transfer.Job) transfer.Job {
	j.NextTry, j.Began, j.Moved, j.Until = Round(j.NextTry), Round(j.Began), Round(j.Moved), Round(j.Until)
	return j
}

// DueJobs returns those of all that q asks for.
func DueJobs(all []transfer.Job, q transfer.JobQuery) []transfer.Job {
	due := slices.DeleteFunc(all, func(j transfer.Job) bool {
		return j.NextTry.IsZero() || Micro(j.NextTry) > Micro(q.Now) || !slices.Contains(q.Kinds, j.Kind)
	})
	slices.SortFunc(due, func(a, b transfer.Job) int {
		return cmp.Or(a.NextTry.Compare(b.NextTry), cmp.Compare(a.Context, b.Context), cmp.Compare(a.Process, b.Process), cmp.Compare(a.Kind, b.Kind))
	})
	type taken struct {
		transfer.Job
		turn int
	}
	var list []taken
	before := map[transfer.Lane]int{}
	for _, j := range due {
		before[j.Lane()]++
		if turn := q.Busy[j.Lane()] + before[j.Lane()]; turn <= q.PerLane {
			list = append(list, taken{j, turn})
		}
	}
	slices.SortStableFunc(list, func(a, b taken) int { return cmp.Compare(a.turn, b.turn) })
	due = due[:0]
	for _, t := range list[:min(len(list), max(q.Limit, 0))] {
		due = append(due, t.Job)
	}
	return due
}

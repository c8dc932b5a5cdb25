// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"errors"
	"fmt"

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
	case j.Over() && !j.NextTry.IsZero():
		wrong = errors.New("it is over and to be tried")
	case Micro(j.NextTry) < 0:
		wrong = errors.New("a time before 1970")
	}
	return invalid("job", wrong, key("context", j.Context, "process", j.Process, "id", j.ID))
}

// RoundJob returns j as it comes back from a store.
func RoundJob(j transfer.Job) transfer.Job {
	j.NextTry, j.Began, j.Moved = Round(j.NextTry), Round(j.Began), Round(j.Moved)
	return j
}

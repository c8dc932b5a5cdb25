// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
)

// noJobs has no job any more.
type noJobs struct{ transfer.JobStore }

func (noJobs) Job(context.Context, string, string, transfer.JobKind) (transfer.Job, error) {
	return transfer.Job{}, transfer.ErrNoJob
}

// TestHeldAgain: a job that is held again while the commit is noticed that it
// waited for is watched all the same, and not for longer than the carrier lives.
func TestHeldAgain(t *testing.T) {
	const jobs = 100 // which end of a watch comes first is for the scheduler to say
	c := NewCarrier(CarrierConfig{Jobs: noJobs{}})
	var before sync.WaitGroup
	for i := range jobs {
		k := jobKey{"c", strconv.Itoa(i), transfer.JobDownload}
		commit := make(chan struct{})
		before.Add(1)
		c.mu.Lock()
		c.await(t.Context(), k, &vigil{changed: commit, stop: before.Done})
		close(commit)
		c.unwatch(k) // it was claimed, and held once more
		c.await(t.Context(), k, &vigil{changed: make(chan struct{}), stop: func() {}})
		c.mu.Unlock()
	}
	before.Wait()
	c.mu.Lock()
	watched := len(c.waiting)
	c.mu.Unlock()
	if watched != jobs {
		t.Fatalf("%d of %d held jobs are watched", watched, jobs)
	}
	c.Close()
}

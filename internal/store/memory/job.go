// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
)

type jobKey struct {
	process string
	kind    transfer.JobKind
}

// Job implements transfer.JobStore.
func (s *Store) Job(_ context.Context, contextID, process string, kind transfer.JobKind) (j transfer.Job, err error) {
	err = transfer.ErrNoJob
	s.look(contextID, func(d *domain) {
		if known, ok := d.jobs[jobKey{process, kind}]; ok {
			j, err = cloneJob(known), nil
		}
	})
	return j, err
}

// PutJob implements transfer.JobStore.
func (s *Store) PutJob(_ context.Context, j transfer.Job) (transfer.Job, error) {
	err := s.change(j.Context, rule.Job(j), func(d *domain) error {
		k := jobKey{j.Process, j.Kind}
		if d.jobs[k].Version != j.Version {
			return transfer.ErrJobChanged
		}
		j = rule.RoundJob(j)
		j.Version++
		set(&d.jobs, k, cloneJob(j))
		return nil
	})
	return j, err
}

// DueJobs implements transfer.JobStore.
func (s *Store) DueJobs(_ context.Context, q transfer.JobQuery) ([]transfer.Job, error) {
	var all []transfer.Job
	s.eachJob(func(j transfer.Job) { all = append(all, cloneJob(j)) })
	return rule.DueJobs(all, q), nil
}

// NextJob implements transfer.JobStore.
func (s *Store) NextJob(_ context.Context, after time.Time, kinds ...transfer.JobKind) (next time.Time, err error) {
	s.eachJob(func(j transfer.Job) {
		later := !j.NextTry.IsZero() && j.NextTry.After(rule.Round(after)) && slices.Contains(kinds, j.Kind)
		if later && (next.IsZero() || j.NextTry.Before(next)) {
			next = j.NextTry
		}
	})
	return next, nil
}

// eachJob calls f with all, under the mutex.
func (s *Store) eachJob(f func(transfer.Job)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pt := range s.parts {
		for _, j := range pt.jobs {
			f(j)
		}
	}
}

// cloneJob shares nothing that can be changed.
func cloneJob(j transfer.Job) transfer.Job {
	j.Sum = append([]byte(nil), j.Sum...)
	j.Given, j.Void = append([]string(nil), j.Given...), append([]string(nil), j.Void...)
	j.Earlier, j.Taken = append([]int64(nil), j.Earlier...), append([]string(nil), j.Taken...)
	if j.Fault != nil {
		f := *j.Fault
		j.Fault = &f
	}
	if j.Address != nil {
		a := *j.Address
		a.Properties = append([]transfer.Property(nil), a.Properties...)
		j.Address = &a
	}
	return j
}

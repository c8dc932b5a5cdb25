// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
)

// hauled is a push that is due at t0+10.
func hauled(contextID, process string) transfer.Job {
	return transfer.Job{
		Context: contextID, Process: process, Kind: transfer.JobPush, NextTry: at(10), State: transfer.JobOpen, ID: "id of " + process, Peer: "did:web:c.example",
		Address: &transfer.DataAddress{EndpointType: "http", Endpoint: "https://c.example/in", Properties: []transfer.Property{{Name: "authorization", Value: "秘密"}}},
		Grant:   "grant", Given: []string{"given", "since"}, Void: []string{"void"}, Key: "key", TrackingID: "name", Counted: true, Bodies: 8, KeptBytes: 1 << 41, ETag: `"<&>"`, Offset: 1 << 40, Total: -1, Earlier: []int64{1 << 42, -1}, Taken: []string{"before"}, Sum: []byte{0, 255, 'a'}, SHA256: strings.Repeat("c", 64), Told: "d",
		Rate: 5, Pace: 6, Complete: true, Tries: 3, Best: 7, Fault: &transfer.JobFault{Code: "busy", Reason: "満杯 <&>"}, Began: at(1), Moved: at(2), Until: at(20),
	}
}

func (b *box) putJob(j transfer.Job) transfer.Job {
	b.Helper()
	put, err := b.d().PutJob(b.ctx, j)
	b.must(err)
	return put
}

func (b *box) job(contextID, process string, kind transfer.JobKind) transfer.Job {
	b.Helper()
	j, err := b.d().Job(b.ctx, contextID, process, kind)
	b.must(err)
	return j
}

// dueJobs are the processes of what is due at a time.
func (b *box) dueJobs(now time.Time, limit int) []string {
	b.Helper()
	return b.jobsDue(transfer.JobQuery{Now: now, Limit: limit, PerLane: 99, Kinds: []transfer.JobKind{transfer.JobPush}})
}

func (b *box) jobsDue(q transfer.JobQuery) (list []string) {
	b.Helper()
	jobs, err := b.d().DueJobs(b.ctx, q)
	b.must(err)
	for _, j := range jobs {
		list = append(list, j.Context+"/"+j.Process)
	}
	return list
}

func (b *box) nextJob(after time.Time, kinds ...transfer.JobKind) time.Time {
	b.Helper()
	next, err := b.d().NextJob(b.ctx, after, kinds...)
	b.must(err)
	return next
}

var jobs = []contract{
	{"a job comes back as it was put, and again as it was changed", func(b *box) {
		j := hauled(owner, "p")
		j.NextTry, j.Began, j.Moved, j.Until = fine(10), fine(1), fine(2), fine(20)
		put := b.putJob(j)
		want := hauled(owner, "p")
		want.Version = 1
		b.equal("returned", put, want)
		b.equal("kept", b.job(owner, "p", transfer.JobPush), want)
		want.Address, want.Fault, want.Sum, want.State, want.NextTry, want.Total = nil, nil, nil, transfer.JobDone, time.Time{}, 0
		b.putJob(want)
		want.Version = 2
		got := b.job(owner, "p", transfer.JobPush)
		b.equal("no sum", len(got.Sum), 0)
		got.Sum = nil
		b.equal("changed", got, want)
	}},
	{"a job that is done may be due as long as its body is not counted", func(b *box) {
		j := hauled(owner, "p")
		j.Kind, j.State, j.SHA256, j.Counted = transfer.JobInbox, transfer.JobDone, "x", false
		b.equal("kept", b.putJob(j).NextTry, j.NextTry)
	}},
	{"a job that somebody else has written is ErrJobChanged, and stays as it is", func(b *box) {
		j := b.putJob(hauled(owner, "p"))
		other := hauled(owner, "p")
		other.ID = "other"
		_, err := b.d().PutJob(b.ctx, other)
		b.is("a second first one", err, transfer.ErrJobChanged)
		late := b.putJob(j)
		j.ID = "late"
		_, err = b.d().PutJob(b.ctx, j)
		b.is("an old one", err, transfer.ErrJobChanged)
		other.Process, other.Version = "q", 1
		_, err = b.d().PutJob(b.ctx, other)
		b.is("one that is not there", err, transfer.ErrJobChanged)
		b.equal("kept", b.job(owner, "p", transfer.JobPush), late)
	}},
	{"a job that cannot be one is refused, and nothing is written", func(b *box) {
		for name, change := range map[string]func(*transfer.Job){
			"no context":   func(j *transfer.Job) { j.Context = "" },
			"no process":   func(j *transfer.Job) { j.Process = "" },
			"no id":        func(j *transfer.Job) { j.ID = "" },
			"no kind":      func(j *transfer.Job) { j.Kind = "" },
			"no state":     func(j *transfer.Job) { j.State = "" },
			"offset":       func(j *transfer.Job) { j.Offset = -1 },
			"total":        func(j *transfer.Job) { j.Total = -2 },
			"rate":         func(j *transfer.Job) { j.Rate = -1 },
			"over and due": func(j *transfer.Job) { j.State = transfer.JobFailed },
			"over, counted": func(j *transfer.Job) {
				j.Kind, j.State, j.SHA256, j.Counted = transfer.JobInbox, transfer.JobDone, "x", true
			},
			"before 1970":   func(j *transfer.Job) { j.NextTry = time.Unix(-1, 0) },
			"a long id":     func(j *transfer.Job) { j.Process = strings.Repeat("x", rule.MaxID+1) },
			"version below": func(j *transfer.Job) { j.Version = -1 },
		} {
			j := hauled(owner, "p")
			change(&j)
			_, err := b.d().PutJob(b.ctx, j)
			b.notKept(name, err)
		}
		_, err := b.d().Job(b.ctx, owner, "p", transfer.JobPush)
		b.is("kept", err, transfer.ErrNoJob)
	}},
	{"DueJobs are those of all participants whose time has come, longest ago first", func(b *box) {
		for i, name := range []string{"c", "b", "a", "never"} {
			j := hauled([]string{owner, "other"}[i%2], name)
			if j.NextTry = at(10 - i); name == "never" {
				j.NextTry = time.Time{}
			}
			b.putJob(j)
		}
		b.equal("too early", b.dueJobs(at(7), 9), []string(nil))
		b.equal("two", b.dueJobs(fine(9), 9), []string{owner + "/a", "other/b"})
		b.equal("the first", b.dueJobs(at(99), 1), []string{owner + "/a"})
		b.equal("none", b.dueJobs(at(99), 0), []string(nil))
		b.equal("next", b.nextJob(time.Time{}, transfer.JobPush), at(8))
		b.equal("the one after", b.nextJob(at(8), transfer.JobPush), at(9))
		b.equal("after the last", b.nextJob(at(10), transfer.JobPush), time.Time{})
	}},
	{"without jobs there is no next one, and none is due", func(b *box) {
		b.equal("next", b.nextJob(time.Time{}, transfer.JobPush), time.Time{})
		b.equal("due", b.dueJobs(at(99), 9), []string(nil))
	}},
	{"a process has one job of each kind, and participants do not see each other's", func(b *box) {
		for _, c := range []string{"one", "two"} {
			for _, kind := range []transfer.JobKind{transfer.JobPush, transfer.JobInbox, transfer.JobDownload} {
				j := hauled(c, "p")
				j.Kind, j.ID = kind, c+string(kind)
				b.putJob(j)
			}
		}
		b.equal("one", b.job("one", "p", transfer.JobInbox).ID, "oneinbox")
		b.equal("two", b.job("two", "p", transfer.JobDownload).ID, "twodownload")
		b.equal("address", b.job("two", "p", transfer.JobDownload).Address, hauled("two", "p").Address)
		_, err := b.d().Job(b.ctx, "", "p", transfer.JobPush)
		b.is("nobody's", err, transfer.ErrNoJob)
	}},
	{"of many that change a job at the same time, one does", func(b *box) {
		j := b.putJob(hauled(owner, "p"))
		var won atomic.Int64
		b.domains(16, func(_ int, d Domain) error {
			_, err := d.PutJob(b.ctx, j)
			if err == nil {
				won.Add(1)
			}
			if errors.Is(err, transfer.ErrJobChanged) {
				return nil
			}
			return err
		})
		b.equal("winners", won.Load(), int64(1))
		b.equal("version", b.job(owner, "p", transfer.JobPush).Version, int64(2))
	}},
	{"jobs are there after a restart", func(b *box) {
		if b.Restart == nil {
			b.Skip("this store does not outlive the process")
		}
		j := b.putJob(hauled(owner, "p"))
		b.Store = b.Restart()
		b.equal("kept", b.job(owner, "p", transfer.JobPush), j)
	}},
}

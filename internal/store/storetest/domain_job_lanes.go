// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
)

// laned puts a push of a lane.
func (b *box) laned(contextID, peer, process string, next time.Time) transfer.Job {
	b.Helper()
	j := hauled(contextID, process)
	j.Peer, j.NextTry = peer, next
	return b.putJob(j)
}

var jobLanes = []contract{
	{"DueJobs go from lane to lane, and count what the caller has of each", func(b *box) {
		for i := range 5 {
			b.laned(owner, "x", fmt.Sprint("x", i), at(1+i))
		}
		b.laned(owner, "y", "y0", at(6))
		b.laned(owner, "y", "y1", at(7))
		b.laned("other", "x", "o", at(8)) // another participant's: a lane of its own
		x := transfer.Lane{Context: owner, Peer: "x"}
		for name, c := range map[string]struct {
			busy, perLane, limit int
			want                 []string
		}{
			"in turn":        {0, 3, 9, []string{"x0", "y0", "o", "x1", "y1", "x2"}},
			"the first two":  {0, 3, 2, []string{"x0", "y0"}},
			"busy":           {2, 3, 9, []string{"y0", "o", "y1", "x0"}},
			"full":           {3, 3, 9, []string{"y0", "o", "y1"}},
			"more than full": {7, 3, 9, []string{"y0", "o", "y1"}},
			"no places":      {0, 0, 9, nil},
			"one each":       {0, 1, 9, []string{"x0", "y0", "o"}},
		} {
			var got []string
			for _, j := range b.jobsDue(transfer.JobQuery{
				Now: at(99), Limit: c.limit, PerLane: c.perLane, Busy: map[transfer.Lane]int{x: c.busy}, Kinds: []transfer.JobKind{transfer.JobPush},
			}) {
				_, process, _ := strings.Cut(j, "/")
				got = append(got, process)
			}
			b.equal(name, got, c.want)
		}
	}},
	{"a job that is put with another other side is in its lane", func(b *box) {
		j := b.laned(owner, "x", "a", at(1))
		b.laned(owner, "x", "b", at(2))
		q := transfer.JobQuery{Now: at(99), Limit: 9, PerLane: 1, Kinds: []transfer.JobKind{transfer.JobPush}}
		b.equal("in one lane", b.jobsDue(q), []string{owner + "/a"})
		j.Peer = "y"
		b.putJob(j)
		b.equal("in two", b.jobsDue(q), []string{owner + "/a", owner + "/b"})
	}},
	{"what is of other kinds is neither due nor next, however much of it there is", func(b *box) {
		for i := range 30 {
			b.laned(owner, "x", fmt.Sprint("p", i), at(1))
		}
		j := hauled(owner, "d")
		j.Kind, j.NextTry, j.Peer = transfer.JobDownload, at(5), "x"
		b.putJob(j)
		q := transfer.JobQuery{Now: at(99), Limit: 3, PerLane: 3, Kinds: []transfer.JobKind{transfer.JobDownload, transfer.JobInbox}}
		b.equal("due", b.jobsDue(q), []string{owner + "/d"})
		b.equal("next", b.nextJob(time.Time{}, q.Kinds...), at(5))
		b.equal("of no kind", b.nextJob(time.Time{}), time.Time{})
		q.Kinds = nil
		b.equal("due of no kind", b.jobsDue(q), []string(nil))
	}},
	{"DueJobs is the rule's, whatever is there", func(b *box) {
		r := rand.New(rand.NewPCG(1, 2))
		kinds := []transfer.JobKind{transfer.JobPush, transfer.JobInbox, transfer.JobDownload}
		peers := []string{"", "x", "x y", "did:web:相手", `"`}
		var all []transfer.Job
		for i := range 60 {
			j := hauled([]string{owner, "other"}[r.IntN(2)], fmt.Sprint("p", i))
			j.Peer, j.Kind, j.NextTry = peers[r.IntN(len(peers))], kinds[r.IntN(3)], at(r.IntN(9))
			all = append(all, b.putJob(j))
		}
		for range 20 {
			q := transfer.JobQuery{Now: at(r.IntN(12)), Limit: r.IntN(70), PerLane: r.IntN(9), Kinds: kinds[:r.IntN(4)], Busy: map[transfer.Lane]int{}}
			for range r.IntN(5) {
				q.Busy[all[r.IntN(len(all))].Lane()] = r.IntN(5)
			}
			got, err := b.d().DueJobs(b.ctx, q)
			b.must(err)
			want := rule.DueJobs(slices.Clone(all), q)
			b.equal(fmt.Sprintf("%+v", q), names(got), names(want))
		}
	}},
}

func names(list []transfer.Job) []string {
	names := []string{}
	for _, j := range list {
		names = append(names, j.Context+"/"+j.Process)
	}
	return names
}

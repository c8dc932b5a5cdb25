// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// heldRequest is a holder's request with something in every field.
func heldRequest(id string) holder.Request {
	return holder.Request{
		HolderPID: id, Issuer: "did:web:issuer.example", Credentials: []string{"membership", "identity \"x\""},
		IssuerPID: "pid", StatusURL: "https://issuer.example/requests/pid", State: holder.Requested, Reason: "理由",
		Created: fine(0), Updated: fine(1), NextTry: fine(2), Tries: 3, Deadline: fine(400), Renews: "cred-0",
	}
}

// kept is a request as it comes back.
func kept(r holder.Request, version int64) holder.Request {
	r.Version = version
	r.Created, r.Updated = rule.Round(r.Created), rule.Round(r.Updated)
	r.NextTry, r.Deadline = rule.Round(r.NextTry), rule.Round(r.Deadline)
	return r
}

func (b *box) save(r holder.Request) holder.Request {
	b.Helper()
	r, err := b.t().SaveRequest(b.ctx, owner, r)
	b.must(err)
	return r
}

func (b *box) request(contextID, id string) holder.Request {
	b.Helper()
	r, err := b.t().Request(b.ctx, contextID, id)
	b.must(err)
	return r
}

func requestIDs(list []holder.Request) (ids []string) {
	for _, r := range list {
		ids = append(ids, r.HolderPID)
	}
	return ids
}

// claimed returns the ids of a claim of requests, each with its participant.
func claimed[T any](list []holder.Owned[T], id func(T) string) (ids []string) {
	for _, o := range list {
		ids = append(ids, o.Context+" "+id(o.Row))
	}
	return ids
}

func pid(r holder.Request) string  { return r.HolderPID }
func ourID(s holder.Stored) string { return s.ID }

const lease = 30 * time.Second

var holderRequests = []contract{
	{"SaveRequest inserts a request, replaces all of it, and counts the version up", func(b *box) {
		r := heldRequest("r")
		b.equal("inserted", b.save(r), kept(r, 1))
		b.equal("read", b.request(owner, "r"), kept(r, 1))
		r = holder.Request{HolderPID: "r", Issuer: "did:web:i", State: holder.Failed, Version: 1}
		b.equal("replaced", b.save(r), kept(r, 2))
		b.equal("read again", b.request(owner, "r"), kept(r, 2))
	}},
	{"a request that was changed meanwhile is ErrClosed, and nothing is written", func(b *box) {
		b.save(heldRequest("r"))
		r := b.save(b.request(owner, "r"))
		for _, version := range []int64{0, 1, 3} {
			stale := heldRequest("r")
			stale.Version, stale.State = version, holder.Failed
			_, err := b.t().SaveRequest(b.ctx, owner, stale)
			b.is(fmt.Sprint("version ", version), err, holder.ErrClosed)
		}
		b.equal("kept", b.request(owner, "r"), r)
		gone := heldRequest("none")
		gone.Version = 1
		_, err := b.t().SaveRequest(b.ctx, owner, gone)
		b.is("none", err, holder.ErrClosed)
	}},
	{"of writers at the same time exactly one is the first", func(b *box) {
		r := b.save(heldRequest("r"))
		one := b.race(holder.ErrClosed)
		b.replicas(12, func(i int, s Trust) error {
			_, err := s.SaveRequest(b.ctx, owner, r)
			return one.came(i, err)
		})
		one.end()
		b.equal("version", b.request(owner, "r").Version, int64(2))
	}},
	{"a request that is not stored is ErrNotFound", func(b *box) {
		_, err := b.t().Request(b.ctx, owner, "none")
		b.is("request", err, holder.ErrNotFound)
		_, err = b.t().Requests(b.ctx, owner, "none", 10)
		b.is("cursor", err, holder.ErrNotFound)
	}},
	{"Requests pages, newest first, those of one moment by id", func(b *box) {
		for i, id := range []string{"c", "a", "d", "b"} {
			r := heldRequest(id)
			r.Created = at(i / 2)
			b.save(r)
		}
		for before, want := range map[string][]string{"": {"d", "b", "c"}, "b": {"c", "a"}, "a": nil} {
			list, err := b.t().Requests(b.ctx, owner, before, 3)
			b.must(err)
			b.equal("behind "+before, requestIDs(list), want)
		}
		list, err := b.t().Requests(b.ctx, owner, "", 0)
		b.must(err)
		b.equal("none allowed", len(list), 0)
	}},
	{"ClaimRequests returns what is due of any participant, longest ago first, and moves it on", func(b *box) {
		for i, id := range []string{"later", "b", "never", "a", "c"} {
			r := heldRequest(id)
			r.NextTry = []time.Time{at(11), at(5), {}, at(3), at(10)}[i]
			_, err := b.t().SaveRequest(b.ctx, []string{owner, "other"}[i%2], r)
			b.must(err)
		}
		claim := func(seconds, limit int) []string {
			list, err := b.t().ClaimRequests(b.ctx, fine(seconds), lease, limit)
			b.must(err)
			for _, o := range list {
				b.equal("moved on", o.Row.NextTry, rule.Round(fine(seconds).Add(lease)))
				b.equal("as it is kept", b.request(o.Context, o.Row.HolderPID), o.Row)
			}
			return claimed(list, pid)
		}
		b.equal("early", claim(2, 9), []string(nil))
		b.equal("none allowed", claim(10, 0), []string(nil))
		b.equal("two", claim(10, 2), []string{"other a", "other b"})
		b.equal("the rest", claim(10, 2), []string{owner + " c"})
		b.equal("no more", claim(10, 9), []string(nil))
		b.equal("when the leases are over", slices.Sorted(slices.Values(claim(41, 9))), []string{"other a", "other b", owner + " c", owner + " later"})
	}},
	{"a claimed request can be saved by who claimed it", func(b *box) {
		b.save(heldRequest("r"))
		list, err := b.t().ClaimRequests(b.ctx, at(5), lease, 1)
		b.must(err)
		r := list[0].Row
		r.State, r.NextTry = holder.Received, time.Time{}
		b.equal("saved", b.save(r), kept(r, 2))
		list, err = b.t().ClaimRequests(b.ctx, at(10_000), lease, 1)
		b.must(err)
		b.equal("owed", len(list), 0)
	}},
	{"replicas claim each request once", func(b *box) {
		for i := range 40 {
			b.save(heldRequest(fmt.Sprint(i)))
		}
		all := make(chan string, 1000)
		b.replicas(10, func(_ int, s Trust) error {
			list, err := s.ClaimRequests(b.ctx, at(5), lease, 7)
			for _, o := range list {
				all <- o.Row.HolderPID
			}
			return err
		})
		rest, err := b.t().ClaimRequests(b.ctx, at(5), lease, 100)
		b.must(err)
		for _, o := range rest {
			all <- o.Row.HolderPID
		}
		close(all)
		count := map[string]int{}
		for id := range all {
			count[id]++
		}
		for id, n := range count {
			if n != 1 {
				b.Errorf("%s was claimed %d times", id, n)
			}
		}
		b.equal("claimed", len(count), 40)
	}},
	{"a request that says what cannot be is refused", func(b *box) {
		for what, wrong := range map[string]func(*holder.Request){
			"no id":              func(r *holder.Request) { r.HolderPID = "" },
			"no issuer":          func(r *holder.Request) { r.Issuer = "" },
			"an unknown state":   func(r *holder.Request) { r.State = "NEW" },
			"tries below none":   func(r *holder.Request) { r.Tries = -1 },
			"a version below 0":  func(r *holder.Request) { r.Version = -1 },
			"a time before all":  func(r *holder.Request) { r.NextTry = time.Unix(-5, 0) },
			"bytes, no text":     func(r *holder.Request) { r.Reason = "\xff" },
			"bytes in the list":  func(r *holder.Request) { r.Credentials = []string{"a\x00"} },
			"an id that is long": func(r *holder.Request) { r.HolderPID = strings.Repeat("x", 1025) },
		} {
			r := heldRequest("r")
			wrong(&r)
			_, err := b.t().SaveRequest(b.ctx, owner, r)
			b.notKept(what, err)
		}
		_, err := b.t().SaveRequest(b.ctx, "", heldRequest("r"))
		b.notKept("of nobody", err)
	}},
}

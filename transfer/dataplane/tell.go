// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// A counterparty is not told what is wrong with our source or our disk. Our
// operator is, by the log: else nobody would know.

// orSilent is the log of whoever was given none.
func orSilent(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}

// ours reports whether what a refusal says is for us to mend.
func (r refusal) ours() bool {
	return r.status >= http.StatusInternalServerError || r.code == codeSourceMissing
}

// sayings remember what was told a short while ago: a counterparty that asks in a
// loop must not fill the log.
type sayings struct {
	mu   sync.Mutex
	last map[saying]time.Time
}

type saying struct{ context, process, code string }

// What is told is not told again for a while, of so many transfers at least.
const (
	sayAgain   = time.Minute
	maxSayings = 4096
)

// news reports whether it is to be told.
func (s *sayings) news(one saying, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.last[one]; ok && now.Sub(at) < sayAgain {
		return false
	}
	if s.last == nil || len(s.last) >= maxSayings {
		s.last = map[saying]time.Time{}
	}
	s.last[one] = now
	return true
}

// tellRefused tells of a request for data that was refused for a reason on our
// side.
func (p *Plane) tellRefused(ctx context.Context, run transfer.Running, err error) {
	say := sayOf(err)
	if !say.ours() || ctx.Err() != nil { // who has gone is not answered
		return
	}
	if !p.said.news(saying{run.Context, run.Process, say.code}, p.cfg.Now()) {
		return
	}
	p.cfg.Log.WarnContext(ctx, "data cannot be served", "participant", run.Context, "transfer", run.Process, "dataset", run.Dataset, "code", say.code, "error", err)
}

// tellJob tells what became of a job, where that is news: it is tried again and
// again for the same reason.
func tellJob(ctx context.Context, log *slog.Logger, before, j transfer.Job) {
	failed := j.State == transfer.JobFailed
	known := before.Fault != nil && j.Fault != nil && *before.Fault == *j.Fault
	if j.Fault == nil || known && (!failed || before.State == j.State) {
		return
	}
	what := "data is not moved, and is tried again"
	if failed {
		what = "data is not moved, and is not tried again"
	}
	log.WarnContext(ctx, what, "participant", j.Context, "transfer", j.Process, "kind", j.Kind, "code", j.Fault.Code, "error", j.Fault.Reason)
}

// tell tells of a body that we could not keep. Whether the request is over does
// not matter: what ends its body here ends it too, and of a sender that has gone
// the error says so.
func (b *Inbox) tell(ctx context.Context, k jobKey, err error) {
	if known := (refusal{}); errors.As(err, &known) || sayOf(err).code != codeUnavailable {
		return // the sender's, or the transfer's
	}
	if !b.said.news(saying{k.context, k.process, codeUnavailable}, b.cfg.Now()) {
		return
	}
	b.cfg.Log.WarnContext(ctx, "data that is pushed to us cannot be kept", "participant", k.context, "transfer", k.process, "error", err)
}

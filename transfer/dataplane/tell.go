// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

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

// tellRefused tells of a request for data that was refused for a reason on our
// side.
func tellRefused(ctx context.Context, log *slog.Logger, run transfer.Running, err error) {
	say := sayOf(err)
	if !say.ours() || ctx.Err() != nil { // who has gone is not answered
		return
	}
	log.WarnContext(ctx, "data cannot be served", "participant", run.Context, "transfer", run.Process, "dataset", run.Dataset, "code", say.code, "error", err)
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

// tellInbox tells of a body that we could not keep.
func tellInbox(ctx context.Context, log *slog.Logger, k jobKey, err error) {
	if known := (refusal{}); errors.As(err, &known) || ctx.Err() != nil || sayOf(err).code != codeUnavailable {
		return // the sender's, or the transfer's
	}
	log.WarnContext(ctx, "data that is pushed to us cannot be kept", "participant", k.context, "transfer", k.process, "error", err)
}

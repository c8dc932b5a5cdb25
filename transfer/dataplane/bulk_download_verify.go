// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

const (
	// askDigest is how often is asked for a hash that will be told later: for
	// long enough to read 100 GB.
	askDigest      = 400
	mostAskPause   = 5 * time.Second
	leastAskPause  = 50 * time.Millisecond
	maxMismatching = 3
	// maxUntold is how often a digest may be refused, though the transfer runs
	// for all that is known here.
	maxUntold = 4
)

// confirm asks for a hash that was told already, with a part of the body: the
// provider writes down that of the whole where it is asked for it, and each part
// has one of its own. Whatever becomes of it, the body is what it is.
func (d *Downloads) confirm(ctx context.Context, j transfer.Job) {
	if rest, err := d.Fetch(ctx, j.Context, j.Process, Part{Head: true}); err == nil {
		_ = rest.Body.Close()
	}
}

// verify compares the body with what the provider says of it, where it says
// something.
func (d *Downloads) verify(ctx context.Context, h *Haul, draft Draft) error {
	for tries := 0; h.Job().Told == "" && tries < askDigest; tries++ {
		j := h.Job()
		rest, err := d.Fetch(ctx, j.Context, j.Process, Part{Head: true})
		if err != nil && stopped(err) {
			return d.untold(ctx, j, err)
		}
		if answered, ok := errors.AsType[*FetchError](err); ok && answered.Status/100 == 4 && answered.Status != http.StatusTooManyRequests {
			return nil // it says nothing of it
		}
		if err != nil {
			return err
		}
		_ = rest.Body.Close()
		switch {
		case rest.ETag != j.ETag, rest.Digest == "" && !rest.Later:
			return nil
		case rest.Digest != "":
			if err := h.Save(ctx, func(j *transfer.Job) { j.Told = rest.Digest }); err != nil {
				return err
			}
		default:
			if err := timer(d.Timer).sleep(ctx, min(leastAskPause<<min(tries, 10), mostAskPause)); err != nil {
				return err
			}
			if err := h.Save(ctx, nil); err != nil {
				return err
			}
		}
	}
	told := h.Job().Told
	if told == "" || told == draft.SHA256() {
		return nil
	}
	reason := fmt.Errorf("%w: its SHA-256 is %s, and should be %s", errMismatch, draft.SHA256(), told)
	if h.Job().Mismatches+1 >= maxMismatching {
		return &transfer.JobFault{Code: "digest-mismatch", Reason: reason.Error()}
	}
	err := errors.Join(draft.Restart(), h.Save(ctx, func(j *transfer.Job) {
		beginAnew(j)
		j.Mismatches++
	}))
	return errors.Join(reason, err)
}

// stopped reports whether an answer may be about the transfer, not about the
// data. One to HEAD has no code that tells.
func stopped(err error) bool {
	answered, ok := errors.AsType[*FetchError](err)
	return errors.Is(err, ErrHeld) || ok && (answered.Status == http.StatusUnauthorized || answered.Status == http.StatusForbidden)
}

// untold waits for the transfer, if the provider may say more of the data when
// that runs again. If it never will, the data is whole all the same.
func (d *Downloads) untold(ctx context.Context, j transfer.Job, err error) error {
	look := d.Look(ctx, j.Context, j.Process)
	_, ended := errors.AsType[*transfer.JobFault](look)
	switch {
	case ended:
		return nil
	case look != nil:
		return look
	case !errors.Is(err, ErrHeld) && j.Tries >= maxUntold: // it runs, and its digest is not for us
		return nil
	}
	return err
}

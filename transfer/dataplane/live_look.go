// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// recheck is how often a running transfer is asked whether it may go on,
// should a commit elsewhere not have been noticed, and how old a verdict may
// be by which a request is let in.
const recheck = time.Second

// stale is how old a verdict may be by which a body goes on, should a look take
// long.
const stale = 3 * recheck

// lookTime bounds one look: longer than a status list is waited for.
const lookTime = 15 * time.Second

// look is a verdict, and the channel that is closed at the next commit of the
// transfer. It watches first, so that no commit falls between the two.
type look struct {
	run     transfer.Running
	err     error
	at      time.Time
	changed <-chan struct{}
	edited  <-chan struct{} // at the next edit of what the verdict rests on
	stop    func()
}

func (w *watching) look(ctx context.Context, contextID, id string) *look {
	k := &look{at: w.cfg.Now()}
	k.changed, k.stop = w.cfg.Watch(contextID, id)
	if w.cfg.Edits != nil {
		k.edited = w.cfg.Edits(contextID)
	}
	k.run, k.err = w.cfg.Transfers.Running(ctx, contextID, id)
	return k
}

// overtaken reports whether there was a commit, or an edit, since.
func (k *look) overtaken() bool {
	select {
	case <-k.changed:
		return true
	case <-k.edited:
		return true
	default:
		return false
	}
}

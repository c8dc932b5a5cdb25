// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

const (
	// unsafeBytes is how much of a body may be missing on the disk: it is what a
	// crash costs. The next mark begins at half of it.
	unsafeBytes = 4 << 20
	// markEvery is how often a slow body is marked.
	markEvery = 2 * time.Second
	// stallMarks is how many marks may pass without a byte.
	stallMarks = 60
	pieceSize  = 128 << 10
)

// gathering writes a body into a draft, and beside it brings to the disk what
// was written and notes how far that is. Neither waits for the other as long
// as the disk keeps up.
type gathering struct {
	h      *Haul
	draft  Draft
	pace   *pace
	part   hash.Hash // of what is gathered, where that is not the whole; else nil
	cancel context.CancelCauseFunc

	mu     sync.Mutex
	marked int64
	news   chan struct{} // closed at the next mark
	due    chan struct{}
}

// gatherer continues a draft that is so long.
func gatherer(h *Haul, draft Draft, at int64, cancel context.CancelCauseFunc) *gathering {
	g := &gathering{h: h, draft: draft, cancel: cancel}
	if at > 0 {
		g.part = sha256.New()
	}
	return g
}

// copy returns nil at the end of the body. What was written until then is
// marked, whatever happened.
func (g *gathering) copy(ctx context.Context, body io.Reader) error {
	g.marked, g.news, g.due = g.h.Job().Offset, make(chan struct{}), make(chan struct{}, 1)
	over := make(chan struct{})
	var marks sync.WaitGroup
	marks.Go(func() { g.marks(ctx, over) })
	err := g.pieces(ctx, body)
	close(over)
	marks.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleJob)
	defer cancel()
	if _, marked := g.mark(last); marked != nil && err == nil {
		err = marked
	}
	if ctx.Err() != nil { // also where the end had come
		err = context.Cause(ctx)
	}
	return err
}

func (g *gathering) pieces(ctx context.Context, body io.Reader) error {
	buffer := make([]byte, g.pace.piece(pieceSize))
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if err := g.pace.wait(ctx, n); err != nil {
				return err
			}
			if _, err := g.draft.Write(buffer[:n]); err != nil {
				return err
			}
			if g.part != nil {
				_, _ = g.part.Write(buffer[:n]) // never fails
			}
			g.h.moved(g.draft.Size())
			if err := g.keepUp(ctx); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// sum is the hash of what was gathered, in hex.
func (g *gathering) sum() string {
	if g.part == nil {
		return g.draft.SHA256()
	}
	return hex.EncodeToString(g.part.Sum(nil))
}

// keepUp waits for the disk where too much is not safe yet.
func (g *gathering) keepUp(ctx context.Context) error {
	for {
		g.mu.Lock()
		behind, news := g.draft.Size()-g.marked, g.news
		g.mu.Unlock()
		if behind < unsafeBytes/2 {
			return nil
		}
		select {
		case g.due <- struct{}{}:
		default:
		}
		if behind < unsafeBytes {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// marks marks until the body is over.
func (g *gathering) marks(ctx context.Context, over <-chan struct{}) {
	for still := 0; still < stallMarks; still++ {
		fired, stop := g.h.c.cfg.Timer(markEvery)
		select {
		case <-fired:
		case <-g.due:
		case <-over:
			stop()
			return
		}
		stop()
		moved, err := g.mark(ctx)
		if err != nil {
			g.cancel(err)
			return
		}
		if moved {
			still = 0
		}
	}
	g.cancel(errStalled)
}

// mark brings what has come to the disk and writes it down, and reports whether
// there was any.
func (g *gathering) mark(ctx context.Context) (moved bool, err error) {
	size, sum, err := g.draft.Mark()
	if err != nil {
		return false, err
	}
	now := g.h.c.cfg.Now()
	err = g.h.Save(ctx, func(j *transfer.Job) {
		moved = size > j.Offset
		if moved {
			j.Note(size, sum, now)
		}
	})
	if err != nil {
		return false, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.marked = size
	close(g.news)
	g.news = make(chan struct{})
	return moved, nil
}

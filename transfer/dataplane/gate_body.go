// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"fmt"
	"io"
	"net/http"
)

// describe sets the headers that every body has.
func (g *gate) describe(s Source) {
	h := g.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if s.ContentType != "" {
		h.Set("Content-Type", s.ContentType)
	}
}

// small sends a body that is one piece. It is there as a whole before the
// header goes out: a source that gives less than it says is still refused.
func (g *gate) small(status int, body io.Reader, length int) error {
	piece := smallPieces.Get().(*[smallPiece]byte)
	defer smallPieces.Put(piece)
	if n, err := io.ReadFull(body, piece[:length]); err != nil {
		return fmt.Errorf("%w: %d bytes of %d: %w", errInvalid, n, length, err)
	}
	if g.WriteHeader(status); g.failed != nil {
		return g.failed
	}
	_, err := g.Write(piece[:length])
	return err
}

// ReadFrom implements io.ReaderFrom: a file is sent in large pieces.
func (g *gate) ReadFrom(r io.Reader) (int64, error) {
	before := g.sent
	err := g.copy(r, -1, false)
	return g.sent - before, err
}

// copy sends a body as it comes; length is -1 where it is not known. eager has
// each piece leave at once; so does a source that is slower than the consumer.
func (g *gate) copy(body io.Reader, length int64, eager bool) error {
	var flush func() error
	if eager || length > largePiece {
		flush = http.NewResponseController(g.ResponseWriter).Flush
	}
	return sendPieces(g, body, flush)
}

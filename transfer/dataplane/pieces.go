// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"io"
	"sync"
)

// pieces are buffers for the pieces of bodies: small ones for small bodies.
var (
	smallPieces = sync.Pool{New: func() any { return new([smallPiece]byte) }}
	largePieces = sync.Pool{New: func() any { return new([largePiece]byte) }}
)

const (
	smallPiece = 8 << 10
	largePiece = 128 << 10
)

// sendPieces sends a body as it comes. flush is called where the body is slower
// than its reader, which then has what there is; nil: the server flushes.
func sendPieces(to io.Writer, body io.Reader, flush func() error) error {
	piece := largePieces.Get().(*[largePiece]byte)
	defer largePieces.Put(piece)
	for {
		n, err := body.Read(piece[:])
		if n > 0 {
			if _, werr := to.Write(piece[:n]); werr != nil {
				return werr
			}
			if flush != nil && err == nil && n < len(piece) {
				_ = flush() // where it cannot, the server flushes later
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

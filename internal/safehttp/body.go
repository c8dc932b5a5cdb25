// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package safehttp

import (
	"errors"
	"io"
)

// drainOnClose is how much of an unread body is read at Close, in bytes, so
// that the connection can be used again. A longer rest costs the connection.
const drainOnClose = 32 << 10

// cappedBody passes on at most left bytes, then fails. A body cut short without
// an error could pass for a whole one.
type cappedBody struct {
	body io.ReadCloser
	left int64
	err  error
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if int64(len(p)) > b.left+1 { // one byte more shows that there is more
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	if int64(n) > b.left {
		n, err = int(b.left), ErrTooLarge
	}
	b.left -= int64(n)
	b.err = err
	return n, err
}

func (b *cappedBody) Close() error {
	if b.err == nil {
		_, _ = io.CopyN(io.Discard, b, drainOnClose)
	}
	b.err = errors.New("safehttp: read after Close")
	return b.body.Close()
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"io"
	"net/http"

	"github.com/musubi-ods/musubi/transfer"
)

// codeLength refuses an upload that is longer than it says.
const codeLength = "upload-length"

var (
	errLength = refusal{http.StatusBadRequest, codeLength, "the body is not as long as Upload-Length says", "begin with Upload-Offset 0"}
	errFull   = refusal{http.StatusRequestEntityTooLarge, "transfer-full", "no more is taken in this transfer", "ask the consumer, or for another transfer"}
)

// room refuses a body for which there is none in its transfer, if its length is
// known.
func (b *Inbox) room(j transfer.Job) error {
	if j.Bodies >= b.cfg.MaxBodies || j.KeptBytes >= b.cfg.MaxTotal && j.Bodies > 0 || j.Total > b.cfg.MaxTotal-j.KeptBytes {
		return errFull
	}
	return nil
}

// bounded is a body of which no more is taken than it says, or than there is
// room for.
func (b *Inbox) bounded(body io.Reader, j transfer.Job, offset int64) io.Reader {
	if j.Total >= 0 {
		return &atMost{body, j.Total - offset, errLength}
	}
	return &atMost{body, max(b.cfg.MaxTotal-j.KeptBytes-offset, 0), errFull}
}

// atMost is a body of which so many bytes are taken; more is over.
type atMost struct {
	io.Reader
	left int64
	over error
}

func (a *atMost) Read(p []byte) (int, error) {
	if int64(len(p)) > a.left { // one more tells that it is longer
		p = p[:a.left+1]
	}
	n, err := a.Reader.Read(p)
	if a.left -= int64(n); a.left < 0 {
		return n - 1, a.over
	}
	return n, err
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// codeOffset refuses an upload that does not begin where the last one ended.
const codeOffset = "upload-offset"

// upload is what a request says of its body.
type upload struct {
	tracking string
	offset   int64
	last     bool // nothing follows
	key      string
	began    time.Time
}

// upload reads the header of a request, and prepares the job for its body. nil:
// the body is here already.
func (b *Inbox) upload(r *http.Request, j *transfer.Job) (*upload, error) {
	up := &upload{last: true, key: strings.Trim(r.Header.Get(headerKey), `"`), tracking: trackingID(r.Header, b.cfg.NewID), began: b.cfg.Now()}
	if len(up.key) > 200 {
		return nil, refusal{http.StatusBadRequest, "idempotency-key-invalid", "the Idempotency-Key is too long", "200 bytes are enough"}
	}
	if r.Method != http.MethodPatch {
		if up.key != "" && up.key == j.Key && j.State == transfer.JobDone {
			return nil, nil
		}
		if taken(*j, up.key) {
			return nil, errTaken
		}
		if j.State == transfer.JobDone {
			j.ID, j.SHA256 = b.cfg.NewID(), ""
		}
	} else {
		var err error
		if up.offset, err = number(r.Header.Get(headerOffset)); err != nil {
			return nil, refusal{http.StatusBadRequest, "upload-offset-invalid", "Upload-Offset is no number of bytes", "say where the body begins"}
		}
		if j.State == transfer.JobDone {
			return nil, nil
		}
		if up.offset != 0 && up.offset != j.Offset {
			return nil, refusal{http.StatusConflict, codeOffset, "the body does not begin where the last one ended", "ask with HEAD how much has come"}
		}
	}
	if j.State == transfer.JobFailed {
		return nil, transfer.ErrEnded
	}
	if err := up.length(r, j); err != nil {
		return nil, err
	}
	if err := b.room(*j); err != nil {
		return nil, err
	}
	if up.offset == 0 {
		j.Offset, j.Sum, j.SHA256, j.Began = 0, nil, "", up.began
	}
	j.State, j.Fault, j.Told, j.Moved, j.NextTry = transfer.JobOpen, nil, "", b.cfg.Now(), time.Time{}
	return up, nil
}

// maxTaken is how many bodies of a transfer are known by the keys of their
// sender, which may be sending some more before it repeats one whose answer was
// lost.
const maxTaken = 64

// errTaken: the body is kept, and is not the last one.
var errTaken = errors.New("this body was taken before")

// took remembers the key of a body that is kept.
func took(j *transfer.Job) {
	if j.Key == "" || taken(*j, j.Key) {
		return
	}
	j.Taken = append(slices.Clone(j.Taken), keyHash(j.Key))
	j.Taken = j.Taken[max(0, len(j.Taken)-maxTaken):]
}

// taken reports whether a body came under a key, and is kept.
func taken(j transfer.Job, key string) bool {
	return key != "" && slices.Contains(j.Taken, keyHash(key))
}

// keyHash is what is remembered of a key: a key is of any length.
func keyHash(key string) string { return hashOf(key)[:32] }

// length reads how long the whole is, where that is said or was before, and
// whether this request is the end of it.
func (up *upload) length(r *http.Request, j *transfer.Job) error {
	if r.Method != http.MethodPatch {
		j.Total = r.ContentLength
		return nil
	}
	if up.offset == 0 {
		j.Total = -1
	}
	if said := r.Header.Get(headerLength); said != "" {
		n, err := number(said)
		if err != nil || n < up.offset {
			return errLength
		}
		j.Total = n
	}
	complete := r.Header.Get(headerComplete)
	up.last = complete == "?1" || complete == "" && j.Total < 0
	return nil
}

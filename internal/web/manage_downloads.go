// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

const exampleDownload = `{"rate": 50000000, "complete": true}`

// DownloadOptions say how data is downloaded.
type DownloadOptions struct {
	// Rate bounds the bytes a second; 0: the configuration says.
	Rate int64 `json:"rate"`
	// Complete ends the transfer once the data is kept; nil: the configuration
	// says.
	Complete *bool `json:"complete"`
}

type downloadInput struct {
	DownloadOptions
	// Detach answers at once.
	Detach bool `json:"detach"`
}

// movingView is how far the data of a transfer is.
type movingView struct {
	Kind  transfer.JobKind  `json:"kind"`
	State transfer.JobState `json:"state"`
	// Received are the bytes that are here, or at the receiver; Total is absent
	// while nobody said how many there are.
	Received int64  `json:"received"`
	Total    *int64 `json:"total,omitempty"`
	// Rate is how many bytes a second came lately, Limit how many may.
	Rate      int64        `json:"rate"`
	Limit     int64        `json:"limit,omitempty"`
	Since     time.Time    `json:"since"`
	Moved     time.Time    `json:"moved,omitzero"`
	SHA256    string       `json:"sha256,omitempty"`
	Verified  bool         `json:"verified"` // the other side says the same hash
	Holding   string       `json:"holding,omitempty"`
	Tries     int          `json:"tries,omitempty"`
	LastError *movingFault `json:"lastError,omitempty"`
	NextTry   time.Time    `json:"nextTry,omitzero"`
}

// movingFault is what went wrong last.
type movingFault struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

func viewMoving(j transfer.Job) *movingView {
	v := &movingView{
		Kind: j.Kind, State: j.State, Received: j.Offset, Rate: j.Pace, Limit: j.Rate, Since: j.Began, Moved: j.Moved, SHA256: j.SHA256,
		Verified: j.SHA256 != "" && j.Told == j.SHA256, Tries: j.Tries,
	}
	if j.Total >= 0 {
		v.Total = &j.Total
	}
	if j.State == transfer.JobDone && j.Kind != transfer.JobPush {
		v.Holding = j.ID
	}
	if j.Fault != nil {
		v.LastError = &movingFault{j.Fault.Code, j.Fault.Reason}
	}
	if j.Fault != nil || j.State == transfer.JobHeld {
		v.NextTry = j.NextTry
	}
	if j.State != transfer.JobOpen {
		v.Rate = 0
	}
	return v
}

// moving adds to a transfer how far its data is.
func (c *call) moving(v *transferView) error {
	if c.m.Holdings == nil {
		return nil
	}
	j, err := c.m.Holdings.Moving(c.ctx, c.contextID, v.ID)
	if errors.Is(err, transfer.ErrNoJob) {
		return nil
	}
	v.Data = viewMoving(j)
	return err
}

// downloadTransfer answers when the data is kept, or with how far it is once
// the caller has waited long enough: the download goes on.
func downloadTransfer(c *call, in downloadInput) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	if in.Rate < 0 {
		return answer{}, problemf(http.StatusBadRequest, "rate-invalid", "rate is a number of bytes a second")
	}
	if _, err := c.pullable(id); err != nil {
		return answer{}, err
	}
	j, err := c.m.Holdings.Download(c.ctx, c.contextID, id, in.DownloadOptions)
	if err != nil {
		return answer{}, err
	}
	later := answer{status: http.StatusAccepted, location: c.location("transfers", id)}
	if in.Detach {
		later.body = viewMoving(j)
		return later, nil
	}
	ctx, cancel := untilStop(c.ctx)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, maxWait)
	defer stop()
	j, h, err := c.m.Holdings.Downloaded(ctx, c.contextID, id)
	if err != nil {
		return answer{}, err
	}
	if j.State != transfer.JobDone {
		later.body = viewMoving(j)
		return later, nil
	}
	return answer{status: http.StatusCreated, body: c.viewHolding(h), location: c.location("holdings", h.ID)}, nil
}

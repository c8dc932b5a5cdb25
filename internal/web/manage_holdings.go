// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/sink"
)

// HoldingService downloads, and keeps what was downloaded.
type HoldingService interface {
	// Download has the data of a transfer pulled and kept, which goes on by
	// itself; one that is under way stays as it is.
	Download(ctx context.Context, contextID, transferID string, o DownloadOptions) (transfer.Job, error)
	// Downloaded waits until a download is over, or ctx ends, and returns what
	// became of it. The error is why it failed for good.
	Downloaded(ctx context.Context, contextID, transferID string) (transfer.Job, sink.Holding, error)
	// Moving returns how far the data of a transfer is. transfer.ErrNoJob:
	// nothing is moved by ourselves.
	Moving(ctx context.Context, contextID, transferID string) (transfer.Job, error)
	List(ctx context.Context, contextID string, q sink.Query) ([]sink.Holding, error)
	Get(ctx context.Context, contextID, id string) (sink.Holding, error)
	Open(ctx context.Context, contextID, id string) (io.ReadCloser, error)
}

type holdingView struct {
	ID        string      `json:"id"`
	Status    sink.Status `json:"status"`
	Transfer  string      `json:"transfer"`
	Agreement string      `json:"agreement"`
	Dataset   string      `json:"dataset"`
	Peer      string      `json:"peer"`
	Size      int64       `json:"size"`
	SHA256    string      `json:"sha256"`
	Stored    time.Time   `json:"stored"`
	Due       time.Time   `json:"due,omitzero"`
	Rule      string      `json:"rule"`
	// UntilEnd: it is due, too, when the agreement is ended.
	UntilEnd  bool      `json:"untilEnd"`
	Deleted   time.Time `json:"deleted,omitzero"`
	Reason    string    `json:"reason,omitempty"`
	LastError string    `json:"lastError,omitempty"`
	NextTry   time.Time `json:"nextTry,omitzero"`
}

func (c *call) viewHolding(h sink.Holding) holdingView {
	return holdingView{
		ID: h.ID, Status: h.Status(c.m.Now()), Transfer: h.Transfer, Agreement: h.Agreement, Dataset: h.Dataset, Peer: h.Peer,
		Size: h.Size, SHA256: h.SHA256, Stored: h.Stored, Due: h.Due, Rule: h.Rule, UntilEnd: h.UntilEnd,
		Deleted: h.Deleted, Reason: h.Reason, LastError: h.LastError, NextTry: h.NextTry,
	}
}

func listHoldings(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	status, err := c.word("status", string(sink.IsOpen), string(sink.IsDue), string(sink.IsDone), string(sink.IsOverdue))
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Holdings.List(c.ctx, c.contextID, sink.Query{
		Status: sink.Status(status), Transfer: c.QueryParam("transfer"), Agreement: c.QueryParam("agreement"),
		Before: c.QueryParam("before"), Limit: limit,
	})
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(found, limit, c.viewHolding, func(h sink.Holding) string { return h.ID })}, nil
}

func (c *call) holding() (sink.Holding, error) {
	id, err := c.id("id")
	if err != nil {
		return sink.Holding{}, err
	}
	return c.m.Holdings.Get(c.ctx, c.contextID, id)
}

func getHolding(c *call) (answer, error) {
	h, err := c.holding()
	if err != nil {
		return answer{}, err
	}
	return answer{body: c.viewHolding(h)}, nil
}

// getHoldingData gives the data out as bytes that mean nothing to a browser: a
// counterparty chose them.
func getHoldingData(c *call) (answer, error) {
	h, err := c.holding()
	if err != nil {
		return answer{}, err
	}
	r, err := c.m.Holdings.Open(c.ctx, c.contextID, h.ID)
	if err != nil {
		return answer{}, err
	}
	return answer{stream: func(ec echo.Context) error {
		header := ec.Response().Header()
		header.Set("Content-Length", strconv.FormatInt(h.Size, 10))
		header.Set("Content-Disposition", `attachment; filename="`+h.File+`"`)
		header.Set("X-Content-Type-Options", "nosniff")
		if sum, err := hex.DecodeString(h.SHA256); err == nil {
			header.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":") // RFC 9530
		}
		return errors.Join(ec.Stream(http.StatusOK, "application/octet-stream", r), r.Close())
	}}, nil
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"

	"github.com/musubi-ods/musubi/transfer/evidence"
)

// EvidenceService knows what was moved; *evidence.Recorder.
type EvidenceService interface {
	Declare(ctx context.Context, contextID, transferID, after string, limit int) (evidence.Declaration, error)
	List(ctx context.Context, contextID string, q evidence.Query) ([]evidence.Declaration, error)
}

// getEvidence shows what we say of one transfer, as a file that the peer's is
// compared with.
func getEvidence(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	d, err := c.m.Evidence.Declare(c.ctx, c.contextID, id, c.QueryParam("after"), limit)
	return answer{body: d}, err
}

func listEvidence(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Evidence.List(c.ctx, c.contextID, evidence.Query{
		Agreement: c.QueryParam("agreement"), Before: c.QueryParam("before"), Limit: limit,
	})
	if err != nil {
		return answer{}, err
	}
	same := func(d evidence.Declaration) evidence.Declaration { return d }
	return answer{body: listOf(found, limit, same, func(d evidence.Declaration) string { return d.Transfer })}, nil
}

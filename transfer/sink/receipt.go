// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"encoding/json"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// told is what the journal says of data that was stored or deleted. The
// sequence of its members is that of the row.
type told struct {
	Holding   string    `json:"holding"`
	Agreement string    `json:"agreement"`
	Dataset   string    `json:"dataset"`
	Peer      string    `json:"peer"`
	SHA256    string    `json:"sha256"`
	Size      int64     `json:"size"`
	Stored    time.Time `json:"stored"`
	Due       time.Time `json:"due,omitzero"`
	Rule      string    `json:"rule,omitempty"`
	Reason    string    `json:"reason,omitempty"`
}

// entry is a row of the journal. Chained and signed there, the one of a
// deletion is the receipt for it.
func (s *Service) entry(h Holding, event string, at time.Time, t told) (engine.Entry, error) {
	t.Holding, t.Agreement, t.Dataset, t.Peer, t.SHA256, t.Size = h.ID, h.Agreement, h.Dataset, h.Peer, h.SHA256, h.Size
	detail, err := json.Marshal(t)
	return engine.Entry{
		Context: h.Context, ID: s.cfg.NewID(), Process: h.Transfer, Kind: engine.Transfer, Event: event, At: at, Detail: detail,
	}, err
}

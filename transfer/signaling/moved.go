// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/transfer"
)

// Moved is a transfer.Movement on the wire; the control plane knows whose it is.
// One is sent, or a list of them. What comes again as the same batch counts once.
//
//	POST {signaling}/transfers/{process}/movements?batch={id}
type Moved struct {
	TrackingID string `json:"trackingId"`
	Sent       bool   `json:"sent"`
	Method     string `json:"method,omitempty"`
	Path       string `json:"path,omitempty"`
	Status     int    `json:"status,omitempty"`
	Offset     int64  `json:"offset,omitempty"`
	Bytes      int64  `json:"bytes"`
	SHA256     string `json:"sha256,omitempty"`
	Whole      bool   `json:"whole,omitempty"`
	// Alone has it kept as a row of its own, however small it is. Once does, too,
	// and has it count once, in whichever batches it comes: it is whole, and of the
	// bodies of its transfer and direction none other has its trackingId and sha256.
	Alone bool      `json:"alone,omitempty"`
	Once  bool      `json:"once,omitempty"`
	Began time.Time `json:"began"`
	Ended time.Time `json:"ended"`
}

// MovedOf puts a movement on the wire.
func MovedOf(m transfer.Movement) Moved {
	return Moved{m.TrackingID, m.Sent, m.Method, m.Path, m.Status, m.Offset, m.Bytes, m.SHA256, m.Whole, m.Alone, false, m.Began, m.Ended}
}

// room is how many bytes of a message it takes at most: each byte of a text may
// be escaped.
func (m Moved) room() int {
	const members = 400 // their names, and the numbers and times
	return members + 6*(len(m.TrackingID)+len(m.Method)+len(m.Path)+len(m.SHA256))
}

// maxPath bounds what is told of a path, in bytes: a counterparty chose it, and
// must not have evidence refused for its length.
const maxPath = 1 << 10

func cutPath(path string) string {
	if len(path) <= maxPath {
		return path
	}
	return strings.ToValidUTF8(strings.Clone(path[:maxPath]), "")
}

// Movement is the movement of a process.
func (m Moved) Movement(contextID, process string) transfer.Movement {
	return transfer.Movement{
		Context: contextID, Process: process, TrackingID: m.TrackingID, Sent: m.Sent, Method: m.Method, Path: m.Path,
		Status: m.Status, Offset: m.Offset, Bytes: m.Bytes, SHA256: m.SHA256, Whole: m.Whole, Alone: m.Alone || m.Once, Began: m.Began, Ended: m.Ended,
	}
}

// mostBytes bounds one body.
const mostBytes = 1 << 50

// Check says why a movement cannot be kept: what is kept together must not fail
// for one that is wrong. ErrMessage.
func (m Moved) Check() error {
	sum, err := hex.DecodeString(m.SHA256)
	switch {
	case min(m.Bytes, m.Offset, int64(m.Status)) < 0 || m.Bytes > mostBytes || m.Status > 999:
		return invalid("a number of what was moved is out of bounds")
	case err != nil || len(sum) != 0 && len(sum) != sha256.Size || strings.ToLower(m.SHA256) != m.SHA256:
		return invalid("sha256 is not one, in lower-case hexadecimal digits")
	case m.Once && (!m.Whole || m.SHA256 == "" || m.TrackingID == ""):
		return invalid("what counts once is whole, with its trackingId and its sha256")
	case strings.ContainsRune(m.TrackingID+m.Method+m.Path, 0):
		return invalid("a text of what was moved holds a zero byte")
	}
	for _, t := range []time.Time{m.Began, m.Ended} {
		if !t.IsZero() && t.Unix() < 0 {
			return invalid("a time of what was moved is before 1970")
		}
	}
	return nil
}

// maxBatch bounds the id of a batch.
const maxBatch = 200

// moved keeps what was moved, once for each batch, and answers when it is kept.
func (h *Callbacks) moved(w http.ResponseWriter, r *http.Request, id string) {
	contextID, batch := r.PathValue("ctx"), r.URL.Query().Get("batch")
	var in severalMoved
	err := readSmall(r.Body, &in)
	if err == nil && (len(batch) > maxBatch || strings.ContainsRune(batch, 0) || !utf8.ValidString(batch)) {
		err = invalid("the id of the batch is no text of %d bytes at most", maxBatch)
	}
	for i := 0; err == nil && i < len(in); i++ {
		err = in[i].Check()
	}
	if err == nil && h.cfg.Evidence != nil {
		err = h.keep(r.Context(), contextID, id, batch, in)
	}
	if err != nil {
		h.fail(w, r, err) // it is told again, and counts once
		return
	}
	w.WriteHeader(http.StatusOK)
}

// keep keeps a batch of a transfer.
func (h *Callbacks) keep(ctx context.Context, contextID, id, batch string, in severalMoved) error {
	var rest []transfer.Movement
	sure, _ := h.cfg.Evidence.(transfer.SureEvidence)
	for _, one := range in {
		m := one.Movement(contextID, id)
		if !one.Once || sure == nil {
			rest = append(rest, m)
			continue
		}
		if err := sure.MovedOnce(ctx, m); err != nil {
			return err
		}
	}
	if told, ok := h.cfg.Evidence.(transfer.ToldEvidence); ok && batch != "" {
		return told.MovedAsTold(ctx, contextID, id, batch, rest)
	}
	for _, m := range rest {
		h.cfg.Evidence.Moved(ctx, m)
	}
	if h.cfg.Flush == nil {
		return nil
	}
	return h.cfg.Flush(ctx)
}

// severalMoved is one Moved, or a list of them.
type severalMoved []Moved

// UnmarshalJSON reads either.
func (s *severalMoved) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]Moved)(s))
	}
	*s = make(severalMoved, 1)
	return json.Unmarshal(b, &(*s)[0])
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// lookAgain is how often a held question is judged, in case that something
// changed of which no commit tells, such as the time of day.
const lookAgain = 500 * time.Millisecond

// verdict answers whether data may flow, once that is another answer than the
// one that the data plane has seen.
func (h *Callbacks) verdict(w http.ResponseWriter, r *http.Request, id string) {
	contextID, seen := r.PathValue("ctx"), r.URL.Query().Get("seen")
	for until := h.cfg.Now().Add(HoldVerdict); ; {
		changed, stop := h.cfg.Watch(contextID, id) // before the look, so that nothing is missed
		run, err := h.cfg.Running(r.Context(), contextID, id)
		v, ok := VerdictOf(run, err)
		left := until.Sub(h.cfg.Now())
		switch {
		case !ok:
			stop()
			h.fail(w, r, err)
			return
		case v.Version != seen || left <= 0:
			stop()
			writeJSON(w, v)
			return
		}
		fired, release := h.cfg.Timer(min(left, lookAgain))
		select {
		case <-changed:
		case <-fired:
		case <-r.Context().Done():
		}
		release()
		stop()
		if r.Context().Err() != nil {
			return
		}
	}
}

// most bounds what is taken at once.
const most = 1 << 40

// bytes counts what a flow sends. The limit is what the policy says now: the
// data plane's own can only be lower.
func (h *Callbacks) bytes(w http.ResponseWriter, r *http.Request, id string) {
	var in Bytes
	if err := readSmall(r.Body, &in); err != nil {
		h.fail(w, r, err)
		return
	}
	contextID := r.PathValue("ctx")
	run, err := h.cfg.Running(r.Context(), contextID, id)
	if _, ok := VerdictOf(run, err); !ok {
		h.fail(w, r, err)
		return
	}
	var out Granted
	switch {
	case in.Take < 0 || in.Return < 0 || in.Exhausted < 0 || in.Take > most || in.Return > most:
		h.fail(w, r, invalid("a number is out of bounds"))
		return
	case in.Return > 0 && !h.taken.back(contextID, id, in.Return):
		h.fail(w, r, invalid("more is given back than was taken"))
		return
	case in.Return > 0:
		if err = h.cfg.Meters.ReturnBytes(r.Context(), contextID, run.Agreement, id, in.Return); err != nil {
			h.taken.add(contextID, id, in.Return)
		}
	case in.Exhausted > 0:
		h.cfg.Exhausted(contextID, id, in.Exhausted)
		err = nil
	case err != nil:
		err = nil // nothing is granted
	case in.Take > 0:
		limit := run.ByteLimit
		if in.Limit > 0 && (limit < 0 || in.Limit < limit) {
			limit = in.Limit
		}
		out.Granted, err = h.cfg.Meters.TakeBytes(r.Context(), contextID, run.Agreement, id, in.Take, limit)
		h.taken.add(contextID, id, out.Granted)
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	writeJSON(w, out)
}

// readSmall reads one of our own messages.
func readSmall(body io.Reader, out any) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if err := shallow(text); err != nil {
		return err
	}
	if json.Unmarshal(text, out) != nil {
		return invalid("it is not the JSON that was expected")
	}
	return nil
}

func writeJSON(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil { // never: texts and numbers
		problem(w, http.StatusInternalServerError, "failed", "it failed", "")
		return
	}
	writeBody(w, http.StatusOK, body)
}

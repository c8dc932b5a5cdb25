// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"bytes"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Outbox returns the rows of a process after a commit that was judged to be
// possible, by operation. rows, those before it, are left as they are.
func Outbox(rows []engine.Work, c engine.Commit) []engine.Work {
	rows = slices.Clone(rows)
	if c.Held != nil {
		rows = Free(rows, *c.Held)
	}
	for _, was := range c.Remove {
		rows = slices.DeleteFunc(rows, func(w engine.Work) bool { return w.Op == was.Op })
	}
	for _, put := range c.Put {
		now := put.Now
		now.Due, now.Body = Round(now.Due), nil
		now.Claims, now.LeaseUntil = 0, Round(now.LeaseUntil)
		i := slices.IndexFunc(rows, func(w engine.Work) bool { return w.Op == now.Op })
		if i < 0 {
			if now.Owner != "" {
				now.Claims = 1
			} else {
				now.LeaseUntil = Time(0)
			}
			rows = append(rows, now)
			continue
		}
		row := &rows[i]
		now.Fence, now.Owner, now.LeaseUntil = row.Fence, row.Owner, row.LeaseUntil
		if now.Key == row.Key {
			now.Claims = row.Claims
		}
		*row = now
	}
	slices.SortFunc(rows, func(a, b engine.Work) int { return strings.Compare(string(a.Op), string(b.Op)) })
	return rows
}

// Free returns rows without the lease of w, if one of them has it.
func Free(rows []engine.Work, w engine.Work) []engine.Work {
	rows = slices.Clone(rows)
	for i := range rows {
		if row := &rows[i]; row.Op == w.Op && row.Owner == w.Owner && row.Fence == w.Fence {
			row.Owner, row.LeaseUntil = "", Time(0)
		}
	}
	return rows
}

// History returns the messages of a process after a commit that was judged to
// be possible. list, those before it, is left as it is.
func History(list []engine.Exchange, c engine.Commit) []engine.Exchange {
	if len(c.Exchanges)+len(c.Outcomes) == 0 {
		return list
	}
	list = slices.Grow(slices.Clone(list), len(c.Exchanges))
	for _, x := range c.Exchanges {
		x = CloneExchange(x)
		x.Seq = int64(len(list) + 1)
		list = append(list, x)
	}
	for _, o := range c.Outcomes {
		for i := range list {
			if x := &list[i]; !x.Inbound && x.MessageID == o.MessageID {
				x.Outcome = o.Outcome
			}
		}
	}
	return list
}

// Accepted reports whether an inbound message with this id is in the history.
func Accepted(list []engine.Exchange, messageID string) bool {
	return messageID != "" && slices.ContainsFunc(list, func(x engine.Exchange) bool {
		return x.Inbound && x.MessageID == messageID
	})
}

// Body returns the exact bytes of the message of ours that a row sends.
func Body(list []engine.Exchange, w engine.Work) []byte {
	if w.Op != engine.OpSend {
		return nil
	}
	for _, x := range slices.Backward(list) {
		if !x.Inbound && x.MessageID == w.Key {
			return bytes.Clone(x.Body)
		}
	}
	return nil
}

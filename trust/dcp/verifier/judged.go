// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier

import (
	"github.com/musubi-ods/musubi/trust"
)

// What the credentials of one presentation say is judged once a second: their
// limits are days, and a peer may send hundreds of messages. Whether they are
// in force, believed and not revoked is judged at each, and at each recheck of
// the claims that hold them.

// maxJudged bounds the presentations that were judged lately, in bytes.
const maxJudged = 1 << 20

// judgedKey names a presentation by the place of its first credential, which is
// that of no other while the entry holds on to it, and by what it was judged by.
type judgedKey struct {
	first     *trust.Credential
	n         int
	context   string
	holder    string
	dataspace string
	samples   bool
}

type judged struct {
	list   []trust.Credential // keeps the key's place taken
	second int64
	bound  bool // and the identifier is the one on record
}

func judgedSize(k judgedKey, j judged) int {
	size := entryBytes + len(k.context) + len(k.holder) + len(k.dataspace)
	for _, c := range j.list {
		size += entryBytes + len(c.Subject)
	}
	return size
}

func judgedKeyOf(from party, list []trust.Credential) judgedKey {
	return judgedKey{&list[0], len(list), from.own.Context, from.id, from.settings.Dataspace, from.settings.Samples}
}

// judgedNow returns what is known of a presentation that was judged in this
// second, and nothing of one that was not.
func (p *Profile) judgedNow(from party, list []trust.Credential) (judged, bool) {
	if len(list) == 0 {
		return judged{}, false
	}
	j, ok := p.judged.Peek(judgedKeyOf(from, list))
	return j, ok && j.second == p.cfg.Now().Unix()
}

// wasJudged notes that the credentials say nothing wrong.
func (p *Profile) wasJudged(from party, list []trust.Credential, bound bool) {
	if len(list) > 0 {
		p.judged.Put(judgedKeyOf(from, list), judged{list, p.cfg.Now().Unix(), bound})
	}
}

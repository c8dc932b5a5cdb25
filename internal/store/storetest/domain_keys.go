// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"sync/atomic"

	"github.com/musubi-ods/musubi/trust"
)

var signingKeys = []contract{
	{"FirstKey keeps a key if there is none for its use, and returns the one that is kept", func(b *box) {
		first := key("k1", "data")
		b.equal("first", b.firstKey(owner, first), first)
		b.equal("second", b.firstKey(owner, key("k2", "data")), first)
		journal := key("k3", "journal")
		b.equal("another use", b.firstKey(owner, journal), journal)
	}},
	{"CurrentKey and KeyByID return a key, or ErrNoKey", func(b *box) {
		k := b.firstKey(owner, key("k1", "data"))
		got, err := b.d().CurrentKey(b.ctx, owner, "data", t0)
		b.must(err)
		b.equal("current", got, k)
		got, err = b.d().KeyByID(b.ctx, owner, "k1")
		b.must(err)
		b.equal("by id", got, k)
		if _, err := b.d().CurrentKey(b.ctx, owner, "journal", t0); !errors.Is(err, trust.ErrNoKey) {
			b.Fatalf("another use: %v", err)
		}
		if _, err := b.d().KeyByID(b.ctx, owner, "data"); !errors.Is(err, trust.ErrNoKey) {
			b.Fatalf("another id: %v", err)
		}
	}},
	{"a key's id has one use, and a key has a content", func(b *box) {
		k := b.firstKey(owner, key("k1", "data"))
		for _, wrong := range []trust.SealedKey{key("k1", "journal"), {ID: "k2", Use: "journal"}, {ID: "k2", PEM: k.PEM}, {Use: "x", PEM: k.PEM}} {
			if _, err := b.d().FirstKey(b.ctx, owner, wrong); err == nil {
				b.Fatalf("%q for %q was kept", wrong.ID, wrong.Use)
			}
		}
		if _, err := b.d().CurrentKey(b.ctx, owner, "journal", t0); !errors.Is(err, trust.ErrNoKey) {
			b.Fatalf("after the refusal: %v", err)
		}
	}},
	{"replicas that make a key at the same time agree", func(b *box) {
		var one atomic.Pointer[string]
		b.domains(12, func(i int, d Domain) error {
			k, err := d.FirstKey(b.ctx, owner, key(string(rune('a'+i)), "data"))
			if err != nil {
				return err
			}
			if !one.CompareAndSwap(nil, &k.ID) && *one.Load() != k.ID {
				return errors.New("two keys: " + k.ID + " and " + *one.Load())
			}
			return nil
		})
	}},
	{"the current key is the newest that is active and not retired at a time", func(b *box) {
		one, two, three := key("k1", "data"), key("k2", "data"), key("k3", "data")
		one.Active, two.Active = at(10), at(20)
		b.firstKey(owner, one)
		b.must(b.d().AddKey(b.ctx, owner, two))
		b.must(b.d().AddKey(b.ctx, owner, key("k4", "journal")))
		b.equal("before the first", b.current("data", 9), "none")
		b.equal("at the first", b.current("data", 10), "k1")
		b.equal("before the second", b.current("data", 19), "k1")
		b.equal("at the second", b.current("data", 20), "k2")
		b.must(b.d().AddKey(b.ctx, owner, three))
		b.equal("a newer one, active at once", b.current("data", 0), "k3")
		b.must(b.d().RetireKey(b.ctx, owner, "k3", at(15)))
		b.equal("before it is retired", b.current("data", 14), "k3")
		b.equal("when it is retired", b.current("data", 15), "k1")
		b.must(b.d().RetireKey(b.ctx, owner, "k2", at(30)))
		b.must(b.d().RetireKey(b.ctx, owner, "k1", at(30)))
		b.equal("when all are", b.current("data", 30), "none")
		b.equal("of another use", b.current("journal", 30), "k4")
	}},
	{"Keys returns the keys for a use, oldest first, or all", func(b *box) {
		one, two, other := key("k9", "data"), key("k1", "data"), key("k5", "journal")
		one.Active, one.Retired, two.Active = at(1), at(2), at(3)
		b.must(b.d().AddKey(b.ctx, owner, one))
		b.must(b.d().AddKey(b.ctx, owner, other))
		b.must(b.d().AddKey(b.ctx, owner, two))
		b.equal("data", b.keys("data"), []trust.SealedKey{one, two})
		b.equal("journal", b.keys("journal"), []trust.SealedKey{other})
		b.equal("all", b.keys(""), []trust.SealedKey{one, two, other})
		b.equal("none", b.keys("identity"), []trust.SealedKey(nil))
		b.must(b.d().RetireKey(b.ctx, owner, "k5", fine(7)))
		other.Retired = at(7)
		b.equal("retired", b.keys("journal"), []trust.SealedKey{other})
		b.keys("journal")[0].PEM[0] = 'x'
		b.equal("the caller's", b.keys("journal"), []trust.SealedKey{other})
	}},
	{"AddKey refuses an id that is taken, for any use", func(b *box) {
		b.firstKey(owner, key("k1", "data"))
		for _, use := range []string{"data", "journal"} {
			if err := b.d().AddKey(b.ctx, owner, key("k1", use)); !errors.Is(err, trust.ErrKeyExists) {
				b.Fatal(use, err)
			}
		}
		b.must(b.d().AddKey(b.ctx, "other", key("k1", "data")))
		if b.d().AddKey(b.ctx, owner, trust.SealedKey{ID: "k2", Use: "data"}) == nil {
			b.Fatal("an empty key was kept")
		}
	}},
	{"DeleteKey removes a key; one that is not there can be neither retired nor deleted", func(b *box) {
		for _, id := range []string{"k1", "k2", "k3"} {
			b.must(b.d().AddKey(b.ctx, owner, key(id, "data")))
		}
		b.must(b.d().DeleteKey(b.ctx, owner, "k1"))
		for _, err := range []error{
			b.d().DeleteKey(b.ctx, owner, "k1"), b.d().RetireKey(b.ctx, owner, "k1", t0),
			b.d().DeleteKey(b.ctx, "other", "k2"), b.d().RetireKey(b.ctx, "other", "k2", t0),
		} {
			if !errors.Is(err, trust.ErrNoKey) {
				b.Fatal(err)
			}
		}
		b.equal("no first one", b.firstKey(owner, key("k4", "data")), key("k3", "data"))
		b.must(b.d().DeleteKey(b.ctx, owner, "k3"))
		b.must(b.d().AddKey(b.ctx, owner, key("k1", "data")))
		b.equal("added again", b.keys("data"), []trust.SealedKey{key("k2", "data"), key("k1", "data")})
	}},
	{"replicas that add keys at the same time keep all", func(b *box) {
		b.domains(16, func(i int, d Domain) error { return d.AddKey(b.ctx, owner, key(string(rune('a'+i)), "data")) })
		b.equal("keys", len(b.keys("data")), 16)
	}},
	{"what is returned is the caller's", func(b *box) {
		k := b.firstKey(owner, key("k1", "data"))
		k.PEM[0] = 'x'
		b.equal("kept", b.firstKey(owner, key("k2", "data")), key("k1", "data"))
	}},
}

func key(id, use string) trust.SealedKey {
	return trust.SealedKey{ID: id, Use: use, PEM: []byte("PEM of " + id + " for " + use)}
}

// current returns the id of the key for a use at a time.
func (b *box) current(use string, seconds int) string {
	b.Helper()
	k, err := b.d().CurrentKey(b.ctx, owner, use, at(seconds))
	if errors.Is(err, trust.ErrNoKey) {
		return "none"
	}
	b.must(err)
	return k.ID
}

func (b *box) keys(use string) []trust.SealedKey {
	b.Helper()
	list, err := b.d().Keys(b.ctx, owner, use)
	b.must(err)
	return list
}

func (b *box) firstKey(contextID string, k trust.SealedKey) trust.SealedKey {
	b.Helper()
	kept, err := b.d().FirstKey(b.ctx, contextID, k)
	b.must(err)
	return kept
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// draws is a source of randomness that yields these places first.
func draws(places ...uint32) io.Reader {
	var b bytes.Buffer
	for _, p := range places {
		_ = binary.Write(&b, binary.BigEndian, p)
	}
	return io.MultiReader(&b, rand.NewChaCha8([32]byte{9}))
}

// with replaces the service's source of randomness.
func (s *scene) with(random io.Reader) {
	s.config.Rand = &lockedRand{source: random}
	s.service = issuer.New(s.config)
}

func TestPlaces_Collisions(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newScene(t, approving)
		taken := rapid.SliceOfNDistinct(rapid.IntRange(0, 63), 0, 60, rapid.ID).Draw(r, "taken")
		s.store.fill(s.issuer.Context, 1, taken...)
		s.with(draws(rapid.SliceOfN(rapid.Uint32Range(0, 63), 0, 300).Draw(r, "drawn")...))
		s.ask("pid-1", membership11, membership20, sensitive11)
		s.work()
		list, err := s.store.IssuedCredentials(t.Context(), s.issuer.Context, s.holder.DID, "", 10)
		if err != nil || len(list) != 3 {
			r.Fatalf("%d credentials, %v", len(list), err)
		}
		used := map[int]bool{}
		for _, i := range taken {
			used[i] = true
		}
		for _, c := range list {
			if c.List != 1 || used[c.Index] || c.Index < 0 || c.Index >= status.MinBits {
				r.Fatalf("place %d of list %d was free to nobody", c.Index, c.List)
			}
			used[c.Index] = true
		}
	})
}

// In a list that is almost half full a request for many credentials finds its
// places at the second try.
func TestPlaces_ManyInAFullList(t *testing.T) {
	s := newScene(t, approving)
	taken := make([]int, status.MinBits/2-4)
	for i := range taken {
		taken[i] = 2 * i
	}
	s.store.fill(s.issuer.Context, 1, taken...)
	s.with(draws(0, 2, 4, 6))
	tries := 0
	s.store.before = func(method string) error {
		if method == "ListUse" {
			tries++
		}
		return nil
	}
	s.ask("pid-1", membership11, membership20, sensitive11, "SensitiveDataCredential-vc20")
	s.work()
	if got := len(payloads(s.wallet.one())); got != 4 || tries != 2 {
		t.Errorf("%d credentials in %d tries, want 4 in 2", got, tries)
	}
}

func TestPlaces_ASourceThatRepeatsItself(t *testing.T) {
	s := newScene(t, approving)
	s.with(zeros{})
	id := s.ask("pid-1", membership11, membership20)
	s.work()
	if r := s.kept(id); !strings.Contains(r.LastError, "repeats itself") || s.store.count() != 0 {
		t.Errorf("%+v", r)
	}
	s.with(strings.NewReader(""))
	s.world.Clock.Advance(time.Hour)
	s.work()
	if r := s.kept(id); !strings.Contains(r.LastError, "randomness") {
		t.Errorf("%+v", r)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestPlaces_Rollover(t *testing.T) {
	half := make([]int, status.MinBits/2)
	for i := range half {
		half[i] = 2 * i
	}
	for _, c := range []struct {
		name  string
		taken []int
		list  int
	}{
		{"the first", nil, 1},
		{"almost half of it taken", half[:len(half)-2], 1},
		{"no room for two below half", half[:len(half)-1], 2},
		{"half of it taken", half, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t, approving)
			if c.taken != nil {
				s.store.fill(s.issuer.Context, 1, c.taken...)
			}
			s.ask("pid-1", membership11, membership20)
			s.work()
			for _, p := range payloads(s.wallet.one()) {
				read, err := vc.Read(p)
				if err != nil {
					t.Fatal(err)
				}
				if want := "https://registrar.example/status/" + string(rune('0'+c.list)) + "-revocation-"; !strings.HasPrefix(read.Status[0].List, want) {
					t.Errorf("list %s, want %s...", read.Status[0].List, want)
				}
				if err := s.statusOf(p); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

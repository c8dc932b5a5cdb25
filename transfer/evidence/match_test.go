// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

// sides has both sides of a transfer see the same bodies, the consumer in
// another order, and declares what they say after change.
func sides(t *testing.T, change func(provider, consumer *[]transfer.Movement)) (p, c evidence.Declaration) {
	t.Helper()
	w := newWorld()
	var sent []transfer.Movement
	for i := range 20 {
		sent = append(sent, body(fmt.Sprint(i), int64(100+i)))
	}
	sent = append(sent, body("large", evidence.Large), body("larger", 2*evidence.Large))
	received := append([]transfer.Movement(nil), sent...)
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(received), func(i, j int) { received[i], received[j] = received[j], received[i] })
	change(&sent, &received)
	for _, m := range sent {
		m.Context, m.Process = "provider", "of the peer"
		w.Moved(t.Context(), m)
	}
	for _, m := range received {
		m.Context, m.Process, m.Sent = "consumer", "of the peer", !m.Sent
		w.Moved(t.Context(), m)
	}
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := w.Declare(t.Context(), "provider", "of the peer", "", 0)
	c, err2 := w.Declare(t.Context(), "consumer", "of the peer", "", 0)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	return p, c
}

func TestMatch(t *testing.T) {
	none := func(_, _ *[]transfer.Movement) {}
	for name, c := range map[string]struct {
		moved    func(p, c *[]transfer.Movement)
		declared func(p, c *evidence.Declaration)
		differ   string // what, with a blank behind each
	}{
		"the same": {none, nil, ""},
		"nothing":  {func(p, c *[]transfer.Movement) { *p, *c = nil, nil }, nil, ""},
		"in both ways": {func(p, c *[]transfer.Movement) {
			m := body("up", 5)
			m.Sent = false
			*p, *c = append(*p, m), append(*c, m)
		}, nil, ""},
		"a body more":         {func(p, _ *[]transfer.Movement) { *p = append(*p, body("more", 1)) }, nil, "bodies bytes digest"},
		"a body twice":        {func(_, c *[]transfer.Movement) { *c = append(*c, body("3", 103)) }, nil, "bodies bytes digest"},
		"one large more":      {func(p, _ *[]transfer.Movement) { *p = append(*p, body("more", evidence.Large)) }, nil, "bodies bytes digest body"},
		"another hash":        {func(p, _ *[]transfer.Movement) { (*p)[3].SHA256 = strings.Repeat("b", 64) }, nil, "digest"},
		"another name":        {func(p, _ *[]transfer.Movement) { (*p)[3].TrackingID = "x" }, nil, "digest"},
		"another length":      {func(p, _ *[]transfer.Movement) { (*p)[3].Bytes++ }, nil, "bytes digest"},
		"swapped lengths":     {func(p, _ *[]transfer.Movement) { (*p)[3].Bytes++; (*p)[4].Bytes-- }, nil, "digest"},
		"large, another hash": {func(p, _ *[]transfer.Movement) { (*p)[20].SHA256 = strings.Repeat("b", 64) }, nil, "digest body body"},
		"cut at one side":     {func(_, c *[]transfer.Movement) { (*c)[0].Whole = false }, nil, "bodies bytes digest"},
		"cut at both": {func(p, c *[]transfer.Movement) {
			m := body("cut", 9)
			m.Whole = false
			*p = append(*p, m)
			m.Bytes = 4
			*c = append(*c, m)
		}, nil, ""},
		"one way only":      {func(p, _ *[]transfer.Movement) { *p = nil }, nil, "bodies bytes digest body body"},
		"two providers":     {none, func(_, c *evidence.Declaration) { c.Role = "provider" }, "role"},
		"another peer":      {none, func(p, _ *evidence.Declaration) { p.Peer = "did:web:x" }, "consumer"},
		"another agreement": {none, func(p, _ *evidence.Declaration) { p.Agreement = "x" }, "agreement"},
		"another transfer":  {none, func(p, _ *evidence.Declaration) { p.ProviderPID, p.ConsumerPID = "x", "y" }, "providerPid consumerPid"},
		"another dataset":   {none, func(_, c *evidence.Declaration) { c.Dataset = "x" }, "dataset"},
	} {
		t.Run(name, func(t *testing.T) {
			p, d := sides(t, c.moved)
			if c.declared != nil {
				c.declared(&p, &d)
			}
			r := evidence.Match(p, d)
			var differ []string
			for _, one := range r.Differences {
				differ = append(differ, strings.Fields(one.What)[0])
			}
			if got := strings.Join(differ, " "); got != c.differ || r.Agree != (got == "") {
				t.Errorf("%q differ, want %q: %+v", got, c.differ, r)
			}
			if back := evidence.Match(d, p); back.Agree != r.Agree {
				t.Error("it depends on the order of the two")
			}
		})
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/examples/battery/data"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

// A supplier whose connector takes calls and never answers one costs its customer
// the time that it is willing to wait, and no more.
func TestSilentSupplier(t *testing.T) {
	address := silence(t)
	chain, err := footprint.Load(data.Tutorial())
	if err != nil {
		t.Fatal(err)
	}
	s, err := start(t.Context(), chain, t.TempDir(), options{wait: 200 * time.Millisecond})
	t.Cleanup(func() {
		if err := s.close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.final().Participant.PutPeer(t.Context(), connector.PeerConfig{
		ID: s.byID["b"].DID, URL: "http://" + address + "/b/dsp/2025-1",
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s.out = &out
	began := time.Now()
	if err := s.round(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("one question took %s", took)
	}
	s.printFootprint()
	if err := s.settle(t.Context()); err != nil {
		t.Error(err)
	}
	for _, phrase := range []string{"nothing came within 200ms", "Nothing is declared", "a lacks part-a1: no answer from b", "Transfers: 0"} {
		if !strings.Contains(out.String(), phrase) {
			t.Errorf("it does not say %q:\n%s", phrase, &out)
		}
	}
}

// silence is a listener that accepts and says nothing.
func silence(t *testing.T) string {
	t.Helper()
	var listening net.ListenConfig
	l, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var held []net.Conn
		for {
			c, err := l.Accept()
			if err != nil {
				break
			}
			held = append(held, c)
		}
		for _, c := range held {
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// Whatever keeps a number from the final product's maker, the total says so.
func TestWhatIsMissing(t *testing.T) {
	for name, test := range map[string]struct {
		supplier string // the supplier's file, after its id
		says     []string
	}{
		"withheld": {
			`"part": {"id": "p", "name": "P", "declaredUnit": "kgCO2e/kg"}, "own": {"pre": "7.5", "main": "2"}, "withhold": true`,
			[]string{"pre-processing withheld, main production withheld", ": withheld\n", "total, at least", " 3 kgCO2e", "c lacks p: s withholds its totals"},
		},
		"not known": {
			`"part": {"id": "p", "name": "P", "declaredUnit": "kgCO2e/kg"}, "own": {"pre": null, "main": "2"}`,
			[]string{"pre-processing withheld, main production 2,", ": partial\n", " 7 kgCO2e", "s lacks pre: own emissions are not known", "c lacks p: s answers in part, missing behind it: 1"},
		},
		"another unit": {
			`"part": {"id": "p", "name": "P", "declaredUnit": "kgCO2e/unit"}, "own": {"pre": "7.5", "main": "2"}`,
			[]string{"no answer  answer refused: p: wrong unit: the answer is per unit, the amount is in kg", " 3 kgCO2e", "c lacks p: no answer from s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range map[string]string{
				"s.json": `{"id": "s", "name": "S", "fictional": true, ` + test.supplier + `}`,
				"c.json": `{"id": "c", "name": "C", "fictional": true, "part": {"id": "f", "name": "F", "declaredUnit": "kgCO2e/unit"},
					"own": {"pre": "1", "main": "2"}, "children": [{"part": "p", "supplier": "s", "amount": "2", "unit": "kg"}],
					"energy": {"capacityKWh": "1", "cyclesPerYear": "1", "years": "1"}}`,
			} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			out := play(t, "-data", dir, "-keep", t.TempDir(), "-refused=false")
			for _, phrase := range append(test.says, "Nothing is declared", "all completed") {
				if !strings.Contains(out, phrase) {
					t.Errorf("it does not say %q:\n%s", phrase, out)
				}
			}
			if strings.Contains(out, "7.5") || strings.Contains(out, "kgCO2e/kWh") {
				t.Errorf("it tells too much:\n%s", out)
			}
		})
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func addSamples(f *testing.F) {
	f.Helper()
	for _, typ := range slices.Sorted(maps.Keys(samples)) {
		f.Add([]byte(samples[typ]))
	}
	f.Add([]byte(prefixedSample))
	f.Add([]byte(`{"@context":["` + ContextURL + `",{"p":"` + Namespace + `"}],"@graph":[{"@type":"p:TransferCompletionMessage","p:providerPid":"x","p:consumerPid":{"@value":"y"}}]}`))
}

// FuzzDecode: whatever a peer sends, Decode answers, and what it accepts can
// be written (once it is complete) and is read back unchanged.
func FuzzDecode(f *testing.F) {
	addSamples(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := Decode(body)
		if err != nil {
			if e := AsError(err); e.Code == "" || e.Reason == "" {
				t.Errorf("no code or reason: %v", err)
			}
			return
		}
		if len(d.Hash) != 64 {
			t.Errorf("hash %q", d.Hash)
		}
		roundTrip(t, d.Message)
	})
}

// FuzzExpansion reads every text as JSON-LD, also what Decode reads as plain.
func FuzzExpansion(f *testing.F) {
	addSamples(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, failed := scan(body)
		if failed != nil {
			return
		}
		listed, failed := readContexts(&doc)
		if failed != nil {
			return
		}
		d, failed := listed.readExpanded(&doc, nil)
		if failed == nil {
			roundTrip(t, d.Message)
		}
		_, _ = NQuads(body)
		_, _ = ExpandedJSONLD(body)
	})
}

func roundTrip(t *testing.T, m Message) {
	t.Helper()
	complete(m)
	out, err := Encode(m)
	if err != nil {
		if strings.Contains(err.Error(), "at least one constraint") || strings.Contains(err.Error(), "occurs twice") {
			return // accepted of peers, never sent
		}
		t.Fatalf("cannot be written: %v\n%#v", err, m)
	}
	again, err := Decode(out, m.MessageType())
	if err != nil {
		t.Fatalf("cannot be read back: %v\n%s", err, out)
	}
	if again.Expanded || len(again.Exceptions) > 0 {
		t.Errorf("was not written strictly: %v\n%s", again.Exceptions, out)
	}
	if diff := cmp.Diff(m, again.Message); diff != "" {
		t.Errorf("(-read +read back)\n%s\n%s", diff, out)
	}
}

// FuzzScan compares the scanner with encoding/json: it accepts nothing that
// the other refuses, and refuses only more.
func FuzzScan(f *testing.F) {
	addSamples(f)
	for _, s := range []string{`1`, `-0.5e+3`, `"\u00e9\ud83d\ude00\n"`, `[ true , null ]`, `{"a":{"a":1},"b":[]}`, "\"\u2028\"", `"\ufffd"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, failed := scan(body)
		valid := json.Valid(body)
		if failed == nil && !valid {
			t.Fatalf("accepted %q", body)
		}
		if failed != nil {
			stricter := failed.Code != CodeMalformedJSON || strings.Contains(failed.Reason, "UTF-8") || strings.Contains(failed.Reason, "surrogate") || strings.Contains(failed.Reason, "hexadecimal")
			if valid && !stricter {
				t.Fatalf("refused %q: %v", body, failed)
			}
			return
		}
		var want, got any
		decodeNumbers(t, body, &want)
		decodeNumbers(t, v.canonical(), &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-encoding/json +scan)\n%s", diff)
		}
	})
}

func decodeNumbers(t *testing.T, text []byte, into *any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// FuzzPolicy: a policy survives its compact form, which is a fixed point.
func FuzzPolicy(f *testing.F) {
	for _, s := range []string{sampleOffer, sampleAgreement, `{}`, `{"permission":[{"action":"odrl:use","duty":[{"action":"x"}],"constraint":[{"and":{"leftOperand":"x","operator":"odrl:eq","rightOperand":[5]},"leftOperand":"y"}]}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ParsePolicy(text)
		if err != nil {
			return
		}
		compact, err := p.Compact()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePolicy(compact)
		if err != nil {
			t.Fatalf("%v\n%s", err, compact)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Errorf("(-parsed +parsed again)\n%s\n%s", diff, compact)
		}
	})
}

func FuzzVersions(f *testing.F) {
	f.Add([]byte(`{"protocolVersions":[{"version":"2025-1","path":"/dsp","binding":"HTTPS","serviceId":"s","auth":{"protocol":"DCP","version":"1.0","profile":["vc20-bssl/jwt"]}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := DecodeVersions(body)
		if err != nil {
			return
		}
		out, err := EncodeVersions(d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeVersions(out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, again); diff != "" {
			t.Error(diff)
		}
	})
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
)

const entryText = `{"id":"https://registrar.example/status/1#42","type":"StatusList2021Entry","statusPurpose":"revocation","statusListIndex":"42","statusListCredential":"https://registrar.example/status/1"}`

// with changes one member of the entry; an empty value takes it away.
func with(member, value string) string {
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(entryText), &m); err != nil {
		panic(err)
	}
	m[member] = json.RawMessage(value)
	if value == "" {
		delete(m, member)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// entries runs ParseEntries on texts that must be refused by a number, and on
// texts that must pass.
func entries(t *testing.T, check string, refused, accepted []string) {
	t.Helper()
	t.Run("refused", func(t *testing.T) {
		for _, text := range refused {
			got, err := ParseEntries(json.RawMessage(text))
			wantRefusal(t, err, check)
			if got != nil {
				t.Errorf("%s gives %v", text, got)
			}
		}
	})
	t.Run("accepted", func(t *testing.T) {
		for _, text := range accepted {
			if _, err := ParseEntries(json.RawMessage(text)); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	})
}

func TestV87_Index(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		for _, index := range []string{
			`-1`, `"-1"`, `"+1"`, `1.5`, `"1.5"`, `1.0`, `1e3`, `"1e3"`, `1E3`, `"007"`, `"00"`, `""`, `" 1"`, `"1 "`, `"0x1"`, `"1_0"`,
			`"４２"`, `null`, `true`, `[42]`, `{}`, ``, `9007199254740993`, `"9007199254740993"`, `"18446744073709551616"`,
		} {
			if n, err := ParseIndex(json.RawMessage(index)); err == nil {
				t.Errorf("%s is %d", index, n)
			} else {
				wantRefusal(t, err, "V87")
			}
			_, err := ParseEntries(json.RawMessage(with("statusListIndex", index)))
			wantRefusal(t, err, "V87")
		}
		for _, index := range []uint64{MinBits, MinBits + 1, maxIndex, maxIndex + 1, 1<<64 - 1} {
			w := newWorld(t)
			w.entry.Entries[0].Index = index
			wantRefusal(t, w.checker().Check(t.Context(), w.entry), "V87")
		}
	})
	t.Run("accepted", func(t *testing.T) {
		for text, want := range map[string]uint64{
			`"0"`: 0, `0`: 0, `"42"`: 42, `42`: 42, `"131071"`: 131071, `"9007199254740992"`: 1 << 53,
		} {
			if n, err := ParseIndex(json.RawMessage(text)); n != want || err != nil {
				t.Errorf("%s: %d, %v", text, n, err)
			}
			if _, err := ParseEntries(json.RawMessage(with("statusListIndex", text))); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
		w := newWorld(t)
		w.entry.Entries[0].Index = MinBits - 1
		if err := w.checker().Check(t.Context(), w.entry); err != nil {
			t.Error(err)
		}
	})
}

func TestV91_UnknownType(t *testing.T) {
	entries(t, "V91", []string{
		with("type", `"RevocationList2020Status"`),
		with("type", `"statuslist2021entry"`),
		with("type", `["StatusList2021Entry","BitstringStatusListEntry"]`),
		with("type", `[]`),
		with("type", ``),
		`[` + entryText + `,` + with("type", `"Other"`) + `]`,
		`"StatusList2021Entry"`,
		`[1]`,
		`[`,
		`42`,
	}, []string{
		entryText,
		with("type", `"BitstringStatusListEntry"`),
		with("type", `["StatusList2021Entry"]`),
		with("type", `["Other","StatusList2021Entry"]`),
	})
	// A credential that was read before is judged by the same rule.
	w := newWorld(t)
	w.entry.Entries[0].Type = "RevocationList2020Status"
	wantRefusal(t, w.checker().Check(t.Context(), w.entry), "V91")
}

func TestV93_Size(t *testing.T) {
	entries(t, "V93",
		[]string{with("statusSize", `2`), with("statusSize", `0`), with("statusSize", `"2"`), with("statusSize", `null`), with("statusSize", `1.0`)},
		[]string{entryText, with("statusSize", `1`), with("statusSize", `"1"`)})
}

func TestParseEntries(t *testing.T) {
	want := []trust.StatusEntry{{ID: listURL + "#42", Type: StatusList2021, Purpose: Revocation, List: listURL, Index: 42}}
	for text, want := range map[string][]trust.StatusEntry{
		``: nil, `null`: nil, `[]`: nil, ` `: nil,
		entryText:                               want,
		"[" + entryText + "]":                   want,
		with("statusListIndex", `42`):           want,
		`[` + entryText + `,` + entryText + `]`: {want[0], want[0]},
	} {
		got, err := ParseEntries(json.RawMessage(text))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", text, err, diff)
		}
	}
	for check, text := range map[string]string{
		"V92": "[" + strings.Repeat(entryText+",", maxEntries) + entryText + "]",
		"V86": with("statusPurpose", `"message"`),
		"V82": with("statusListCredential", fmt.Sprintf("%q", strings.Repeat("a", maxListURL+1))),
	} {
		_, err := ParseEntries(json.RawMessage(text))
		wantRefusal(t, err, check)
	}
}

func FuzzEntries(f *testing.F) {
	f.Add(entryText)
	f.Add("[" + entryText + "," + with("statusListIndex", `42`) + "]")
	f.Add(with("statusSize", `2`))
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := ParseEntries(json.RawMessage(text))
		if err != nil {
			if refusal, ok := errors.AsType[*trust.Refusal](err); !ok || refusal.Check < "V82" || refusal.Check > "V93" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, e := range entries {
			if err := known(e); err != nil || len(entries) > maxEntries {
				t.Fatalf("%q gives %v: %v", text, e, err)
			}
		}
	})
}

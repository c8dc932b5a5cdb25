// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// A presentation or credential of which one byte is another is refused,
// wherever the byte is: in the envelope, in the presentation, in a credential.
func TestEachByteCounts(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		w := newWorld(t)
		good := map[bool]string{true: present(t, p, []string{issue(t, p), issue(t, p)}), false: issue(t, p)}
		judge := func(presentation bool, token string) error {
			if !presentation {
				_, err := w.checker.Credential(t.Context(), token, w.want)
				return err
			}
			entry, err := json.Marshal(token)
			if err != nil {
				return err
			}
			_, err = w.checker.Presentation(t.Context(), entry, w.want)
			return err
		}
		for kind, token := range good {
			if err := judge(kind, token); err != nil {
				t.Fatal(err)
			}
		}
		rapid.Check(t, func(r *rapid.T) {
			kind := rapid.Bool().Draw(r, "presentation")
			changed := []byte(good[kind])
			at := rapid.IntRange(0, len(changed)-1).Draw(r, "at")
			by := rapid.Byte().Filter(func(b byte) bool { return b != changed[at] }).Draw(r, "by")
			switch rapid.IntRange(0, 2).Draw(r, "how") {
			case 0:
				changed[at] = by
			case 1:
				changed = append(changed[:at], changed[at+1:]...)
			case 2:
				changed = append(changed[:at], append([]byte{by}, changed[at:]...)...)
			}
			if string(changed) == good[kind] {
				return // one of two alike was taken out, or put in
			}
			err := judge(kind, string(changed))
			if _, ok := errors.AsType[*trust.Refusal](err); !ok {
				r.Fatalf("byte %d: %v", at, err)
			}
		})
	})
}

// What any draft says is what is read back, in both data models alike.
func TestIssueReadProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := draft()
		d.ID = rapid.StringMatching(`urn:[a-z]{1,8}:[a-zA-Z0-9-]{1,20}`).Draw(r, "id")
		d.Types = rapid.SliceOfN(rapid.StringMatching(`[A-Z][A-Za-z]{0,30}`), 1, 5).Draw(r, "types")
		value := rapid.String().Draw(r, "value")
		subject, err := json.Marshal(map[string]string{"id": holderDID, "value": value})
		if err != nil {
			r.Fatal(err)
		}
		d.Subject = subject
		d.Status = make([]trust.StatusEntry, rapid.IntRange(0, 8).Draw(r, "entries"))
		for i := range d.Status {
			d.Status[i] = trust.StatusEntry{
				Purpose: rapid.SampledFrom([]string{"revocation", "suspension"}).Draw(r, "purpose"),
				List:    "https://issuer.example/status", Index: rapid.Uint64Range(0, 1<<53).Draw(r, "index"),
			}
		}
		var read [2]vc.Credential
		for i, p := range profiles {
			token, err := vc.Issue(d, p, keys[issuerDID]())
			if err != nil {
				r.Fatal(err)
			}
			if read[i], err = vc.Read(token); err != nil {
				r.Fatal(err)
			}
			var got struct{ Value string }
			if err := json.Unmarshal(read[i].Subject, &got); err != nil || got.Value != value {
				r.Fatalf("%q became %q, %v", value, got.Value, err)
			}
			if len(read[i].Status) != len(d.Status) || len(read[i].Types) != len(d.Types)+1 || read[i].ID != d.ID {
				r.Fatalf("read %+v", read[i])
			}
			for j, s := range read[i].Status {
				if s.Index != d.Status[j].Index || s.Purpose != d.Status[j].Purpose {
					r.Fatalf("status %+v", s)
				}
			}
		}
		if !read[0].ValidFrom.Equal(read[1].ValidFrom) || !read[0].ValidUntil.Equal(read[1].ValidUntil) || read[0].Issuer != read[1].Issuer {
			r.Fatalf("%+v and %+v", read[0], read[1])
		}
	})
}

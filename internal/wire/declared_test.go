// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust/policy"
)

const purpose = odrlNamespace + "purpose"

// declaring are the requests by which a consumer declares things, each as
// plain JSON and in the forms that only expansion reads.
var declaring = map[Type]map[string]string{
	TypeContractRequest: {
		"plain":            sample(TypeContractRequest, `"consumerPid":"urn:c","callbackAddress":"https://c.example",%s,"offer":`+sampleOffer),
		"prefixed members": sample("dspace:ContractRequestMessage", `"dspace:consumerPid":{"@id":"urn:c"},"dspace:callbackAddress":"https://c.example",%s,"dspace:offer":`+sampleOffer),
		"full IRIs": sample(Namespace+"ContractRequestMessage", `"`+Namespace+`consumerPid":[{"@id":"urn:c"}],"`+Namespace+`callbackAddress":[{"@value":"https://c.example"}],%s,"`+Namespace+`offer":[{"@id":"urn:o","@type":["`+odrlNamespace+`Offer"],"`+
			odrlNamespace+`permission":[{"`+odrlNamespace+`action":[{"@id":"`+odrlNamespace+`use"}]}]}]`),
		"within a graph": `{` + dspOnly + `,"@graph":[{"@type":"ContractRequestMessage","consumerPid":"urn:c","callbackAddress":"https://c.example",%s,"offer":` + sampleOffer + `}]}`,
	},
	TypeTransferRequest: {
		"plain":            sample(TypeTransferRequest, `"consumerPid":"urn:c","agreementId":"urn:a","format":"HttpData-PULL","callbackAddress":"https://c.example",%s`),
		"prefixed members": sample("dspace:TransferRequestMessage", `"dspace:consumerPid":{"@id":"urn:c"},"dspace:agreementId":{"@id":"urn:a"},"dct:format":{"@id":"HttpData-PULL"},"dspace:callbackAddress":"https://c.example",%s`),
		"an own prefix":    `{"@context":["` + ContextURL + `",{"o":"` + odrlNamespace + `"}],"@type":"TransferRequestMessage","consumerPid":"urn:c","agreementId":"urn:a","format":"HttpData-PULL","callbackAddress":"https://c.example",%s}`,
	},
}

// TestDeclaredInEveryForm: whatever the message and the value are dressed in,
// the same texts arrive under the same IRI.
func TestDeclaredInEveryForm(t *testing.T) {
	const x, y = "https://example.org/purpose/x", "https://example.org/purpose/y"
	for typ, forms := range declaring {
		for form, body := range forms {
			for _, name := range []string{purpose, "odrl:purpose"} {
				for value, want := range map[string][]string{
					`"` + x + `"`: {x}, `["` + x + `"]`: {x}, `{"@id":"` + x + `"}`: {x}, `[{"@id":"` + x + `"}]`: {x}, `{"@value":"` + x + `"}`: {x},
					`["` + x + `",{"@id":"` + y + `"}]`: {x, y}, `{"@list":["` + y + `","` + x + `"]}`: {y, x}, `{"@set":["` + x + `"]}`: {x},
					`[{"@value":"` + x + `"},"` + y + `"]`: {x, y}, `{"@value":"` + x + `","@type":"xsd:anyURI"}`: {x}, `{"@value":"x","@language":"EN"}`: {"x"},
					`{"@id":"odrl:purpose"}`: {purpose}, `5.0`: {"5"}, `true`: {"true"}, `{"@value":7,"@type":"xsd:integer"}`: {"7"}, `""`: {""}, `null`: nil, `[]`: nil,
				} {
					text := fmt.Sprintf(body, fmt.Sprintf("%q:%s", name, value))
					got, unreadable := mustDecode(t, []byte(text), typ).Extra.Declared()
					if diff := cmp.Diff(want, got[purpose]); diff != "" || len(unreadable) > 0 {
						t.Errorf("%s, %s: unreadable %v (-want +got)\n%s\n%s", form, value, unreadable, diff, text)
					}
				}
			}
		}
	}
}

// TestDeclaredMarksWhatItCannotRead, wholly: half a list is no declaration.
func TestDeclaredMarksWhatItCannotRead(t *testing.T) {
	for typ, forms := range declaring {
		for form, body := range forms {
			for _, value := range []string{
				`{"https://example.org/a":"x"}`, `{"@id":"urn:x","https://example.org/a":"x"}`, `["x",{"https://example.org/a":"x"}]`, `12345678901234567890`,
				`{"@type":"@json","@value":{"a":1}}`, `{"@id":"urn:x","@type":"https://example.org/T"}`,
			} {
				text := fmt.Sprintf(body, `"odrl:purpose":`+value+`,"https://example.org/other":"y"`)
				got, unreadable := mustDecode(t, []byte(text), typ).Extra.Declared()
				want := map[string][]string{"https://example.org/other": {"y"}}
				if diff := cmp.Diff(want, got); diff != "" || len(unreadable) != 1 || unreadable[0] != purpose {
					t.Errorf("%s, %s: unreadable %v (-want +got)\n%s", form, value, unreadable, diff)
				}
			}
		}
	}
}

// TestDeclaredTwiceIsRefused, since one of the two would win.
func TestDeclaredTwiceIsRefused(t *testing.T) {
	for typ, forms := range declaring {
		for form, body := range forms {
			_, err := Decode(fmt.Appendf(nil, body, `"odrl:purpose":"x","`+purpose+`":"y"`), typ)
			if err == nil || !strings.Contains(err.Error(), "purpose") {
				t.Errorf("%s: %v", form, err)
			}
		}
	}
	body := strings.Replace(declaring[TypeTransferRequest]["plain"], `"]`, `","`+EDCContextURL+`"]`, 1)
	if _, err := Decode(fmt.Appendf(nil, body, `"description":"x","edc:descripti1on":"y"`)); err == nil {
		t.Error("a term of EDC beside its IRI was accepted")
	}
}

// TestDeclaredLimits at the limit and one beyond it.
func TestDeclaredLimits(t *testing.T) {
	many := func(n int) string {
		members := make([]string, n)
		for i := range members {
			members[i] = fmt.Sprintf(`"https://example.org/%d":"x"`, i)
		}
		return strings.Join(members, ",")
	}
	const name = "https://example.org/x"
	long := func(size int) string {
		return fmt.Sprintf("%q:%q", name, strings.Repeat("x", size-len(name)-2))
	}
	for typ, forms := range declaring {
		for form, body := range forms {
			for _, c := range []struct {
				members string
				ok      bool
			}{{many(MaxDeclared), true}, {many(MaxDeclared + 1), false}, {long(MaxDeclaredSize), true}, {long(MaxDeclaredSize + 1), false}} {
				_, err := Decode(fmt.Appendf(nil, body, c.members), typ)
				if (err == nil) != c.ok || err != nil && AsError(err).Code != CodeTooLarge {
					t.Errorf("%s %s, %d bytes: %v", typ, form, len(c.members), err)
				}
			}
		}
	}
}

// TestDeclaredIsSentStrictly: what we declare is valid under the schema and is
// read as it was meant.
func TestDeclaredIsSentStrictly(t *testing.T) {
	compiled := schemas(t)
	extra := Extra{
		purpose:                      json.RawMessage(`"https://example.org/purpose/x"`),
		"https://example.org/trade":  json.RawMessage(`[{"@id":"urn:t"},"u"]`),
		"https://example.org/typed":  json.RawMessage(`{"@value":"2026-11-23","@type":"xsd:date"}`),
		"dct:conformsTo":             json.RawMessage(`{"@id":"https://example.org/s"}`),
		EDCNamespace + "participant": json.RawMessage(`5`),
	}
	want := map[string][]string{
		purpose: {"https://example.org/purpose/x"}, "https://example.org/trade": {"urn:t", "u"}, "https://example.org/typed": {"2026-11-23"},
		"http://purl.org/dc/terms/conformsTo": {"https://example.org/s"}, EDCNamespace + "participant": {"5"},
	}
	for _, m := range []Message{
		&ContractRequest{ConsumerPID: "c", CallbackAddress: "u", Offer: Policy{ID: "o", Type: PolicyOffer, Permission: []Rule{{Action: "use"}}}, Extra: extra},
		&TransferRequest{ConsumerPID: "c", AgreementID: "a", Format: "f", CallbackAddress: "u", Extra: extra},
	} {
		out, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled[m.MessageType()].Validate(parse(t, out)); err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(out), `"odrl:purpose":`) || !strings.Contains(string(out), `"https://example.org/trade":`) {
			t.Errorf("names in %s", out)
		}
		d := mustDecode(t, out, m.MessageType())
		sameAsExpandedTexts(t, out, d, want)
	}
	for name, m := range map[string]Message{
		"dspace:consumerPid": &TransferRequest{ConsumerPID: "c", AgreementID: "a", Format: "f", CallbackAddress: "u", Extra: Extra{"dspace:consumerPid": json.RawMessage(`"d"`)}},
		"dspace:offer":       &ContractRequest{ConsumerPID: "c", CallbackAddress: "u", Offer: Policy{ID: "o", Type: PolicyOffer, Permission: []Rule{{Action: "use"}}}, Extra: Extra{Namespace + "offer": json.RawMessage(`"d"`)}},
	} {
		if out, err := Encode(m); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}

// sameAsExpandedTexts reads what was declared in both ways.
func sameAsExpandedTexts(t *testing.T, body []byte, plain Decoded, want map[string][]string) {
	t.Helper()
	doc, failed := scan(body)
	if failed != nil {
		t.Fatal(failed)
	}
	listed, failed := readContexts(&doc)
	if failed != nil {
		t.Fatal(failed)
	}
	expanded, failed := listed.readExpanded(&doc, nil)
	if failed != nil {
		t.Fatal(failed)
	}
	for _, d := range []Decoded{plain, expanded} {
		got, unreadable := d.Extra.Declared()
		if diff := cmp.Diff(want, got); diff != "" || len(unreadable) > 0 {
			t.Errorf("expanded %v: unreadable %v (-want +got)\n%s", d.Expanded, unreadable, diff)
		}
	}
}

// TestRecorded: what is kept says the same in every form, and what cannot be
// read is not taken for absent.
func TestRecorded(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"a text":      {`"x:a"`, `"x:a"`},
		"a literal":   {`{"@value":"x:a"}`, `"x:a"`},
		"a reference": {`{"@id":"odrl:a"}`, `"` + odrlNamespace + `a"`},
		"a set":       {`{"@set":["x:a",{"@value":"x:b"}]}`, `["x:a","x:b"]`},
		"a number":    {`7`, `"7"`},
		"nothing":     {`null`, ``},
		"an object":   {`{"x:y":"z"}`, `{"x:y":"z"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got := Extra{"odrl:purpose": json.RawMessage(tc.in)}.Recorded()
			if string(got[purpose]) != tc.want || len(got) > 1 {
				t.Errorf("kept is %s, want %s", got, tc.want)
			}
			read := policy.ReadDeclared(got)[purpose]
			if read.Unreadable != strings.HasPrefix(tc.want, "{") || (len(read.Values) == 0) != (tc.want == "" || read.Unreadable) {
				t.Errorf("a policy reads %+v", read)
			}
		})
	}
}

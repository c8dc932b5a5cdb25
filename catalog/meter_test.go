// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestLimitsThatNobodyCounts: an offer whose policy limits transfers or bytes
// is refused where a data plane of its assets does not count them, whichever of
// the two is published last.
func TestLimitsThatNobodyCounts(t *testing.T) {
	const counts, all, none = "Counts-PULL", "CountsAll-PULL", "Deaf-PULL"
	in := func(id string, formats ...string) catalog.Asset {
		a := asset(id)
		a.Formats, a.Labels = formats, map[string]string{"kind": "part"}
		return a
	}
	under := func(limit policy.Constraint, which catalog.Selector) catalog.Offer {
		o := offerOf("o", which)
		o.Usage = policy.Permit(policy.Use, limit)
		return o
	}
	label := catalog.Selector{Labels: map[string]string{"kind": "part"}}
	for name, tc := range map[string]struct {
		asset catalog.Asset
		offer catalog.Offer
		says  string // "": it can be published
	}{
		"no limit":                     {in("a", none), offerOf("o", label), ""},
		"transfers, counted":           {in("a", counts), under(policy.Times(3), label), ""},
		"bytes, counted":               {in("a", all), under(policy.Volume(3), byID("a")), ""},
		"transfers, by nobody":         {in("a", none), under(policy.Times(3), label), "limits transfers"},
		"bytes, by nobody":             {in("a", counts), under(policy.Volume(3), byID("a")), "limits bytes"},
		"bytes, in one of two formats": {in("a", all, counts), under(policy.Volume(3), catalog.Selector{All: true}), "limits bytes"},
		"below or": {
			in("a", none), under(policy.AnyOf(policy.ActiveMember(), policy.Times(3)), label), "limits transfers",
		},
		"of another asset": {in("a", none), under(policy.Times(3), catalog.Selector{Labels: map[string]string{"kind": "whole"}}), ""},
	} {
		orders := map[string]func(*house) error{
			"together": func(h *house) error {
				_, err := h.Publish(t.Context(), me, []catalog.Asset{tc.asset}, []catalog.Offer{tc.offer})
				return err
			},
			"the offer last": func(h *house) error {
				h.publish(t, []catalog.Asset{tc.asset})
				_, err := h.Publish(t.Context(), me, nil, []catalog.Offer{tc.offer})
				return err
			},
			"the asset last": func(h *house) error {
				fine := tc.asset
				fine.Formats = []string{all}
				h.publish(t, []catalog.Asset{fine}, tc.offer)
				_, err := h.Publish(t.Context(), me, []catalog.Asset{tc.asset}, nil)
				return err
			},
			"both anew": func(h *house) error { // what is replaced is not looked at
				deaf := tc.asset
				deaf.Formats = []string{none}
				h.publish(t, []catalog.Asset{deaf}, offerOf("o", label))
				_, err := h.Publish(t.Context(), me, []catalog.Asset{tc.asset}, []catalog.Offer{tc.offer})
				return err
			},
		}
		for order, publish := range orders {
			t.Run(name+"/"+order, func(t *testing.T) {
				h := newHouse(t)
				h.meters = map[string]bool{counts: false, all: true}
				err := publish(h)
				switch {
				case tc.says == "" && err != nil:
					t.Errorf("refused: %v", err)
				case tc.says != "" && (code(err) != catalog.CodePolicy || !strings.Contains(err.Error(), tc.says)):
					t.Errorf("got %v, want it to say %q", err, tc.says)
				}
			})
		}
	}
}

// TestAccessPolicies: who sees an offer is judged by what was proved, for the
// list and for the single dataset alike, and Explain says the same.
func TestAccessPolicies(t *testing.T) {
	h := newHouse(t)
	open, later := offerOf("o-open", byID("a")), offerOf("o-later", byID("b"))
	later.Access = policy.Permit(policy.Use, policy.Since(h.now.AddDate(0, 0, 1)))
	members := offerOf("o-members", byID("c"))
	members.Access = policy.Permit(policy.Use, policy.ActiveMember())
	h.publish(t, []catalog.Asset{asset("a"), asset("b"), asset("c")}, open, later, members)

	check := func(want ...string) {
		t.Helper()
		_, ids := h.ask(t, "", "")
		same(t, "the list", ids, want)
		for _, id := range []string{"a", "b", "c"} {
			_, err := h.Dataset(t.Context(), me, buyer, id)
			seen := strings.Contains(strings.Join(want, " "), id)
			if (err == nil) != seen {
				t.Errorf("%s: %v, in the list: %t", id, err, seen)
			}
			views, err := h.Explain(t.Context(), me, id, buyer)
			if err != nil || len(views) != 1 || views[0].Access.Permit != seen || seen == (views[0].Access.Reason != "") {
				t.Errorf("%s is explained as %+v: %v", id, views, err)
			}
		}
	}
	check("a")
	h.now = h.now.AddDate(0, 0, 2)
	check("a", "b")
	if _, err := h.Explain(t.Context(), me, "d", buyer); code(err) != catalog.ErrNotFound.Error() {
		t.Errorf("an asset that is not there: %v", err)
	}
}

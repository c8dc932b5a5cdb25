// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package caltime_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/caltime"
)

func TestMoment(t *testing.T) {
	tokyo := time.FixedZone("", 9*3600)
	for name, c := range map[string]struct {
		text         string
		zone         *time.Location
		begins, ends string // no end: an instant
		canonical    string
	}{
		"instant with offset":    {"2027-07-01T00:00:00+09:00", nil, "2027-06-30T15:00:00Z", "", "2027-06-30T15:00:00Z"},
		"instant in UTC":         {"2027-07-01T00:00:00Z", tokyo, "2027-07-01T00:00:00Z", "", "2027-07-01T00:00:00Z"},
		"instant, zone given":    {"2027-07-01T00:00:00", tokyo, "2027-06-30T15:00:00Z", "", "2027-06-30T15:00:00Z"},
		"instant, none given":    {"2027-07-01T00:00:00", nil, "2027-07-01T00:00:00Z", "", "2027-07-01T00:00:00Z"},
		"fraction":               {"2027-07-01T00:00:00.1234567890Z", nil, "2027-07-01T00:00:00.123456789Z", "", "2027-07-01T00:00:00.123456789Z"},
		"24:00":                  {"2027-12-31T24:00:00Z", nil, "2028-01-01T00:00:00Z", "", "2028-01-01T00:00:00Z"},
		"24:00 with fraction 0":  {"2027-12-31T24:00:00.0+09:00", nil, "2027-12-31T15:00:00Z", "", "2027-12-31T15:00:00Z"},
		"farthest offset":        {"2027-01-01T00:00:00-14:00", nil, "2027-01-01T14:00:00Z", "", "2027-01-01T14:00:00Z"},
		"minus nothing":          {"2027-01-01T00:00:00-00:00", tokyo, "2027-01-01T00:00:00Z", "", "2027-01-01T00:00:00Z"},
		"first":                  {"0001-01-01T00:00:00Z", nil, "0001-01-01T00:00:00Z", "", "0001-01-01T00:00:00Z"},
		"last":                   {"9999-12-31T23:59:59.999999999Z", nil, "9999-12-31T23:59:59.999999999Z", "", "9999-12-31T23:59:59.999999999Z"},
		"day":                    {"2027-07-01", nil, "2027-07-01T00:00:00Z", "2027-07-02T00:00:00Z", "2027-07-01Z"},
		"day in UTC":             {"2027-07-01Z", tokyo, "2027-07-01T00:00:00Z", "2027-07-02T00:00:00Z", "2027-07-01Z"},
		"day with offset":        {"2027-07-01+09:00", nil, "2027-06-30T15:00:00Z", "2027-07-01T15:00:00Z", "2027-07-01+09:00"},
		"day west":               {"2027-07-01-08:30", nil, "2027-07-01T08:30:00Z", "2027-07-02T08:30:00Z", "2027-07-01-08:30"},
		"day, zone given":        {"2027-07-01", tokyo, "2027-06-30T15:00:00Z", "2027-07-01T15:00:00Z", "2027-07-01+09:00"},
		"leap day":               {"2028-02-29", nil, "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z", "2028-02-29Z"},
		"day in Tokyo":           {"2027-03-28", zone(t, "Asia/Tokyo"), "2027-03-27T15:00:00Z", "2027-03-28T15:00:00Z", "2027-03-28+09:00"},
		"day of 23 hours":        {"2027-03-28", zone(t, "Europe/Berlin"), "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z", "2027-03-28+01:00"},
		"day of 25 hours":        {"2027-10-31", zone(t, "Europe/Berlin"), "2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z", "2027-10-31+02:00"},
		"summer in Berlin":       {"2027-07-01T12:00:00", zone(t, "Europe/Berlin"), "2027-07-01T10:00:00Z", "", "2027-07-01T10:00:00Z"},
		"day without a midnight": {"2018-11-04", zone(t, "America/Sao_Paulo"), "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z", "2018-11-04-02:00"},
		"two midnights":          {"2027-11-07", zone(t, "America/Havana"), "2027-11-07T04:00:00Z", "2027-11-08T05:00:00Z", "2027-11-07-04:00"},
		"before two 23 o'clocks": {"2018-02-17", zone(t, "America/Sao_Paulo"), "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z", "2018-02-17-02:00"},
		"day left out":           {"2011-12-30", zone(t, "Pacific/Apia"), "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31+14:00"},
	} {
		m, err := caltime.ParseMoment(c.text, c.zone)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		ends := at(t, c.begins).Add(1)
		if c.ends != "" {
			ends = at(t, c.ends)
		}
		if !m.Begins().Equal(at(t, c.begins)) || !m.Ends().Equal(ends) || m.String() != c.canonical {
			t.Errorf("%s: %s, from %s to %s", name, m, m.Begins().UTC(), m.Ends().UTC())
		}
	}
}

func TestMomentMalformed(t *testing.T) {
	for name, c := range map[string]struct{ text, reason string }{
		"empty":                  {"", "YYYY-MM-DD"},
		"zone alone":             {"+09:00", "YYYY-MM-DD"},
		"time alone":             {"T00:00:00Z", "YYYY-MM-DD"},
		"month alone":            {"2027-07", "YYYY-MM-DD"},
		"blank before":           {" 2027-07-01", "YYYY-MM-DD"},
		"blank for T":            {"2027-07-01 00:00:00Z", "YYYY-MM-DD"},
		"small t":                {"2027-07-01t00:00:00Z", "YYYY-MM-DD"},
		"small z":                {"2027-07-01z", "YYYY-MM-DD"},
		"no hyphens":             {"20270701", "YYYY-MM-DD"},
		"slashes":                {"2027/07/01", "YYYY-MM-DD"},
		"letter in the year":     {"2o27-07-01", "YYYY-MM-DD"},
		"sign in the month":      {"2027-+7-01", "YYYY-MM-DD"},
		"year before":            {"-2027-07-01", "YYYY-MM-DD"},
		"year of five digits":    {"12027-07-01", "YYYY-MM-DD"},
		"year zero":              {"0000-07-01", "from the year 0001"},
		"month 0":                {"2027-00-01", "calendar does not have"},
		"month 13":               {"2027-13-01", "calendar does not have"},
		"day 0":                  {"2027-07-00", "calendar does not have"},
		"31 June":                {"2027-06-31", "calendar does not have"},
		"no leap year":           {"2027-02-29", "calendar does not have"},
		"no leap year, century":  {"2100-02-29T00:00:00Z", "calendar does not have"},
		"T without a time":       {"2027-07-01T", "hh:mm:ss"},
		"no seconds":             {"2027-07-01T00:00Z", "hh:mm:ss"},
		"one digit":              {"2027-07-01T0:00:00Z", "hh:mm:ss"},
		"letter in the minutes":  {"2027-07-01T00:o0:00Z", "hh:mm:ss"},
		"blank behind":           {"2027-07-01T00:00:00Z ", "hh:mm:ss"},
		"two zones":              {"2027-07-01T00:00:00ZZ", "hh:mm:ss"},
		"two offsets":            {"2027-07-01T00:00:00+01:00+01:00", "hh:mm:ss"},
		"hour 25":                {"2027-07-01T25:00:00Z", "clock does not show"},
		"minute after 24":        {"2027-07-01T24:01:00Z", "clock does not show"},
		"nanosecond after 24":    {"2027-07-01T24:00:00.000000001Z", "clock does not show"},
		"minute 60":              {"2027-07-01T00:60:00Z", "clock does not show"},
		"leap second":            {"2027-06-30T23:59:60Z", "clock does not show"},
		"point without more":     {"2027-07-01T00:00:00.Z", "point without digits"},
		"comma":                  {"2027-07-01T00:00:00,5Z", "hh:mm:ss"},
		"too fine":               {"2027-07-01T00:00:00.0000000001Z", "finer than"},
		"offset without minutes": {"2027-07-01T00:00:00+09", "hh:mm:ss"},
		"offset without colon":   {"2027-07-01T00:00:00+0900", "hh:mm:ss"},
		"offset beyond 14":       {"2027-07-01T00:00:00+14:01", "a zone is"},
		"offset minute 60":       {"2027-07-01+09:60", "a zone is"},
		"offset of letters":      {"2027-07-01+aa:00", "a zone is"},
		"before the first":       {"0001-01-01T00:00:00+00:01", "outside the years"},
		"after the last":         {"9999-12-31T24:00:00Z", "outside the years"},
		"long":                   {"2027-07-01T00:00:00." + strings.Repeat("0", 50) + "Z", "longer than 64"},
	} {
		_, err := caltime.ParseMoment(c.text, nil)
		refused(t, name, err, c.reason)
	}
}

func TestCompare(t *testing.T) {
	day, err := caltime.ParseMoment("2027-07-01+09:00", nil)
	if err != nil {
		t.Fatal(err)
	}
	noon := at(t, "2027-07-01T12:00:00Z")
	for _, c := range []struct {
		m    caltime.Moment
		t    string
		want int
	}{
		{day, "2027-06-30T14:59:59.999999999Z", -1},
		{day, "2027-06-30T15:00:00Z", 0},
		{day, "2027-07-01T23:59:59.999999999+09:00", 0},
		{day, "2027-07-02T00:00:00+09:00", 1},
		{caltime.Instant(noon), "2027-07-01T11:59:59.999999999Z", -1},
		{caltime.Instant(noon), "2027-07-01T21:00:00+09:00", 0},
		{caltime.Instant(noon), "2027-07-01T12:00:00.000000001Z", 1},
		{caltime.Moment{}, "0001-01-01T00:00:00Z", 1},
	} {
		if got := c.m.Compare(at(t, c.t)); got != c.want {
			t.Errorf("%s is %+d of %s, want %+d", c.t, got, c.m, c.want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { day.Compare(noon) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestExtremes feeds times that no clock shows: whatever comes, nothing panics.
func TestExtremes(t *testing.T) {
	d := duration(t, "P999YT0.5S")
	far := time.FixedZone("", math.MaxInt32)
	for _, seconds := range []int64{math.MinInt64, -1 << 40, 1 << 40, math.MaxInt64} {
		v := time.Unix(seconds, math.MaxInt64).In(far)
		if m := caltime.Instant(d.AddTo(v)); m.String() == "" || m.Compare(m.Begins()) > 1 {
			t.Errorf("no answer for %d", seconds)
		}
	}
	if _, err := caltime.ParseMoment("2027-07-01", far); err != nil {
		t.Error(err)
	}
}

func TestMomentLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begins := time.Unix(rapid.Int64Range(-1e10, 1e11).Draw(t, "seconds"), rapid.Int64Range(0, 1e9-1).Draw(t, "nanos"))
		offset := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "offset"))
		again(t, caltime.Instant(begins.In(offset)))
		m, err := caltime.ParseMoment(begins.In(offset).Format(time.DateOnly), offset)
		if err != nil || m.Compare(begins) != 0 {
			t.Fatalf("%s does not hold %s: %v", m, begins, err)
		}
		again(t, m)
	})
}

// again checks that the form of a moment is read as that moment.
func again(t rapid.TB, m caltime.Moment) {
	t.Helper()
	got, err := caltime.ParseMoment(m.String(), nil)
	if err != nil || !got.Begins().Equal(m.Begins()) || !got.Ends().Equal(m.Ends()) || got.String() != m.String() {
		t.Fatalf("%s was read as %s: %v", m, got, err)
	}
}

func BenchmarkCompare(b *testing.B) {
	m, err := caltime.ParseMoment("2027-07-01+09:00", nil)
	if err != nil {
		b.Fatal(err)
	}
	t := at(b, "2027-07-01T12:00:00Z")
	b.ReportAllocs()
	for b.Loop() {
		m.Compare(t)
	}
}

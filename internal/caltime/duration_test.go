// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package caltime_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones are the same wherever the tests run

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/caltime"
)

func duration(t testing.TB, s string) caltime.Duration {
	t.Helper()
	d, err := caltime.ParseDuration(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return d
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// refused checks that an error is the sentinel with the reason expected.
func refused(t *testing.T, name string, err error, reason string) {
	t.Helper()
	if !errors.Is(err, caltime.ErrSyntax) || !strings.Contains(err.Error(), reason) {
		t.Errorf("%s: error %v, want one that says %q", name, err, reason)
	}
}

func TestDurationCanonical(t *testing.T) {
	for text, want := range map[string]string{
		"P3Y": "P3Y", "P13M": "P1Y1M", "P12M": "P1Y", "P1Y2M10DT2H30M": "P1Y2M10DT2H30M", "P2W": "P14D", "P1Y1W1D": "P1Y8D",
		"PT0.5S": "PT0.5S", "PT0.500S": "PT0.5S", "PT0.000000001S": "PT0.000000001S", "PT1.0S": "PT1S", "PT0.0000000000S": "PT0S",
		"-P1D": "-P1D", "-PT0.5S": "-PT0.5S", "P0D": "PT0S", "-P0D": "PT0S", "P0Y": "PT0S", "PT36H": "P1DT12H", "PT90M": "PT1H30M",
		"PT3600.25S": "PT1H0.25S", "P001D": "P1D", "P1M": "P1M", "PT1M": "PT1M", "P1000Y": "P1000Y", "P365242DT12H": "P365242DT12H", "P999Y365D": "P999Y365D",
		"P4799M219146DT86399.999999999S": "P399Y11M219146DT23H59M59.999999999S",
	} {
		d := duration(t, text)
		if got := d.String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
		if d.Negative() != strings.HasPrefix(want, "-") {
			t.Errorf("%s: negative is %v", text, d.Negative())
		}
	}
	if (caltime.Duration{}) != duration(t, "-PT0S") {
		t.Error("no duration has two forms")
	}
}

func TestDurationMalformed(t *testing.T) {
	for name, c := range map[string]struct{ text, reason string }{
		"empty":              {"", "begins with P"},
		"no P":               {"1Y", "begins with P"},
		"small letter":       {"p1y", "begins with P"},
		"plus":               {"+P1Y", "begins with P"},
		"blank":              {" P1Y", "begins with P"},
		"two signs":          {"--P1Y", "begins with P"},
		"no field":           {"P", "has a field"},
		"only T":             {"PT", "T without"},
		"T at the end":       {"P1DT", "T without"},
		"two Ts":             {"PT1HT1M", "begins with a number"},
		"sign inside":        {"P-1D", "begins with a number"},
		"unit alone":         {"PY", "begins with a number"},
		"point alone":        {"PT.5S", "begins with a number"},
		"no unit":            {"P1", "without its unit"},
		"blank at the end":   {"P1Y ", "begins with a number"},
		"order":              {"P1D1Y", "out of order"},
		"twice":              {"P1D1D", "out of order"},
		"week after day":     {"P1D1W", "out of order"},
		"time before T":      {"P1H", "out of order"},
		"date after T":       {"PT1D", "out of order"},
		"unknown unit":       {"P1X", "out of order"},
		"other digits":       {"P١D", "begins with a number"},
		"fraction of a day":  {"P0.5D", "only seconds"},
		"fraction of minute": {"PT0.5M", "only seconds"},
		"comma":              {"PT0,5S", "out of order"},
		"point without more": {"PT1.S", "point without digits"},
		"too fine":           {"PT0.0000000001S", "finer than"},
		"years":              {"P1001Y", "1000 years"},
		"months":             {"P12001M", "1000 years"},
		"sum beyond":         {"P999Y366D", "1000 years"},
		"nanosecond beyond":  {"P1000YT0.000000001S", "1000 years"},
		"seconds":            {"PT31556952001S", "1000 years"},
		"beyond int64":       {"P99999999999999999999Y", "1000 years"},
		"just in int64":      {"P9223372036854775807Y", "1000 years"},
		"long":               {"P" + strings.Repeat("0", 39) + "1D", "longer than 40"},
	} {
		d, err := caltime.ParseDuration(c.text)
		refused(t, name, err, c.reason)
		if d != (caltime.Duration{}) {
			t.Errorf("%s: an error and %v", name, d)
		}
	}
}

func TestAddTo(t *testing.T) {
	for name, c := range map[string]struct{ from, d, want string }{
		"end of February":       {"2027-01-31T12:00:00Z", "P1M", "2027-02-28T12:00:00Z"},
		"in a leap year":        {"2028-01-31T12:00:00Z", "P1M", "2028-02-29T12:00:00Z"},
		"leap day and a year":   {"2028-02-29T00:00:00Z", "P1Y", "2029-02-28T00:00:00Z"},
		"leap day and four":     {"2028-02-29T00:00:00Z", "P4Y", "2032-02-29T00:00:00Z"},
		"no leap year":          {"2096-02-29T00:00:00Z", "P4Y", "2100-02-28T00:00:00Z"},
		"end of April":          {"2027-03-31T00:00:00Z", "P1M", "2027-04-30T00:00:00Z"},
		"back to February":      {"2027-03-31T00:00:00Z", "-P1M", "2027-02-28T00:00:00Z"},
		"back over the year":    {"2027-01-31T00:00:00Z", "-P2M", "2026-11-30T00:00:00Z"},
		"over the year":         {"2027-11-30T00:00:00Z", "P3M", "2028-02-29T00:00:00Z"},
		"months before days":    {"2027-01-31T00:00:00Z", "P1M1D", "2027-03-01T00:00:00Z"},
		"days over the end":     {"2028-02-28T23:00:00Z", "PT2H", "2028-02-29T01:00:00Z"},
		"weeks":                 {"2027-01-01T00:00:00Z", "P2W", "2027-01-15T00:00:00Z"},
		"nothing":               {"2027-01-31T00:00:00.5+09:00", "PT0S", "2027-01-31T00:00:00.5+09:00"},
		"fraction":              {"2027-01-01T00:00:00.999999999Z", "PT0.000000001S", "2027-01-01T00:00:01Z"},
		"fraction back":         {"2027-01-01T00:00:00Z", "-PT0.000000001S", "2026-12-31T23:59:59.999999999Z"},
		"fraction and a month":  {"2027-01-31T00:00:00.25Z", "P1MT0.5S", "2027-02-28T00:00:00.75Z"},
		"the day of the offset": {"2027-01-31T08:00:00+09:00", "P1M", "2027-02-28T08:00:00+09:00"},
		"more than an int64":    {"2027-01-01T00:00:00Z", "PT31556952000S", "3027-01-01T12:00:00Z"},
	} {
		from := at(t, c.from)
		got := duration(t, c.d).AddTo(from)
		if !got.Equal(at(t, c.want)) {
			t.Errorf("%s: %s and %s is %s, want %s", name, c.from, c.d, got, c.want)
		}
		if got.Location() != from.Location() {
			t.Errorf("%s: the location became %s", name, got.Location())
		}
	}
}

// TestAddToZones proves that months follow the clock of the place, and days
// are 24 hours.
func TestAddToZones(t *testing.T) {
	for _, c := range []struct{ place, from, d, want string }{
		{"Asia/Tokyo", "2027-01-30T15:00:00Z", "P1M", "2027-02-27T15:00:00Z"}, // 31 January there
		{"UTC", "2027-01-30T15:00:00Z", "P1M", "2027-02-28T15:00:00Z"},
		{"Europe/Berlin", "2027-03-27T11:00:00Z", "P1M", "2027-04-27T10:00:00Z"},
		{"Europe/Berlin", "2027-03-27T11:00:00Z", "P1D", "2027-03-28T11:00:00Z"},
		{"Europe/Berlin", "2027-10-31T00:30:00Z", "PT0S", "2027-10-31T00:30:00Z"}, // 02:30 for the first time
		{"Europe/Berlin", "2027-10-31T01:30:00Z", "PT0S", "2027-10-31T01:30:00Z"}, // and again
	} {
		got := duration(t, c.d).AddTo(at(t, c.from).In(zone(t, c.place)))
		if !got.Equal(at(t, c.want)) {
			t.Errorf("%s: %s and %s is %s, want %s", c.place, c.from, c.d, got.UTC(), c.want)
		}
	}
}

func TestRelative(t *testing.T) {
	for text, want := range map[string]string{
		"contractAgreement+P1Y": "P1Y", "contractAgreement-P1D": "-P1D", "contractAgreement+-P1D": "-P1D", "contractAgreement+0s": "PT0S",
		"contractAgreement+10s": "PT10S", "contractAgreement+10m": "PT10M", "contractAgreement+10h": "PT10H", "contractAgreement+30d": "P30D",
		"contractAgreement-30d": "-P30D", "contractAgreement+-30d": "-P30D", "contractagreement+1d": "P1D",
	} {
		d, relative, err := caltime.ParseRelative(text)
		if !relative || err != nil || d != duration(t, want) {
			t.Errorf("%s is %v (%v, %v), want %s", text, d, relative, err, want)
		}
	}
	for _, text := range []string{"", "P1Y", "2027-07-01", "contract", "contractAgreemen+1d", " contractAgreement+1d"} {
		if _, relative, err := caltime.ParseRelative(text); relative || err != nil {
			t.Errorf("%q: relative %v, error %v", text, relative, err)
		}
	}
	for name, c := range map[string]struct{ rest, reason string }{
		"nothing after the word": {"", "plus or minus"},
		"longer word":            {"s+1d", "plus or minus"},
		"blank":                  {" +1d", "plus or minus"},
		"blank after the sign":   {"+ 1d", "no number"},
		"nothing after the sign": {"+", "no number"},
		"two pluses":             {"++1d", "no number"},
		"two minuses":            {"--1d", "two signs"},
		"two minuses before P":   {"--P1D", "two signs"},
		"three signs":            {"+--1d", "no number"},
		"no unit":                {"+1", "the unit"},
		"unit of milliseconds":   {"+1ms", "the unit"},
		"large unit":             {"+1D", "the unit"},
		"unit of years":          {"+1y", "the unit"},
		"fraction":               {"+0.5d", "the unit"},
		"two counts":             {"+1d1h", "the unit"},
		"malformed duration":     {"+P1", "without its unit"},
		"too long":               {"+365243d", "1000 years"},
		"beyond int64":           {"+99999999999999999999d", "1000 years"},
	} {
		_, relative, err := caltime.ParseRelative("contractAgreement" + c.rest)
		refused(t, name, err, c.reason)
		if !relative {
			t.Errorf("%s: taken for some other value", name)
		}
	}
}

// durations generates those that can be read.
var durations = rapid.Custom(func(t *rapid.T) caltime.Duration {
	number := func(most int) string {
		return rapid.StringMatching(`[0-9]`).Draw(t, "lead") + strconv.Itoa(rapid.IntRange(0, most).Draw(t, "n"))
	}
	text := rapid.SampledFrom([]string{"P", "-P"}).Draw(t, "sign") + number(9) + "Y" + number(99) + "M"
	if rapid.Bool().Draw(t, "timed") {
		text += number(9999) + "DT" + number(999) + "M0." + rapid.StringMatching(`[0-9]{1,9}`).Draw(t, "fraction") + "S"
	}
	d, err := caltime.ParseDuration(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
})

func TestDurationLaws(t *testing.T) {
	instants := rapid.Custom(func(t *rapid.T) time.Time {
		// near the ends of months, where days are pinned
		day := time.Date(2027, time.Month(rapid.IntRange(0, 48).Draw(t, "month")), 0, 0, 0, 0, 0, time.UTC)
		return day.Add(time.Duration(rapid.Int64Range(-3*24*3600e9, 2*24*3600e9).Draw(t, "near"))).In(time.FixedZone("", 9*3600))
	})
	rapid.Check(t, func(t *rapid.T) {
		d := durations.Draw(t, "d")
		again, err := caltime.ParseDuration(d.String())
		if err != nil || again != d {
			t.Fatalf("%v was read as %v: %v", d, again, err)
		}
		a := instants.Draw(t, "a")
		b := a.Add(time.Duration(rapid.IntRange(0, 5*24).Draw(t, "hours")) * time.Hour) // of the same days, mostly
		// What falls on one last day of a month keeps its time of day, so that the
		// evening before a day may come after the morning of that day.
		early := d.AddTo(a).Sub(d.AddTo(b))
		if whole := a.Day() <= 28 && b.Day() <= 28; !d.Negative() && (early >= 24*time.Hour || whole && early > 0) {
			t.Fatalf("%v puts %v after %v, by %v", d, a, b, early)
		}
		if !d.Negative() && d.AddTo(a).Before(a) || d.Negative() && !d.AddTo(a).Before(a) {
			t.Fatalf("%v leads from %v to %v", d, a, d.AddTo(a))
		}
		if got := (caltime.Duration{}).AddTo(a); got != a {
			t.Fatalf("nothing after %v is %v", a, got)
		}
	})
}

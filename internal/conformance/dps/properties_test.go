// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/conformance/dps"
)

// TestProperties: the official kit is told all that it needs, once, and where it
// has to listen itself.
func TestProperties(t *testing.T) {
	c := dps.Config{Kit: "http://localhost:9083"}
	p, err := dps.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop(t.Context()) })
	plane, err := dps.PlaneProperties(c, "http://127.0.0.1:8285")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for line := range strings.Lines(p.Properties("http://127.0.0.1:8687") + plane) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if _, twice := got[name]; twice || value == "" {
			t.Errorf("%q is there twice, or says nothing", line)
		}
		got[name] = value
	}
	want := map[string]string{
		"dataspacetck.test.package":                  "org.eclipse.dataspacetck.dps.verification",
		"dataspacetck.callback.address":              c.Kit,
		"dataspacetck.port":                          "9083",
		"dataspacetck.dps.controlplane.webhook.url":  "http://127.0.0.1:8687",
		"dataspacetck.dps.controlplane.protocol.url": p.Protocol(), "dataspacetck.dps.controlplane.signaling.url": p.Signaling(),
		"dataspacetck.dps.dataplane.url":             "http://127.0.0.1:8285",
		"dataspacetck.dps.dataplane.authorization":   dps.PlaneAuthorization,
		"dataspacetck.dps.dataplane.provider.id":     dps.PlaneParticipant,
		"dataspacetck.dps.dataplane.counterparty.id": "did:web:localhost%3A9083",
	}
	for _, test := range controlPlane {
		want[test.id+"_TCKPARTICIPANTID"] = test.as
		want[test.id+"_AGREEMENTID"] = map[string]string{dps.Provider: dps.AgreementAsConsumer, dps.Consumer: dps.AgreementAsProvider}[test.as]
	}
	for _, test := range dpCases {
		if strings.HasSuffix(test.id, "_04_01") {
			want[test.id+"_DATASETID"] = dps.AsyncDataset
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("the kit is told\n%q\nwant\n%q", got, want)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if strings.HasSuffix(name, ".url") && strings.HasSuffix(got[name], "/") {
			t.Errorf("%s ends in a slash: %s", name, got[name])
		}
	}
}

// TestKitURL: the kit is called by a name, which its DID is made from.
func TestKitURL(t *testing.T) {
	for raw, want := range map[string]string{
		"http://localhost:8083":     "http://localhost:8083",
		"http://localhost:8083/":    "http://localhost:8083",
		"http://127.0.0.1:8083":     "http://localhost:8083",
		"http://[::1]:8083":         "http://localhost:8083",
		"http://127.0.0.1":          "http://localhost",
		"http://kit.example:8083":   "http://kit.example:8083",
		"http://192.0.2.1:8083":     "",
		"https://localhost:8083":    "",
		"http://localhost:8083/kit": "",
		"localhost:8083":            "",
		"":                          "",
	} {
		got, err := dps.KitURL(raw)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q (%v), want %q", raw, got, err, want)
		}
	}
}

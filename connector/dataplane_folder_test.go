// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// TestDataPlaneKnowsTheEnd: what a control plane says of the time in which data
// may be used is kept beside it, and what it cannot have meant is refused.
func TestDataPlaneKnowsTheEnd(t *testing.T) {
	t.Parallel()
	dir, takes := t.TempDir(), planeConfig("memory:", serve(t, http.NotFoundHandler()))
	takes.Participants[0].Context, takes.Participants[0].ID = "maker", "urn:example:maker"
	takes.Receive = served.Receive{Dir: dir}
	_, consumer := startPlane(t, takes)
	prepare := func(process, until string) answer {
		return call(t, "POST", consumer+"/dataflows/prepare", planeShown, planeBegin("maker", "supplier", process, "HttpData-PUSH",
			`,"metadata":{"`+signaling.MetadataUseUntil+`":`+until+`}`))
	}
	if got := prepare("odd", `"tomorrow"`); got.status/100 != 4 || !strings.Contains(got.body, "use-until-invalid") {
		t.Error(got.status, got.body)
	}
	send := func(process, until string) int {
		t.Helper()
		f := flowOf(t, prepare(process, until))
		call(t, "POST", consumer+"/dataflows/"+process+"/started", planeShown, `{"messageId":"m2"}`)
		return call(t, "POST", f.DataAddress.Endpoint, "Bearer "+f.token(), "some data").status
	}
	if status := send("late", `"2020-01-01T00:00:00Z"`); status/100 != 4 {
		t.Errorf("taken, though its time is over: %d", status)
	}
	until := time.Now().UTC().Add(time.Hour).Format(time.RFC3339)
	if status := send("c", `"`+until+`"`); status != 201 {
		t.Fatal(status)
	}
	if data, about := kept(t, dir, "maker"); string(data) != "some data" || about["useUntil"] != until {
		t.Errorf("%s: %v", data, about)
	}
}

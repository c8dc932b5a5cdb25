// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// Every state of a request says what it waits for; one that is over, nothing.
func TestRequestsSayWhatTheyWaitFor(t *testing.T) {
	soon := time.Unix(1, 0)
	for _, test := range []struct {
		r    issuer.Request
		want string
	}{
		{issuer.Request{State: issuer.Received}, "a decision"},
		{issuer.Request{State: issuer.Approved}, "the holder: its wallet has to ask"},
		{issuer.Request{State: issuer.Approved, NextTry: soon}, "to be issued"},
		{issuer.Request{State: issuer.Issued, NextTry: soon}, "the holder's wallet"},
		{issuer.Request{State: issuer.Issued, Delivered: soon}, ""},
		{issuer.Request{State: issuer.Rejected, NextTry: soon}, "the holder's wallet"},
		{issuer.Request{State: issuer.Rejected}, ""},
		{issuer.Request{State: issuer.Lost}, "has to ask again"},
	} {
		if got := viewRequested(test.r).WaitingFor; !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", test.r.State, got, test.want)
		}
	}
	for _, test := range []struct {
		r    holder.Request
		want string
	}{
		{holder.Request{State: holder.Requested}, "being sent"},
		{holder.Request{State: holder.Requested, Tries: 1}, "asked again"},
		{holder.Request{State: holder.Received}, "decision"},
		{holder.Request{State: holder.Issued}, ""},
		{holder.Request{State: holder.Rejected}, ""},
		{holder.Request{State: holder.Failed}, ""},
	} {
		if got := viewAsked(test.r).WaitingFor; !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", test.r.State, got, test.want)
		}
	}
}

// TestMovingFault: what went wrong with data is named as all that goes wrong is.
func TestMovingFault(t *testing.T) {
	text, err := marshal(viewMoving(transfer.Job{State: transfer.JobFailed, Total: -1, Fault: &transfer.JobFault{Code: "digest-mismatch", Reason: "it is another one"}}))
	if err != nil || !strings.Contains(string(text), `"lastError":{"code":"digest-mismatch","reason":"it is another one"}`) {
		t.Errorf("%s, %v", text, err)
	}
}

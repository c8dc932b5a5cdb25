// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestDownloadElsewhere: data whose token a data plane of its own renews is not
// downloaded, which is said at once, or by a download that had begun before the
// token came.
func TestDownloadElsewhere(t *testing.T) {
	t.Parallel()
	plane := newVendorPlane(t)
	var never transfer.DeciderFunc = func(context.Context, transfer.Process) (negotiation.Decision, error) {
		return negotiation.Decision{}, nil
	}
	supplier := startNode(t, "memory:", "supplier", connector.WithTransferDecider(never))
	maker := startWith(t, "memory:", "maker", func(c *connector.Config) {
		c.Management.Listen, c.Management.APIKeys, c.Sink.Dir = "127.0.0.1:0", []connector.Secret{"key"}, t.TempDir()
		c.Dataplanes = []connector.RemotePlaneConfig{{
			ID: "vendor", Endpoint: plane.url, Profiles: []string{transfer.ProfileHTTPPull}, Roles: []string{"consumer"}, Authorization: weCallItBy,
		}}
	})
	introduce(t, supplier, maker)
	err := supplier.Publish(t.Context(), []catalog.Asset{{
		ID: dataset, Formats: []string{transfer.ProfileHTTPPull}, Source: catalog.Source{Type: catalog.SourceHTTP, URL: serve(t, &orders{})},
	}}, []catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use"), Usage: policy.Permit("use")}})
	if err != nil {
		t.Fatal(err)
	}
	asked, err := maker.Request(t.Context(), transfer.RequestArgs{
		Agreement: maker.negotiate(t, proposalOf(supplier.id), "FINALIZED").AgreementID, Format: transfer.ProfileHTTPPull,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := maker.awaitTransfer(t, asked.ID, "REQUESTED", nil)
	if _, err := maker.StartDownload(t.Context(), p.ID, connector.DownloadOptions{}); err != nil {
		t.Fatal(err)
	}
	supplier.does(t, p.PeerPID, negotiation.Start)
	maker.awaitTransfer(t, p.ID, "STARTED", nil)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if j, _, err := maker.AwaitDownload(ctx, p.ID); err != nil || j.State != transfer.JobFailed || j.Fault == nil || j.Fault.Code != "pulled-elsewhere" {
		t.Errorf("the download that had begun: %+v, %+v, %v", j, j.Fault, err)
	}
	if j, err := maker.StartDownload(t.Context(), p.ID, connector.DownloadOptions{}); err == nil {
		t.Errorf("another one began: %+v", j)
	}
	_, address := maker.Addresses()
	got := call(t, http.MethodPost, "http://"+address+"/api/v1/participants/maker/transfers/"+p.ID+"/download", "Bearer key", "{}")
	if got.status != http.StatusConflict || !strings.Contains(got.body, "pulled-elsewhere") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

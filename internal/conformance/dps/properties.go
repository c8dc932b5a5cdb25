// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// ConsumerTests and ProviderTests are the kit's tests of a control plane, by our
// role in them.
var (
	ConsumerTests = []string{"CP_C_01_01", "CP_C_01_02", "CP_C_02_01", "CP_C_02_02", "CP_C_03_01"}
	ProviderTests = []string{"CP_P_01_01", "CP_P_01_02", "CP_P_02_01", "CP_P_02_02", "CP_P_03_01"}
)

// KitURL is the base URL of a kit as its settings have to name it: without a slash
// at its end, and by a name, since a did:web of the kit has no IP address.
func KitURL(raw string) (string, error) {
	u, err := url.Parse(strings.TrimRight(raw, "/"))
	if err != nil {
		return "", err
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err == nil && ip.IsLoopback() {
		u.Host = strings.TrimSuffix("localhost:"+u.Port(), ":")
	}
	if u.Scheme != "http" || u.Host == "" || u.Path != "" || u.RawQuery != "" || err == nil && !ip.IsLoopback() {
		return "", errors.New("the kit's address is http, a name and a port, as http://localhost:8083")
	}
	return u.String(), nil
}

// kitPort is the port at which the kit has to listen to be found.
func kitPort(kit string) string {
	u, err := url.Parse(kit)
	if err != nil {
		return ""
	}
	return cmp.Or(u.Port(), "80")
}

// Properties are the settings with which the official kit tests this control
// plane. hook is the base URL of Trigger.
func (p *ControlPlane) Properties(hook string) string {
	var b strings.Builder
	set := func(name, value string) { fmt.Fprintf(&b, "%s=%s\n", name, value) }
	set("dataspacetck.test.package", "org.eclipse.dataspacetck.dps.verification")
	set("dataspacetck.callback.address", p.kit)
	set("dataspacetck.port", kitPort(p.kit))
	set("dataspacetck.dps.controlplane.webhook.url", hook)
	set("dataspacetck.dps.controlplane.protocol.url", p.Protocol())
	set("dataspacetck.dps.controlplane.signaling.url", p.Signaling())
	for _, id := range ConsumerTests {
		set(id+"_AGREEMENTID", AgreementAsConsumer)
		set(id+"_TCKPARTICIPANTID", Provider)
	}
	for _, id := range ProviderTests {
		set(id+"_AGREEMENTID", AgreementAsProvider)
		set(id+"_TCKPARTICIPANTID", Consumer)
	}
	return b.String()
}

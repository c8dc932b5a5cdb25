// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps

import (
	"fmt"
	"strings"
)

// ConsumerTests and ProviderTests are the kit's tests of a control plane, by our
// role in them.
var (
	ConsumerTests = []string{"CP_C_01_01", "CP_C_01_02", "CP_C_02_01", "CP_C_02_02", "CP_C_03_01"}
	ProviderTests = []string{"CP_P_01_01", "CP_P_01_02", "CP_P_02_01", "CP_P_02_02", "CP_P_03_01"}
)

// Properties are the settings with which the official kit tests this control
// plane. hook is the base URL of Trigger.
func (p *ControlPlane) Properties(hook string) string {
	var b strings.Builder
	set := func(name, value string) { fmt.Fprintf(&b, "%s=%s\n", name, value) }
	set("dataspacetck.test.package", "org.eclipse.dataspacetck.dps.verification")
	set("dataspacetck.callback.address", p.kit)
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

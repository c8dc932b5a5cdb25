// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package interop runs the connector beside a real Eclipse EDC, each a program
// of its own on loopback, and checks after every case what both say of it.
//
//	Table ──> Case ──> World ──management API──> EDC     (Home, EDC: start, drive, stop)
//	                     │                        │ DSP, data
//	                     └──management API──> the binary (Us)
//
// Home starts and stops EDC by the script of the peer's folder, on ports that
// were free and with process ids and logs of its own, so that several runs do
// not meet. cmd/edc is the run with mock identity.
//
// cmd/edcdcp is the run with verifiable credentials. Claims is its world: the
// EDC with its IdentityHub, at the ports that its DIDs name, our wallet and
// issuer, and Strangers who send either side a proof with one fault.
package interop

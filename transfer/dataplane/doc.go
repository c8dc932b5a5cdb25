// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package dataplane is the built-in data plane of a pull over HTTP: the
// provider fronts an HTTP source or a file, the consumer reads with the
// address and token of the TransferStartMessage.
//
//	Start, Resume ──> token (JWT, ES256: transfer, consumer, agreement, grant) ──> DataAddress
//
//	GET /{ctx}/data/{transfer} ──> token ──> Transfers.Running ──> Source ──> gate ──> body
//	                               401        403                  404 502     │
//	                                        each commit, each second ──────────┘ closed: aborted
//
// The plane keeps no state. Whether data may flow is asked of the transfer
// itself, from the store: at each request, at each commit of that transfer
// while a body is being sent, and every second. Then not one byte more is
// written, and the body is aborted, so that the consumer cannot take it for a
// whole one.
//
// What the source is and what it takes to read it never leaves the provider:
// headers pass by allow-list in both directions.
package dataplane

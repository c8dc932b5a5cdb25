// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package dataplane is the built-in data plane of a pull over HTTP: the
// provider fronts an HTTP source or a file, the consumer calls it with the
// address and token of the TransferStartMessage.
//
//	Start, Resume ──> token (JWT, ES256: transfer, consumer, agreement, grant) ──> DataAddress
//
//	/{ctx}/data/{transfer}/... ──> token ──> verdict ──> rules ──> gate <──> Source
//	                               401       403         404 405   │         502 503 504
//	                                         each commit, ─────────┘ closed: both bodies aborted
//	                                         each second
//
//	/{ctx}/data/{transfer}/:token ──> client (its DID) ──> refresh token ──> new tokens
//
//	application ──> Proxy ──> Renewer ──> the provider's data plane
//
// Whether data may flow is asked of the transfer itself, from the store: at
// each commit of that transfer, and every second while something is sent. The
// requests of a transfer share that verdict (live). Once it is no, not one byte
// more goes through in either direction, and the body is aborted, so that
// nobody can take it for a whole one.
//
// What the source is and what it takes to read it never leaves the provider:
// methods, paths, parameters and headers pass by allow-list.
package dataplane

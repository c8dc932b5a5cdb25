// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command dataplane measures our data plane beside nginx as a reverse proxy, on
// the same machine, of the same source, asked by the same load generator, in
// turns:
//
//	load ──> musubi serve (token, transfer, agreement and policy looked at; bytes hashed) ──> source
//	load ──> nginx (as in nginx.conf: keep-alive upstream, HTTP/1.1, no logs)              ──> source
//	load ──> source, which is what the harness itself can do
//
// bulk is one large body on a few connections, small bodies of 1 KB on 64. The
// two ratios are ours over nginx. Source and load are written on bare sockets,
// without a copy of what is only moved: on a machine with few cores what they
// use is taken from what is measured, the same from both.
//
// It needs nginx in the path; "make bench-dataplane" installs it.
package main

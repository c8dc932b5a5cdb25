// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package safehttp is the one way out: every HTTP request that leaves the
// process is sent by one of its two clients, chosen by who wrote the URL.
//
//	Foreign   the URL came from a counterparty (callback, did:web, wallet,
//	          status list, schema, data address)
//	Operator  the URL came from our own configuration (a data source)
//
//	request ──> CheckURL ──> resolve ──> dial ───────> TLS ──> response ──> body
//	            scheme        by the     each address           3xx:         ErrTooLarge
//	            host, port    system     is checked at          ErrRedirect  beyond the
//	            userinfo                 connect(2):                         size cap
//	                                     ErrForbiddenAddress
//
// A name is judged by the address that is being connected to, not by a lookup
// made earlier, so a name server that changes its answer (DNS rebinding) gains
// nothing.
//
// Through a proxy the proxy resolves and connects. The names and addresses are
// then checked here as well, before the proxy sees them, but a proxy for
// Foreign requests has to refuse private addresses itself.
package safehttp

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package safehttp is the one way out: every HTTP request that leaves the
// process is sent by one of its two clients, chosen by who wrote the URL.
//
//	Foreign   the URL came from a counterparty (callback, did:web, wallet,
//	          status list, schema, data address)
//	Operator  the URL came from our own configuration (a data source)
//
//	request ──> CheckURL ──> breaker ──> resolve ──> dial ───────> TLS ──> response ──> body
//	            scheme       ErrOpen      by the     each address           3xx:         ErrTooLarge
//	            host, port   while the    system     is checked at          ErrRedirect  beyond the
//	            userinfo     origin is               connect(2):                         size cap
//	                         down                    ErrForbiddenAddress
//
// A name is judged by the address that is being connected to, not by a lookup
// made earlier, so a name server that changes its answer (DNS rebinding) gains
// nothing.
//
// What both have: https with the system's authorities and those of CAFile, a
// bound on time and on size, no redirects, no cookies, no settings from the
// environment. A 304 is an answer like any other. What differs: Foreign speaks
// https to public addresses and to those of Allow; Operator also speaks http
// and to private addresses. Dev mode gives Foreign http and loopback. Addresses
// that hand out a cloud's credentials are closed to both, whatever is allowed.
//
// A breaker for each origin (scheme, host, port) and client answers ErrOpen
// at once after five requests in a row that did not get through within a
// minute: no connection, no TLS, or no answer in time. It lets one request try
// again after 0.2 s, and after twice as long each time up to five seconds,
// so that a peer that restarts is seen soon: callers have retries of their own.
// An answer of any status closes it, and so does a peer that takes the
// connection and hangs up. What a caller gave up, and what was refused here,
// does not count.
//
// Config.Control sees each address that is about to be dialled, and
// Config.Resolver replaces the name server: for an operator's log, and for
// tests that prove where a whole program connects.
//
// Through a proxy the proxy resolves and connects. The names and addresses are
// then checked here as well, before the proxy sees them, but a proxy for
// Foreign requests has to refuse private addresses itself.
package safehttp

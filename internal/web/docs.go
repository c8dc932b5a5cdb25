// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"strings"
)

// Documentation writes docs/management-api.md from the table of routes, so
// that it cannot say anything else than what is served.
func Documentation() string {
	var b strings.Builder
	b.WriteString(docsHead)
	group := ""
	for _, r := range routes {
		if g := groupOf(r.path); g != group {
			group = g
			fmt.Fprintf(&b, "\n## %s\n", strings.ToUpper(g[:1])+g[1:])
		}
		fmt.Fprintf(&b, "\n### `%s %s`\n\n%s.\n", r.method, shownPath(r.path), strings.ToUpper(r.does[:1])+r.does[1:])
		if len(r.query) > 0 {
			fmt.Fprintf(&b, "\nParameters: `%s`.\n", strings.Join(r.query, "`, `"))
		}
		if r.do.example != "" && r.do.example != "{}" {
			fmt.Fprintf(&b, "\n```json\n%s\n```\n", r.do.example)
		}
	}
	return b.String()
}

// groupOf is the resource that a route is about.
func groupOf(path string) string {
	rest := strings.TrimPrefix(path, ours)
	if rest == "" || rest == path {
		return "participants"
	}
	group, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	switch group {
	case "assets", "offers":
		return "catalog"
	}
	return group
}

func shownPath(path string) string {
	return managementPath + strings.NewReplacer(":ctx", "{ctx}", ":id", "{id}", ":dataset", "{dataset}").Replace(path)
}

const docsHead = "# Management API\n" + `
<!-- Written from the table in internal/web/routes.go: go test ./internal/web -run TestDocumentation -update -->

What a participant's own users and applications do with the connector. It is served on a listener of its own, on loopback unless
configured otherwise.

**Key.** Every request needs one of ` + "`management.apiKeys`" + `, as ` + "`X-Api-Key: <key>`" + ` or ` + "`Authorization: Bearer <key>`" + `. A key opens every
participant of the connector. Only ` + "`GET /healthz`" + ` (the process answers) and ` + "`GET /readyz`" + ` (its store does, too) need none.

**Ids** in a path are escaped as one segment: ` + "`did:web:a.example:b/c`" + ` is ` + "`did:web:a.example:b%2Fc`" + `.

**Bodies** are JSON objects, sent as ` + "`application/json`" + ` and read strictly: a member that is not described here is refused, by name. A body of acts may be left out.

**Lists** answer ` + "`{\"items\": [...], \"next\": \"...\"}`" + `. Where there is a ` + "`next`" + `, the following page is asked for with it as ` + "`after`" + ` or
` + "`before`" + `. ` + "`limit`" + ` is 1 to 1000; default 100.

**Waiting.** What takes time is answered at once: 202 with the state as it is. With ` + "`?wait=30s`" + ` (at most 60s) the answer is held back until
the process is settled, and is 202 only if the time was too short. A negotiation is settled when it is FINALIZED or TERMINATED, or
waits for a person; a transfer when data can flow, when it is suspended or at its end, or waits for a person.

**Errors** are ` + "`{\"code\", \"message\", \"hint\", \"supportId\"}`" + `: a code for programs, what is wrong, what to do about it, and the id under which
the log has more. 400: the request cannot be read. 401: no valid key. 404: no such thing, or not this participant's. 409: not possible
now; the hint says what is. 410: its time is over. 413, 415: too large, not JSON. 422: read, but not taken. 500: our failure. 502, 504: a peer's.
503: it cannot be had now; try again.

Secrets (a peer's tokens, header values of a source) are written and never shown. The one answer with a secret is a transfer's address.
`

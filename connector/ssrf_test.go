// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"regexp"
	"testing"
	"time"
)

// givenURL is a URL that a counterparty gives us.
type givenURL struct {
	name    string
	called  bool           // where it may be
	refusal *regexp.Regexp // the outcome, where it may not
	// give has a new counterparty give a URL below base, and returns what
	// became of it.
	give func(s *scene, base string) string
}

// What says that a URL was refused, of the reasons of safehttp.
const unfit = "(address not allowed|not a usable URL|redirect refused|not a well-formed DID)"

var (
	verdict = regexp.MustCompile(`^401 V\d\d .*` + unfit) // on who called
	said    = regexp.MustCompile(unfit)                   // to our own user, or to the one who called
)

var urls = []givenURL{
	{"did:web of a token's issuer", true, verdict, givenDID},
	{"credential service of a caller", true, verdict, givenWallet},
	{"status list of a credential", true, verdict, givenStatus},
	{"status list of version 2", true, verdict, givenBitstring},
	{"schema of a credential", true, verdict, givenSchema},
	{"did:web of a credential's issuer", false, regexp.MustCompile("^401 V68 "), givenIssuer},
	{"callback of a negotiation", true, said, givenCallback},
	{"callback of an offer", true, said, givenOffer},
	{"callback of a transfer", true, said, givenTransfer},
	{"data address", true, said, givenData},
	{"issuer service, of a new request", true, said, givenMetadata},
	{"issuer service, of a request under way", true, said, givenMoved},
	{"issuer service, of an offer", true, said, givenOfferer},
	{"credential service, delivered to", true, said, givenDelivery},
	{"place of a request", false, regexp.MustCompile("^RECEIVED, asked at the issuer's own service$"), givenPlace},
}

// denied are hosts that lead to addresses which nobody may have us call.
var denied = []string{
	"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "localhost", "0.0.0.0", "10.0.0.1", "169.254.169.254", "[fe80::1]",
	"2130706433", "0x7f000001", "0177.0.0.1", "127.1",
	"loopback", "private", "metadata", "unspecified", "six", "unique", "translated", "mixed",
}

// base is the URL of a host of the list: a name is made one that nobody has
// asked for yet.
func (s *scene) base(host string) string {
	if host[0] >= 'a' && host != "localhost" {
		host = s.wild.name(host)
	}
	return "https://" + host + ":" + s.wild.port
}

// TestNoURLLeadsInside has counterparties give the connector URLs of every
// kind that it takes from them, to addresses that are denied: written out in
// several ways, by name, by a name that moves, by a redirect. All addresses
// that it dials are recorded: none of the denied ones is, and each URL is
// refused in so many words. The same URLs are called where the address is
// public, or where the operator has allowed it.
func TestNoURLLeadsInside(t *testing.T) {
	t.Parallel()
	w := newWild(t)
	shut, open := newScene(t, w), newScene(t, w, deniedAt.String()+"/32")
	tried := 0
	for _, u := range urls {
		t.Run(u.name, func(t *testing.T) {
			shut.t, open.t = t, t
			for _, host := range denied {
				base := shut.base(host)
				shut.refused(base, u, u.give(shut, base))
			}
			base := shut.base("redirect")
			shut.refused(base, u, u.give(shut, base))
			shut.called(base, u)

			base = shut.base("rebind")
			u.give(shut, base) // the first time the name is at a public address
			shut.called(base, u)
			shut.world.Clock.Advance(time.Hour)
			shut.refused(base, u, u.give(shut, base))
			tried += len(denied) + 2

			base = shut.base("allowed")
			u.give(shut, base)
			shut.called(base, u)
			inside := open.dials.times(deniedAt)
			base = open.base("loopback")
			u.give(open, base)
			open.called(base, u)
			if u.called && open.dials.times(deniedAt) == inside {
				t.Error("no address was recorded where the operator allows it")
			}
		})
	}
	if all, ours := w.connections(deniedAt), open.dials.times(deniedAt); all > ours {
		t.Errorf("%d connections came to the denied address, %d of them where it is allowed", all, ours)
	}
	t.Logf("%d URLs tried; %d addresses dialled, none of them denied", tried, shut.dials.times(peersAt)+shut.dials.times(publicAt))
}

// refused checks what became of a URL.
func (s *scene) refused(base string, u givenURL, outcome string) {
	s.t.Helper()
	if list := s.dials.except(peersAt, publicAt); len(list) > 0 {
		s.t.Errorf("%s: %v dialled", base, list)
	}
	if !u.refusal.MatchString(outcome) {
		s.t.Errorf("%s: the outcome is %q, want %s", base, outcome, u.refusal)
	}
}

// called checks whether a URL was called, if URLs of its kind are.
func (s *scene) called(base string, u givenURL) {
	s.t.Helper()
	if n := s.wild.requests(base); (n > 0) != u.called {
		s.t.Errorf("%s: called %d times, want called: %v", base, n, u.called)
	}
}

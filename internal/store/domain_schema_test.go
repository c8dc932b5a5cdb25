// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/evidence"
	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/transfer/sink"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// impossibleDomain are changes that the database itself refuses, as those in
// impossible.
var impossibleDomain = map[string]string{
	"participant without a context":       `UPDATE participant SET context = ''`,
	"participant without an id":           `UPDATE participant SET id = ''`,
	"peer of no participant":              `UPDATE peer SET context = ''`,
	"peer without an id":                  `UPDATE peer SET id = ''`,
	"data plane of no participant":        `UPDATE data_plane SET context = ''`,
	"data plane without an id":            `UPDATE data_plane SET id = ''`,
	"data plane that says nothing":        `UPDATE data_plane SET doc = ''`,
	"secret that is not sealed":           `UPDATE peer SET inbound = ''`,
	"key for nothing":                     `UPDATE signing_key SET use = ''`,
	"key of number zero":                  `UPDATE signing_key SET number = 0`,
	"two keys of one number":              `INSERT INTO signing_key (context, id, use, number, pem) SELECT context, 'x', use, number, pem FROM signing_key`,
	"two probes":                          `INSERT INTO seal (one, probe) VALUES (2, 'x')`,
	"agreement of no participant":         `UPDATE agreement SET context = ''`,
	"agreement in an unknown role":        `UPDATE agreement SET role = 'x'`,
	"agreement without a document":        `UPDATE agreement SET document = NULL`,
	"agreement with half a hash":          `UPDATE agreement SET document_hash = 'abc'`,
	"import from a negotiation":           `UPDATE agreement SET imported = true, negotiation = 'x'`,
	"agreement that declares no object":   `UPDATE agreement SET declared = '[]'`,
	"agreement ended before all time":     `UPDATE agreement SET ended = -1, ended_by = 'us'`,
	"agreement ended by nobody":           `UPDATE agreement SET ended = 1`,
	"agreement ended by somebody":         `UPDATE agreement SET ended = 1, ended_by = 'them'`,
	"agreement in force, ended by us":     `UPDATE agreement SET ended_by = 'us'`,
	"agreement in force, ended why":       `UPDATE agreement SET end_reason = 'x'`,
	"policy with half a hash":             `UPDATE policy SET hash = 'abc'`,
	"policy gone, its offer left":         `DELETE FROM policy`,
	"offer under an unknown policy":       `UPDATE offer SET usage = access || 'x'`,
	"offer of no participant":             `UPDATE offer SET context = ''`,
	"asset without an id":                 `UPDATE asset SET id = ''`,
	"source without a type":               `UPDATE asset SET source_type = ''`,
	"term of no asset":                    `UPDATE asset_term SET asset = 'x'`,
	"two least terms of a name":           `INSERT INTO asset_term (context, asset, name, value, least) SELECT context, asset, name, value || 'x', true FROM asset_term`,
	"label of no asset":                   `UPDATE asset_label SET asset = 'x'`,
	"label of no offer":                   `UPDATE offer_label SET offer = 'x'`,
	"name of no offer":                    `UPDATE offer_name SET offer = 'x'`,
	"pair of no asset":                    `UPDATE offer_asset SET asset = 'x'`,
	"pair of no offer":                    `UPDATE offer_asset SET offer = 'x'`,
	"pair seen by others than its offer":  `UPDATE offer_asset SET access = access || 'x'`,
	"offer seen by others than its pairs": `UPDATE offer SET access = (SELECT hash FROM policy p WHERE p.context = offer.context AND p.hash <> offer.access)`,
}

// impossibleTrust are the same for what the roles of the claims protocol keep.
var impossibleTrust = map[string]string{
	"settings that are no object":      `UPDATE participant SET settings = '[]'`,
	"empty settings":                   `UPDATE participant SET settings = ''`,
	"unknown conformance":              `UPDATE peer SET conformance = 'lax'`,
	"unknown format names":             `UPDATE peer SET format_names = 'new'`,
	"unknown right without rules":      `UPDATE peer SET without_rules = 'read'`,
	"token of no participant":          `UPDATE used_token SET context = ''`,
	"token with half a hash":           `UPDATE used_token SET hash = substr(hash, 1, 16)`,
	"token for no time":                `UPDATE used_token SET until = 0`,
	"token used twice":                 `INSERT INTO used_token (context, hash, until) SELECT context, hash, until + 1 FROM used_token`,
	"binding of nobody":                `UPDATE binding SET participant = ''`,
	"binding to nothing":               `UPDATE binding SET value = ''`,
	"binding to a value alone":         `UPDATE binding SET scheme = ''`,
	"two bindings":                     `INSERT INTO binding (context, participant, scheme, value, bound) SELECT context, participant, scheme, 'x', bound FROM binding`,
	"trust list before the first":      `UPDATE trust_list SET sequence = 0`,
	"trust list of nobody":             `UPDATE trust_list SET authority = ''`,
	"empty trust list":                 `UPDATE trust_list SET raw = ''`,
	"two trust lists":                  `INSERT INTO trust_list (context, authority, sequence, raw) SELECT context, authority, sequence + 1, raw FROM trust_list`,
	"trusted issuer without types":     `UPDATE trust_draft SET types = '[]'`,
	"trusted issuer judged somehow":    `UPDATE trust_draft SET conformance = 'x'`,
	"request in an unknown state":      `UPDATE credential_request SET state = 'x'`,
	"request before its first version": `UPDATE credential_request SET version = 0`,
	"request to nobody":                `UPDATE credential_request SET issuer = ''`,
	"request due before all time":      `UPDATE credential_request SET next_try = -1`,
	"request with tries below none":    `UPDATE credential_request SET tries = -1`,
	"held credential without content":  `UPDATE held_credential SET raw = ''`,
	"held credential of nobody":        `UPDATE held_credential SET issuer = ''`,
	"held credential in another state": `UPDATE held_credential SET state = 'ACTIVE'`,
	"the same credential twice": `INSERT INTO held_credential (context, id, credential, issuer, types, profile, raw, valid_from, valid_until,
		status, request, received, state, checked, next_check, renew_at) SELECT context, 'x', credential, issuer, types, profile, 'x',
		0, 0, status, request, 0, state, 0, 0, 0 FROM held_credential`,
	"offer of nobody":                     `UPDATE credential_offer SET issuer = ''`,
	"offer without a document":            `UPDATE credential_offer SET document = NULL`,
	"issuance in an unknown state":        `UPDATE issuance_request SET state = 'REQUESTED'`,
	"issuance to nobody":                  `UPDATE issuance_request SET holder = ''`,
	"issuance for no request of theirs":   `UPDATE issuance_request SET holder_pid = ''`,
	"issuance before its first version":   `UPDATE issuance_request SET version = 0`,
	"token that is not sealed":            `UPDATE issuance_request SET token = ''`,
	"issuance gone, its credentials left": `DELETE FROM issuance_request`,
	"list gone, its credentials left":     `DELETE FROM status_list`,
	"list with nothing in it":             `UPDATE status_list SET taken = 0`,
	"list of number zero":                 `INSERT INTO status_list (context, list, taken) VALUES ('c', 0, 1)`,
	"credential in no list":               `UPDATE issued_credential SET list = 7`,
	"credential at no place":              `UPDATE issued_credential SET place = -1`,
	"credential of no request":            `UPDATE issued_credential SET request = 'x'`,
	"credential of another participant":   `UPDATE issued_credential SET context = 'other'`,
	"credential for nobody":               `UPDATE issued_credential SET holder = ''`,
	"issued credential in another state":  `UPDATE issued_credential SET state = 'HELD'`,
	"two credentials at one place": `INSERT INTO issued_credential (context, id, request, holder, type, profile, raw, issued, valid_until, list,
		place, state, reason, changed) SELECT context, 'x', request, holder, type, profile, raw, 0, 0, list, place, state, '', 0 FROM issued_credential`,
}

// impossibleSink are the same for data that was pulled.
var impossibleSink = map[string]string{
	"job of no participant":          `UPDATE job SET context = ''`,
	"job of another kind":            `UPDATE job SET kind = 'x'`,
	"job before its first version":   `UPDATE job SET version = 0`,
	"job to be tried before 1970":    `UPDATE job SET next_try = -1`,
	"job without a document":         `UPDATE job SET doc = ''`,
	"movements of no batch":          `UPDATE moved SET batch = ''`,
	"movements that nobody tells":    `UPDATE moved SET owner = ''`,
	"movements held before 1970":     `UPDATE moved SET held_until = -1`,
	"movements of no participant":    `UPDATE moved SET context = ''`,
	"movements of no process":        `UPDATE moved SET process = ''`,
	"movements of no time":           `UPDATE moved SET noted = 0`,
	"movements that are no list":     `UPDATE moved SET doc = '{}'`,
	"holding of no participant":      `UPDATE holding SET context = ''`,
	"holding of no transfer":         `UPDATE holding SET transfer = ''`,
	"holding under no agreement":     `UPDATE holding SET agreement = ''`,
	"holding in no folder":           `UPDATE holding SET folder = ''`,
	"holding in no file":             `UPDATE holding SET file = ''`,
	"holding of less than nothing":   `UPDATE holding SET size = -1`,
	"holding with half a hash":       `UPDATE holding SET sha256 = 'abc'`,
	"holding stored never":           `UPDATE holding SET stored = 0`,
	"holding due before all time":    `UPDATE holding SET due = -1`,
	"holding in another state":       `UPDATE holding SET state = 'due', deleted = 1`,
	"holding deleted at no time":     `UPDATE holding SET state = 'deleted', next_try = 0`,
	"holding deleted and there":      `UPDATE holding SET deleted = 1`,
	"holding there, deleted why":     `UPDATE holding SET reason = 'x'`,
	"holding deleted, yet to delete": `UPDATE holding SET state = 'deleted', deleted = 1, next_try = 5`,
	"holding to delete before 1970":  `UPDATE holding SET next_try = -1`,
}

// impossiblePolicy are the same for what the enforcement of policies keeps.
var impossiblePolicy = map[string]string{
	"meter of no participant":      `INSERT INTO meter (context, agreement, started, bytes) VALUES ('', 'a', 0, 0)`,
	"meter of no agreement":        `INSERT INTO meter (context, agreement, started, bytes) VALUES ('c', '', 0, 0)`,
	"fewer starts than none":       `UPDATE meter SET started = -1`,
	"fewer bytes than none":        `UPDATE meter SET bytes = -1`,
	"two meters":                   `INSERT INTO meter (context, agreement, started, bytes) SELECT context, agreement, 0, 0 FROM meter`,
	"start of nothing":             `UPDATE meter_start SET process = ''`,
	"start under no meter":         `UPDATE meter_start SET agreement = 'x'`,
	"start of another participant": `UPDATE meter_start SET context = 'x'`,
	"start that counts twice":      `INSERT INTO meter_start (context, agreement, process) SELECT context, agreement, process FROM meter_start`,
	"meter gone, its starts left":  `DELETE FROM meter`,
	"relation of no participant":   `UPDATE relation SET context = ''`,
	"relation to nobody":           `UPDATE relation SET party = ''`,
	"relation of no kind":          `UPDATE relation SET kind = ''`,
	"relation in capitals":         `UPDATE relation SET kind = 'Direct'`,
	"relation in two words":        `UPDATE relation SET kind = 'a b'`,
	"relation of a long kind":      `UPDATE relation SET kind = 'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg'`,
	"relation without a note":      `UPDATE relation SET note = NULL`,
	"two relations of a kind":      `INSERT INTO relation (context, party, kind, note, since) SELECT context, party, kind, 'x', since FROM relation`,
}

// impossibleEvidence are changes that the database itself refuses.
var impossibleEvidence = map[string]string{
	"evidence of no participant":      `UPDATE evidence_part SET context = ''`,
	"evidence of no transfer":         `UPDATE evidence_part SET transfer = ''`,
	"evidence by nobody":              `UPDATE evidence_part SET id = ''`,
	"fewer bodies than none":          `UPDATE evidence_part SET bodies = -1`,
	"fewer bytes moved than none":     `UPDATE evidence_part SET bytes = -1`,
	"half a digest":                   `UPDATE evidence_part SET digest = 'abc'`,
	"more in the journal than counts": `UPDATE evidence_part SET sealed = bodies + cut + 1`,
	"body of no transfer":             `UPDATE evidence_body SET transfer = ''`,
	"body with half a hash":           `UPDATE evidence_body SET sha256 = 'abc'`,
	"body before its begin":           `UPDATE evidence_body SET start = -1`,
	"message of no transfer":          `UPDATE evidence_told SET transfer = ''`,
	"message without an id":           `UPDATE evidence_told SET batch = ''`,
	"message of no time":              `UPDATE evidence_told SET kept = 0`,
	"two messages of one id":          `INSERT INTO evidence_told (context, transfer, batch, kept) SELECT context, transfer, batch, 2 FROM evidence_told`,
	"two bodies of one id":            `INSERT INTO evidence_body (context, transfer, id, sent, tracking_id, method, path, status, start, bytes, sha256, whole, began, ended) SELECT context, 'x', id, sent, tracking_id, method, path, status, start, bytes, sha256, whole, began, ended FROM evidence_body`,
}

// keepEvidence writes a row of every kind.
func keepEvidence(t *testing.T, s Store) {
	t.Helper()
	err := s.KeepEvidence(t.Context(), evidence.Batch{
		Parts: []evidence.Part{{Context: "c", Transfer: "t", ID: "1", Totals: evidence.Totals{Bodies: 1, Cut: 1}}},
		Told:  []evidence.Told{{Context: "c", Transfer: "t", ID: "1", At: time.Unix(1, 0)}},
		Bodies: []evidence.Kept{{
			Body:    evidence.Body{Context: "c", Transfer: "t", ID: "1", Direction: evidence.Sent},
			Journal: engine.Entry{Context: "c", ID: "moved", Event: "e", At: time.Unix(1, 0)},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// keepPolicy writes a row of every kind.
func keepPolicy(t *testing.T, s Store) {
	t.Helper()
	_, err := s.ClaimStart(t.Context(), "c", "a", "p", 1)
	if err := errors.Join(err, s.PutRelation(t.Context(), "c", trust.Relation{Party: "p", Kind: "direct"}),
		s.PutPlane(t.Context(), transfer.Registered{Context: "c", ID: "d", Doc: []byte("x")})); err != nil {
		t.Fatal(err)
	}
}

// keepTrust writes a row of every kind.
func keepTrust(t *testing.T, s Store) {
	t.Helper()
	ctx := t.Context()
	r := issuer.Request{ID: "r", Holder: "h", HolderPID: "p", Token: "t", State: issuer.Issued}
	_, err := s.UseToken(ctx, "c", "i", "t", time.Unix(1, 0))
	_, err2 := s.Bind(ctx, "c", "p", trust.Identifier{Scheme: "s", Value: "v"}, time.Unix(1, 0))
	_, err3 := s.Deliver(ctx, "c", holder.Request{HolderPID: "r", Issuer: "i", State: holder.Issued},
		[]holder.Stored{{ID: "1", Credential: "1", Issuer: "i", Profile: "p", Raw: "x", State: holder.Held}})
	_, err4 := s.SaveIssuerRequest(ctx, "c", r,
		[]issuer.Credential{{ID: "1", Request: "r", Holder: "h", Type: "T", Profile: "p", Raw: "x", List: 1, State: issuer.Active}})
	if err := errors.Join(err, err2, err3, err4, s.PutTrustList(ctx, "c", "a", 1, "x"),
		s.PutTrustDraft(ctx, "c", dcp.TrustedIssuer{ID: "i", Types: []string{"*"}}),
		s.PutCredentialOffer(ctx, "c", holder.Offer{ID: "o", Issuer: "i"})); err != nil {
		t.Fatal(err)
	}
}

// putJob writes a row of a body that is moved, and of one that was.
func putJob(t *testing.T, s Store) {
	t.Helper()
	_, err := s.PutJob(t.Context(), transfer.Job{Context: "c", Process: "t", Kind: transfer.JobDownload, State: transfer.JobOpen, ID: "j", NextTry: time.Unix(1, 0)})
	moved := signaling.MovedBatch{ID: "b", Context: "c", Process: "t", Noted: time.Unix(1, 0), List: []signaling.Moved{{Bytes: 1}}}
	if err := errors.Join(err, s.KeepMoved(t.Context(), signaling.MovedHold{Owner: "o", Until: time.Unix(1, 0)}, []signaling.MovedBatch{moved})); err != nil {
		t.Fatal(err)
	}
}

// keepHolding writes a row of data that was pulled.
func keepHolding(t *testing.T, s Store) {
	t.Helper()
	err := s.KeepHolding(t.Context(), sink.Holding{
		Context: "c", ID: "h", Transfer: "t", Agreement: "a", Folder: "f", File: "x", SHA256: strings.Repeat("0", 64),
		Stored: time.Unix(1, 0), Due: time.Unix(2, 0), NextTry: time.Unix(2, 0), UntilEnd: true, State: sink.Open,
	}, engine.Entry{Context: "c", ID: "kept", Event: "e", At: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImpossibleDomainRows(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s, _ := openDomain(t, dsn)
		keepSecrets(t, s, "c")
		keepTrust(t, s)
		keepPolicy(t, s)
		keepEvidence(t, s)
		hash := strings.Repeat("0", 64)
		keepHolding(t, s)
		putJob(t, s)
		open, other := policy.Permit(policy.Use), policy.Permit("https://example.org/ns#look")
		if err := errors.Join(
			s.PutParticipant(t.Context(), trust.Participant{Context: "c", ID: "id"}),
			s.PutAgreement(t.Context(), negotiation.Agreement{Context: "c", ID: "a", Role: "consumer", Negotiation: "n", DocumentHash: hash, PolicyHash: hash}),
			s.Publish(t.Context(), "c", catalog.Batch{
				Assets: []catalog.Asset{{ID: "asset", Labels: map[string]string{"k": "v"}, Properties: map[string]any{"dct:title": "x"}, Source: catalog.Source{Type: catalog.SourceFile, Path: "x"}}},
				Offers: []catalog.Offer{
					{ID: "labelled", Assets: catalog.Selector{Labels: map[string]string{"k": "v"}}, Access: open, Usage: other},
					{ID: "named", Assets: catalog.Selector{IDs: []string{"asset"}}, Access: open, Usage: other},
				},
			})); err != nil {
			t.Fatal(err)
		}
		undone := errors.New("undone")
		changes := maps.Clone(impossibleDomain)
		maps.Copy(changes, impossibleTrust)
		maps.Copy(changes, impossibleSink)
		maps.Copy(changes, impossiblePolicy)
		maps.Copy(changes, impossibleEvidence)
		for name, change := range changes {
			err := keeps(s, change).transact(t.Context(), func(tx transaction) error {
				if err := tx.exec(t.Context(), statement{query: change, want: anyRows}); err != nil {
					return err
				}
				return undone
			})
			if errors.Is(err, undone) {
				t.Errorf("%s: the database allows it", name)
			} else if !strings.Contains(strings.ToLower(err.Error()), "constraint") {
				t.Errorf("%s: refused for another reason: %v", name, err)
			}
		}
	})
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// The secrets of the tests, as they must be in no file.
var secrets = []string{"Bearer inbound-secret", "Basic outbound-secret", "header-secret", "pem-secret", "holder-token-secret"}

// keepSecrets writes every kind of secret.
func keepSecrets(t *testing.T, s Store, contextID string) {
	t.Helper()
	_, err := s.FirstKey(t.Context(), contextID, trust.SealedKey{ID: "key", Use: "data", PEM: []byte(secrets[3])})
	if err := errors.Join(err, keepToken(t, s, contextID, "asked"), keepToken(t, s, contextID, "again"),
		s.PutPeer(t.Context(), contextID, trust.Peer{ID: "peer", Inbound: secrets[0], Outbound: secrets[1]}),
		s.PutPeer(t.Context(), contextID, trust.Peer{ID: "other", Inbound: secrets[0], Outbound: secrets[1]}),
		s.Publish(t.Context(), contextID, catalog.Batch{Assets: []catalog.Asset{{ID: "asset", Source: catalog.Source{
			Type: catalog.SourceHTTP, URL: "https://source.example", Headers: map[string]string{"X-Key": secrets[2]},
		}}, {ID: "plain"}}})); err != nil {
		t.Fatal(err)
	}
}

// keepToken writes a request with the token of a holder.
func keepToken(t *testing.T, s Store, contextID, id string) error {
	t.Helper()
	_, err := s.SaveIssuerRequest(t.Context(), contextID,
		issuer.Request{ID: id, Holder: "h", HolderPID: "for " + id, Token: secrets[4], State: issuer.Received}, nil)
	return err
}

// readSecrets reads every kind of secret, and what went wrong with each.
func readSecrets(t *testing.T, s Store, contextID string) (texts []string, errs []error) {
	t.Helper()
	p, err := s.Peer(t.Context(), contextID, "peer")
	errs = append(errs, err)
	_, err = s.Peers(t.Context(), contextID)
	errs = append(errs, err)
	a, err := s.Asset(t.Context(), contextID, "asset")
	errs = append(errs, err)
	_, err = s.Assets(t.Context(), contextID, "", 10)
	errs = append(errs, err)
	k, err := s.CurrentKey(t.Context(), contextID, "data", time.Unix(1, 0))
	errs = append(errs, err)
	_, err = s.KeyByID(t.Context(), contextID, "key")
	errs = append(errs, err)
	_, err = s.Keys(t.Context(), contextID, "")
	errs = append(errs, err)
	r, err := s.IssuerRequest(t.Context(), contextID, "asked")
	errs = append(errs, err)
	_, err = s.IssuerRequests(t.Context(), contextID, "", "", 10)
	errs = append(errs, err)
	return []string{p.Inbound, p.Outbound, a.Source.Headers["X-Key"], string(k.PEM), r.Token}, errs
}

func TestNoSecretIsInTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret.db")
	s, _ := openDomain(t, "sqlite:"+path)
	keepSecrets(t, s, "c")
	if texts, errs := readSecrets(t, s, "c"); errors.Join(errs...) != nil || fmt.Sprint(texts) != fmt.Sprint(secrets) {
		t.Fatal(texts, errs)
	}
	search := func(when string) {
		found, files := 0, 0
		matches, _ := filepath.Glob(path + "*")
		for _, file := range matches {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			files++
			found += bytes.Count(raw, []byte("https://source.example")) // the search can find
			for _, secret := range secrets {
				for _, form := range []string{secret, base64.RawStdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret)} {
					if bytes.Contains(raw, []byte(form)) {
						t.Errorf("%s: %q is in %s", when, form, filepath.Base(file))
					}
				}
			}
		}
		if found == 0 || files < 2 {
			t.Fatalf("%s: looked at %v and found not even what is no secret", when, matches)
		}
	}
	search("open")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	search("closed")
}

func TestNoSecretIsInTheTables(t *testing.T) {
	t.Parallel()
	s, d := openDomain(t, PostgresDSN(t))
	keepSecrets(t, s, "c")
	for table, want := range map[string]int{"peer": 2, "asset": 2, "signing_key": 1, "issuance_request": 2, "seal": 1} {
		var rows []string
		if err := d.db.once(t.Context(), &rows, `SELECT CAST(x AS text) FROM `+table+` x`); err != nil {
			t.Fatal(err)
		}
		if len(rows) != want {
			t.Fatalf("%s has %d rows, want %d", table, len(rows), want)
		}
		for _, secret := range secrets {
			if strings.Contains(strings.Join(rows, "\n"), secret) {
				t.Errorf("%q is in %s", secret, table)
			}
		}
	}
}

func TestAnotherKeyDoesNotOpen(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s, _ := openDomain(t, dsn)
		keepSecrets(t, s, "c")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), Config{DSN: dsn, Seal: testSeal(t, 2)}); !errors.Is(err, ErrSeal) ||
			!strings.Contains(err.Error(), "the key file does not fit this database") {
			t.Fatalf("with another key: %v", err)
		}
		s, _ = openDomain(t, dsn)
		if texts, errs := readSecrets(t, s, "c"); errors.Join(errs...) != nil || fmt.Sprint(texts) != fmt.Sprint(secrets) {
			t.Fatal("with the right key again:", texts, errs)
		}
	})
}

func TestWithoutAKeySecretsAreNeitherKeptNorRead(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		sealed, _ := openDomain(t, dsn)
		keepSecrets(t, sealed, "c")
		if err := sealed.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		_, errs := readSecrets(t, s, "c")
		errs = append(errs, s.PutPeer(t.Context(), "c", trust.Peer{ID: "new", Inbound: "x"}))
		for i, err := range errs {
			if !errors.Is(err, ErrNoSeal) {
				t.Errorf("%d: got %v, want ErrNoSeal", i, err)
			}
		}
		if _, err := s.Peer(t.Context(), "c", "new"); !errors.Is(err, trust.ErrUnknownPeer) {
			t.Errorf("the refused peer: %v", err)
		}
		if err := s.PutPeer(t.Context(), "c", trust.Peer{ID: "open", URL: "u"}); err != nil {
			t.Errorf("a peer without secrets: %v", err)
		}
		if _, err := s.Asset(t.Context(), "c", "plain"); err != nil {
			t.Errorf("an asset without secrets: %v", err)
		}
	})
}

// Whoever can write to the database still cannot have one secret stand for another.
func TestASealedTextOpensInItsPlaceOnly(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s, _ := openDomain(t, dsn)
		keepSecrets(t, s, "a")
		keepSecrets(t, s, "b")
		for name, change := range map[string]string{
			"of another context": `UPDATE peer SET inbound = (SELECT inbound FROM peer WHERE context = 'b' AND id = 'peer') WHERE context = 'a' AND id = 'peer'`,
			"of another row":     `UPDATE peer SET inbound = (SELECT inbound FROM peer WHERE context = 'a' AND id = 'other') WHERE context = 'a' AND id = 'peer'`,
			"of another column":  `UPDATE peer SET inbound = outbound WHERE context = 'a' AND id = 'peer'`,
			"of another table":   `UPDATE peer SET inbound = (SELECT pem FROM signing_key WHERE context = 'a') WHERE context = 'a' AND id = 'peer'`,
			"of a request":       `UPDATE issuance_request SET token = (SELECT pem FROM signing_key WHERE context = 'a') WHERE context = 'a' AND id = 'asked'`,
			"of two requests":    `UPDATE issuance_request SET token = (SELECT token FROM issuance_request WHERE context = 'a' AND id = 'again') WHERE context = 'a' AND id = 'asked'`,
			"of another use":     `UPDATE signing_key SET use = 'journal' WHERE context = 'a'`,
			"altered":            `UPDATE asset SET headers = substr(headers, 1, 20) || 'A' || substr(headers, 22) || 'AAAA' WHERE context = 'a' AND id = 'asset'`,
			"cut":                `UPDATE signing_key SET pem = 'AAAA' WHERE context = 'a'`,
			"no base64":          `UPDATE peer SET outbound = '!' WHERE context = 'a' AND id = 'peer'`,
		} {
			if got := tryReading(t, s, change); !errors.Is(got, ErrSeal) {
				t.Errorf("%s: got %v, want ErrSeal", name, got)
			}
		}
		if err := tryReading(t, s, `UPDATE peer SET url = 'x'`); err != nil {
			t.Errorf("a change of what is no secret: %v", err)
		}
	})
}

// tryReading makes a change, reads all secrets of participant a, and writes
// them anew.
func tryReading(t *testing.T, s Store, change string) error {
	t.Helper()
	alter(t, s, change)
	_, errs := readSecrets(t, s, "a")
	if _, err := s.CurrentKey(t.Context(), "a", "journal", time.Unix(1, 0)); !errors.Is(err, trust.ErrNoKey) {
		errs = append(errs, err)
	}
	alter(t, s, `DELETE FROM signing_key WHERE context = 'a'`)
	alter(t, s, `DELETE FROM issuance_request WHERE context = 'a'`)
	keepSecrets(t, s, "a")
	return errors.Join(errs...)
}

var ofCatalogs = regexp.MustCompile(`(UPDATE|INTO|FROM) (asset|offer|policy|catalog)`)

// keeps is the part of a store that has the tables of a statement.
func keeps(s Store, query string) *domain {
	catalogs := ofCatalogs.MatchString(query)
	switch s := s.(type) {
	case *onSQLite:
		if catalogs {
			return &s.catalogs.domain
		}
		return &s.domain
	case *onPostgres:
		if catalogs {
			return &s.catalogs.domain
		}
		return &s.domain
	}
	return nil
}

// alter changes the database behind the back of the store.
func alter(t *testing.T, s Store, change string) {
	t.Helper()
	err := keeps(s, change).transact(t.Context(), func(tx transaction) error {
		return tx.exec(t.Context(), statement{query: change, want: anyRows})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheSameSecretIsSealedDifferently(t *testing.T) {
	t.Parallel()
	box := seal{testSeal(t, 1)}
	at := place{"c", "peer", "p", "inbound"}
	a, err := box.close([]byte("secret"), at)
	b, err2 := box.close([]byte("secret"), at)
	if err != nil || err2 != nil || *a == *b {
		t.Fatal(err, err2, "the nonce is not random")
	}
	seen := map[string]place{}
	for _, p := range []place{{"a", "b", "c", "d"}, {"ab", "", "c", "d"}, {"a", "b", "cd", ""}, {"", "ab", "c", "d"}, {"a1:b", "", "c", "d"}, {"a", "1:b", "c", "d"}} {
		if q, ok := seen[string(p.bytes())]; ok {
			t.Errorf("%q and %q are one place", p, q)
		}
		seen[string(p.bytes())] = p
	}
}

func BenchmarkPeers(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, d := openDomain(b, "sqlite:"+filepath.Join(b.TempDir(), "peers.db"))
			for i := range n {
				p := trust.Peer{ID: fmt.Sprintf("did:web:peer%d.example", i), URL: "https://peer.example/dsp", Inbound: fmt.Sprint("Bearer ", i), Outbound: fmt.Sprint("Bearer out ", i)}
				if err := s.PutPeer(b.Context(), "c", p); err != nil {
					b.Fatal(err)
				}
			}
			b.Run("all", func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Peers(b.Context(), "c"); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("one", func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Peer(b.Context(), "c", "did:web:peer7.example"); err != nil {
						b.Fatal(err)
					}
				}
			})
			text, err := d.seal.close([]byte("Bearer out 7"), place{"c", "peer", "p", "outbound"})
			if err != nil {
				b.Fatal(err)
			}
			b.Run("open", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := d.seal.open(text, place{"c", "peer", "p", "outbound"}); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// peers knows one peer.
type peers struct {
	trust.PeerStore
	peer trust.Peer
}

func (p peers) Peer(_ context.Context, _, id string) (trust.Peer, error) {
	if id != p.peer.ID {
		return trust.Peer{}, trust.ErrUnknownPeer
	}
	return p.peer, nil
}

const seller = "urn:company:acme"

// clientOf is a client whose one peer has that URL.
func clientOf(t testing.TB, url string) *catalog.Client {
	t.Helper()
	clients, err := safehttp.New(safehttp.Config{Timeout: 10 * time.Second, MaxResponse: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(clients.CloseIdle)
	store := peers{peer: trust.Peer{ID: seller, URL: url, Outbound: "our secret"}}
	return &catalog.Client{HTTP: clients, Peers: store, Tokens: &trust.Preshared{Peers: store}}
}

// serve runs a peer and returns its address.
func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// ours serves a house as a peer, with Link headers and compression.
func ours(t testing.TB, h *house) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "our secret" {
			t.Errorf("Authorization is %q", r.Header.Get("Authorization"))
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var answer []byte
		if id, get := strings.CutPrefix(r.URL.Path, "/base/catalog/datasets/"); get {
			answer, err = h.Dataset(r.Context(), me, buyer, id)
		} else {
			var page catalog.Page
			page, err = h.Request(r.Context(), me, buyer, body, r.URL.Query().Get("continuationToken"))
			answer = page.Body
			if page.Next != "" {
				w.Header().Add("Link", `<http://`+r.Host+`/base/catalog/request?continuationToken=`+page.Previous+`>; rel="previous"`)
				w.Header().Add("Link", `</base/catalog/request?continuationToken=`+page.Next+`>; title="a, b"; rel=next`)
			}
		}
		if err != nil {
			status, fault := catalog.Fault(err)
			w.WriteHeader(status)
			_, _ = w.Write(fault)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write(answer)
		_ = z.Close()
	}
}

func TestClientReadsOurs(t *testing.T) {
	h := newHouse(t)
	all := shelf(t, h, 250)
	h.publish(t, []catalog.Asset{{ID: "a/b c"[:3] + ":d%", Properties: map[string]any{"dct:title": "x"}}})
	client := clientOf(t, serve(t, ours(t, h))+"/base/")
	got, err := client.Catalog(t.Context(), me, seller, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Complete || got.Participant != seller || len(got.Problems) != 0 || len(got.Datasets) != len(all)+1 {
		t.Errorf("complete %v, %s, %d datasets, problems %v", got.Complete, got.Participant, len(got.Datasets), got.Problems)
	}
	filtered, err := client.Catalog(t.Context(), me, seller, json.RawMessage(`{"filterExpression":[{"operandLeft":"id","operator":"=","operandRight":"asset:0007"}]}`))
	if err != nil || len(filtered.Datasets) != 1 {
		t.Fatal(filtered, err)
	}
	d := filtered.Datasets[0]
	if d.Properties[title] != "title 0" || len(d.Offers) != 1 || !policy.Equal(d.Offers[0].Policy, use) || d.Distributions[0].Format != "HttpData-PULL" || d.Distributions[0].Endpoint != "https://acme.example/acme/dsp/2025-1" {
		t.Errorf("%+v", d)
	}
	resolved, err := h.Resolve(t.Context(), me, d.ID, d.Offers[0].ID, buyer)
	if err != nil || string(resolved.Dataset) != string(d.Document) {
		t.Errorf("%s is not %s, %v", d.Document, resolved.Dataset, err)
	}
	for _, id := range []string{"asset:0001", "a/b:d%"} {
		one, err := client.Dataset(t.Context(), me, seller, id)
		if err != nil || one.ID != id || len(one.Offers) != 1 {
			t.Errorf("%q: %+v, %v", id, one, err)
		}
	}
	for _, id := range []string{"none", "", "..", "a/b"} {
		if _, err := client.Dataset(t.Context(), me, seller, id); !errors.Is(err, catalog.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	_, err = client.Catalog(t.Context(), me, seller, json.RawMessage(`{"x":1}`))
	wantPeerError(t, err, catalog.PeerRefused, "is not understood in a filter")
	_, err = client.Catalog(t.Context(), me, seller, json.RawMessage(`{`))
	if code(err) != catalog.CodeFilter {
		t.Error(err)
	}
}

func wantPeerError(t testing.TB, err error, code string, says ...string) {
	t.Helper()
	var e *catalog.PeerError
	if !errors.As(err, &e) || e.Code != code || e.Hint == "" {
		t.Errorf("got %v, want %s", err, code)
		return
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%v does not say %q", err, text)
		}
	}
	if strings.Contains(err.Error(), "our secret") {
		t.Errorf("%v tells a secret", err)
	}
}

func TestClientErrors(t *testing.T) {
	closed := "http://" + testkit.FreeAddress(t) + "/secret-path"
	answer := func(status int, body string) string {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	const reason = `{"@context":["` + wire.ContextURL + `"],"@type":"CatalogError","code":"401","reason":["who are you?"]}`
	broken := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "{")
	})
	moved := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) })
	for name, tc := range map[string]struct {
		url, code string
		says      []string
	}{
		"refused connection": {closed, catalog.PeerUnreachable, []string{"connection refused", "check the peer's URL"}},
		"no URL":             {"peer.example", catalog.PeerUnreachable, []string{"correct the peer's URL"}},
		"no DSP URL":         {"ftp://peer.example", catalog.PeerUnreachable, []string{"correct the peer's URL"}},
		"HTML":               {answer(200, "<html>"), catalog.PeerNonsense, []string{"DSP 2025-1 base URL"}},
		"nothing":            {answer(204, ""), catalog.PeerNonsense, nil},
		"other JSON":         {answer(200, `{"ok":true}`), catalog.PeerNonsense, []string{"@context"}},
		"datasets of no one": {answer(200, `{"dataset":[{}]}`), catalog.PeerNonsense, nil},
		"another message":    {answer(200, reason), catalog.PeerNonsense, []string{"expected Catalog"}},
		"broken off":         {broken, catalog.PeerUnreachable, []string{"broke off", "try again"}},
		"too long":           {answer(200, strings.Repeat(" ", 2<<20)), catalog.PeerNonsense, []string{"with a filter"}},
		"redirect":           {moved, catalog.PeerUnreachable, []string{"redirect"}},
		"401":                {answer(401, reason), catalog.PeerRefused, []string{"401", "who are you?", "check our credentials"}},
		"403 in HTML":        {answer(403, "<html>"), catalog.PeerRefused, []string{"403", "check our credentials"}},
		"404":                {answer(404, ""), catalog.PeerRefused, []string{"404", "base URL"}},
		"500":                {answer(500, ""), catalog.PeerFailed, []string{"try again later"}},
		"400":                {answer(400, ""), catalog.PeerRefused, []string{"filter"}},
	} {
		t.Run(name, func(t *testing.T) {
			client := clientOf(t, tc.url)
			_, err := client.Catalog(t.Context(), me, seller, nil)
			wantPeerError(t, err, tc.code, tc.says...)
			_, err = client.Dataset(t.Context(), me, seller, "a")
			if name != "another message" {
				wantPeerError(t, err, tc.code)
			}
			if strings.Contains(err.Error(), "secret-path") {
				t.Errorf("%v shows the path", err)
			}
		})
	}
	if _, err := clientOf(t, closed).Catalog(t.Context(), me, "stranger", nil); !errors.Is(err, trust.ErrUnknownPeer) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := clientOf(t, broken).Catalog(ctx, me, seller, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	slow := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client is gone
		<-r.Context().Done()
	})
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := clientOf(t, slow).Catalog(ctx, me, seller, nil)
	wantPeerError(t, err, catalog.PeerTimeout, "in time")
}

// pageOf is a catalogue page with these datasets.
func pageOf(datasets ...string) string {
	return `{"@context":["` + wire.ContextURL + `"],"@id":"c","@type":"Catalog","participantId":"` + seller + `","dataset":[` + strings.Join(datasets, ",") + `]}`
}

func datasetJSON(id, offers string) string {
	return fmt.Sprintf(`{"@id":%q,"@type":"Dataset","hasPolicy":[%s],"distribution":[{"@type":"Distribution","format":"HttpData-PULL","accessService":"s"}]}`, id, offers)
}

const plainOffer = `{"@id":"o","@type":"Offer","permission":[{"action":"use"}]}`

func TestClientFollowsLinksWithinBounds(t *testing.T) {
	for name, tc := range map[string]struct {
		link     func(page int, r *http.Request) string // of page 0, 1, ...
		pages    int
		complete bool
		says     string
	}{
		"none":         {func(int, *http.Request) string { return "" }, 1, true, ""},
		"previous":     {func(int, *http.Request) string { return `<?p=9>; rel="previous", <?p=8>; rel=prev` }, 1, true, ""},
		"three":        {func(p int, _ *http.Request) string { return []string{`<?p=1>; rel="x next"`, `<?p=2>;rel=NEXT`, ""}[p] }, 3, true, ""},
		"itself":       {func(int, *http.Request) string { return `<?>; rel="next"` }, 2, false, "earlier page"},
		"a circle":     {func(p int, _ *http.Request) string { return fmt.Sprintf(`<?p=%d>; rel="next"`, (p+1)%3) }, 4, false, "earlier page"},
		"no end":       {func(p int, _ *http.Request) string { return fmt.Sprintf(`<?p=%d>; rel="next"`, p+1) }, 5, false, "more than 5 pages"},
		"another host": {func(int, *http.Request) string { return `<http://169.254.169.254/x>; rel="next"` }, 1, false, "another host"},
		"no URL":       {func(int, *http.Request) string { return `<http://[>; rel="next"` }, 1, false, "no URL"},
		"unclosed":     {func(int, *http.Request) string { return `<?p=1; rel="next"` }, 1, true, ""},
		"then a fault": {func(p int, _ *http.Request) string { return []string{`<?p=1>; rel="next"`, "500"}[p] }, 2, false, "page 2 cannot be had"},
	} {
		t.Run(name, func(t *testing.T) {
			pages := 0
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if r.Method != http.MethodPost || !strings.Contains(string(body), "CatalogRequestMessage") {
					t.Errorf("%s %s", r.Method, body)
				}
				link := tc.link(pages, r)
				pages++
				if link == "500" {
					w.WriteHeader(http.StatusInternalServerError)
					return
				}
				if link != "" {
					w.Header().Set("Link", link)
				}
				_, _ = io.WriteString(w, pageOf(datasetJSON(fmt.Sprintf("d%d", pages), plainOffer)))
			})
			client := clientOf(t, url)
			client.MaxPages = 5
			got, err := client.Catalog(t.Context(), me, seller, nil)
			if tc.says == "another host" || tc.says == "no URL" {
				wantPeerError(t, err, catalog.PeerNonsense, tc.says)
				return
			}
			if err != nil || pages != tc.pages || got.Complete != tc.complete || len(got.Datasets) == 0 {
				t.Errorf("%v, %d pages, complete %v, %d datasets", err, pages, got.Complete, len(got.Datasets))
			}
			if (tc.says == "") != (len(got.Problems) == 0) || tc.says != "" && !strings.Contains(got.Problems[0].Reason, tc.says) {
				t.Errorf("problems %v", got.Problems)
			}
		})
	}
}

func TestClientBoundsBytes(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `<?p=`+r.URL.Query().Get("p")+`1>; rel="next"`)
		_, _ = io.WriteString(w, pageOf(datasetJSON("d"+r.URL.Query().Get("p"), plainOffer)))
	})
	client := clientOf(t, url)
	client.MaxBytes = 1000
	got, err := client.Catalog(t.Context(), me, seller, nil)
	if err != nil || got.Complete || len(got.Datasets) == 0 || len(got.Datasets) > 4 || len(got.Problems) != 1 {
		t.Errorf("%v %+v", err, got)
	}
}

func TestClientLeavesOutWhatItCannotRead(t *testing.T) {
	const strange = `{"@id":"p","@type":"Offer","permission":[{"action":"use","refinement":[{"x":1}]}]}`
	const constrained = `{"@id":"q","@type":"Offer","permission":[{"action":"use","constraint":[{"leftOperand":"count","operator":"lteq","rightOperand":5}]}]}`
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, pageOf(
			datasetJSON("good", plainOffer),
			datasetJSON("good", plainOffer),
			datasetJSON("constrained", constrained),
			datasetJSON("half", plainOffer+","+strange),
			datasetJSON("strange", strange),
			datasetJSON("no offers", ""),
			`{"@id":"bare","@type":"Dataset"}`, `{"@id":5}`, `"text"`, `null`,
		))
	})
	got, err := clientOf(t, url).Catalog(t.Context(), me, seller, nil)
	if err != nil {
		t.Fatal(err)
	}
	var ids, complaints []string
	for _, d := range got.Datasets {
		ids = append(ids, d.ID)
	}
	for _, p := range got.Problems {
		complaints = append(complaints, p.Dataset)
	}
	slices.Sort(complaints)
	same(t, "read", ids, []string{"good", "constrained", "half"})
	same(t, "complained about", complaints, []string{"", "", "", "bare", "half", "no offers", "strange", "strange"})
	if !got.Complete || len(got.Datasets[1].Offers[0].Policy.Permissions[0].Constraints) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestClientWarns(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"@context":["`+wire.ContextURL+`"],"@id":"c","@type":"Catalog","participantId":"someone","catalog":[{"@id":"inner","@type":"Catalog"}]}`)
	})
	got, err := clientOf(t, url).Catalog(t.Context(), me, seller, nil)
	if err != nil || got.Participant != "someone" || len(got.Problems) != 2 {
		t.Errorf("%v %+v", err, got)
	}
}

// TestClientReadsCaptured reads what another product really answered.
func TestClientReadsCaptured(t *testing.T) {
	folder := filepath.Join(testkit.Shared(t), "peers", "edc", "wire")
	for name, want := range map[string][]string{"001": {"asset-1"}, "009": {"asset-2", "asset-1"}} {
		files, err := filepath.Glob(filepath.Join(folder, name+"*.http"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		bodies := regexp.MustCompile(`(?m)^\{.*\}`).FindAll(text, -1)
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bodies[1]) })
		got, err := clientOf(t, url).Catalog(t.Context(), me, seller, nil)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, d := range got.Datasets {
			ids = append(ids, d.ID)
			if len(d.Offers) != 1 || len(d.Distributions) != 2 || d.Distributions[0].Endpoint == "" {
				t.Errorf("%+v", d)
			}
		}
		same(t, name, ids, want)
		if len(got.Problems) != 1 { // it calls itself provider
			t.Errorf("problems %v", got.Problems)
		}
	}
}

func TestDiscover(t *testing.T) {
	document := func(doc string) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/top/.well-known/dspace-version" || r.Header.Get("Authorization") != "" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			_, _ = io.WriteString(w, doc)
		}) + "/top"
	}
	good := document(`{"protocolVersions":[{"version":"0.8","path":"/old","binding":"HTTPS"},{"version":"2025-1","path":"/dsp/2025-1","binding":"HTTPS"}]}`)
	old := document(`{"protocolVersions":[{"version":"0.8","path":"/old","binding":"HTTPS"}]}`)
	rooted := document(`{"protocolVersions":[{"version":"2025-1","path":"/","binding":"HTTPS"}]}`)
	odd := document(`<html>`)
	client := clientOf(t, good)
	for address, want := range map[string]string{
		good:                    good + "/dsp/2025-1",
		good + "/":              good + "/dsp/2025-1",
		good + "/dsp/2025-1":    good + "/dsp/2025-1",
		rooted:                  rooted,
		odd:                     odd,
		"http://127.0.0.1:1/x/": "http://127.0.0.1:1/x",
	} {
		if got, err := client.Discover(t.Context(), address); got != want || err != nil {
			t.Errorf("%s: %s, %v; want %s", address, got, err, want)
		}
	}
	_, err := client.Discover(t.Context(), old)
	wantPeerError(t, err, catalog.PeerNonsense, `"0.8"`, "2025-1")
	_, err = client.Catalog(t.Context(), me, seller, nil)
	wantPeerError(t, err, catalog.PeerRefused, "its version document says", good+"/dsp/2025-1")
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The addresses of the wild: the first two stand for public ones, the third is
// denied unless it is opened.
var (
	peersAt  = netip.MustParseAddr("127.0.0.2") // honest hosts
	publicAt = netip.MustParseAddr("127.0.0.3") // hosts of the URLs under test
	deniedAt = netip.MustParseAddr("127.0.0.1")
)

// wild is the network outside of a connector: HTTPS servers on one port of
// three addresses, and a name server that lies.
type wild struct {
	port, caFile string

	mu       sync.Mutex
	names    int
	hosts    map[string]http.Handler // of peersAt, by name
	asked    map[string]int          // questions for names that move
	came     map[string]int          // requests at the other addresses, by name
	accepted map[netip.Addr]int      // connections that came
}

func newWild(t *testing.T) *wild {
	t.Helper()
	w := &wild{hosts: map[string]http.Handler{}, asked: map[string]int{}, came: map[string]int{}, accepted: map[netip.Addr]int{}}
	certificate := w.certificate(t)
	port := "0"
	for _, at := range []netip.Addr{peersAt, publicAt, deniedAt} {
		inner, err := net.Listen("tcp", net.JoinHostPort(at.String(), port))
		if err != nil {
			t.Skipf("this machine has no %s: %v", at, err)
		}
		_, port, _ = net.SplitHostPort(inner.Addr().String())
		s := httptest.NewUnstartedServer(w.at(at))
		_ = s.Listener.Close()
		s.Listener = &tellingListener{inner, func() { w.mu.Lock(); w.accepted[at]++; w.mu.Unlock() }}
		s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.Config.SetKeepAlivesEnabled(false) // each request has to dial
		s.StartTLS()
		t.Cleanup(s.Close)
	}
	w.port = port
	return w
}

type tellingListener struct {
	net.Listener
	tell func()
}

func (l *tellingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.tell()
	}
	return conn, err
}

// at serves one address: at peersAt the hosts that are there, elsewhere
// nothing but redirects.
func (w *wild) at(at netip.Addr) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		name, _, _ := net.SplitHostPort(r.Host)
		w.mu.Lock()
		h := w.hosts[name]
		if at != peersAt {
			w.came[name]++
		}
		w.mu.Unlock()
		switch {
		case at == peersAt && h != nil:
			h.ServeHTTP(out, r)
		case strings.HasPrefix(name, "redirect-"):
			out.Header().Set("Location", "https://127.0.0.1:"+w.port+r.URL.Path)
			out.WriteHeader(http.StatusTemporaryRedirect)
		default:
			http.NotFound(out, r)
		}
	})
}

// certificate makes one for all hosts, which caFile names as its authority.
func (w *wild) certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{"*.wild.example", "localhost"}, IPAddresses: []net.IP{deniedAt.AsSlice(), net.IPv6loopback},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	w.caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(w.caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// name makes a host name that nobody has asked for yet, of a kind (see lookup).
func (w *wild) name(kind string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names++
	return fmt.Sprintf("%s-%d.wild.example", kind, w.names)
}

// serves puts an honest host there.
func (w *wild) serves(name string, h http.Handler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[name] = h
}

// requests is how many came to the host of a URL since the last call.
func (w *wild) requests(base string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	name, _, _ := net.SplitHostPort(strings.TrimPrefix(base, "https://"))
	n := w.came[name]
	delete(w.came, name)
	return n
}

// connections is how many came to an address.
func (w *wild) connections(at netip.Addr) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.accepted[at]
}

// A recorder is told each address that a connector dials.
type recorder struct {
	mu      sync.Mutex
	dialled map[netip.Addr]int
}

func (r *recorder) control(_, address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dialled[netip.MustParseAddrPort(address).Addr()]++
}

// except returns what was dialled besides some addresses.
func (r *recorder) except(known ...netip.Addr) (list []netip.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for a := range r.dialled {
		if !slices.Contains(known, a) {
			list = append(list, a)
		}
	}
	return list
}

func (r *recorder) times(a netip.Addr) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dialled[a]
}

// lookup is what the name server says; a name's first word says what it is.
func (w *wild) lookup(name string) []netip.Addr {
	kind, _, _ := strings.Cut(name, "-")
	list := map[string][]string{
		"allowed": {"127.0.0.3"}, "redirect": {"127.0.0.3"},
		"loopback": {"127.0.0.1"}, "private": {"10.0.0.1"}, "metadata": {"169.254.169.254"}, "unspecified": {"0.0.0.0"},
		"six": {"::1"}, "unique": {"fd00::1"}, "translated": {"64:ff9b::7f00:1"}, "mixed": {"127.0.0.1", "192.168.0.1", "fe80::1"},
	}[kind]
	if kind == "rebind" {
		list = []string{"127.0.0.3"}
		w.mu.Lock()
		if w.asked[name] > 1 { // the questions for IPv4 and IPv6 of the first time
			list = []string{"127.0.0.1"}
		}
		w.asked[name]++
		w.mu.Unlock()
	}
	if list == nil {
		return []netip.Addr{peersAt}
	}
	var found []netip.Addr
	for _, a := range list {
		found = append(found, netip.MustParseAddr(a))
	}
	return found
}

// resolver asks the name server of the wild, over a pipe.
func (w *wild) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer ours.Close()
			var size [2]byte // over a stream a message has its length before it
			if _, err := io.ReadFull(ours, size[:]); err != nil {
				return
			}
			query := make([]byte, binary.BigEndian.Uint16(size[:]))
			if _, err := io.ReadFull(ours, query); err == nil {
				_, _ = ours.Write(w.resolve(query))
			}
		}()
		return theirs, nil
	}}
}

// resolve answers a query of one question (RFC 1035 section 4.1).
func (w *wild) resolve(query []byte) []byte {
	var labels []string
	end := 12
	for query[end] != 0 {
		labels = append(labels, string(query[end+1:end+1+int(query[end])]))
		end += int(query[end]) + 1
	}
	end += 5 // the root label, type and class
	kind := binary.BigEndian.Uint16(query[end-4:])
	msg, count := append([]byte(nil), query[:end]...), 0
	for _, addr := range w.lookup(strings.Join(labels, ".")) {
		if kind == 1 && addr.Is4() || kind == 28 && addr.Is6() { // A, AAAA
			raw := addr.AsSlice()
			msg = append(msg, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(len(raw)))
			msg = append(msg, raw...)
			count++
		}
	}
	msg[2], msg[3] = 0x81, 0x80
	binary.BigEndian.PutUint16(msg[6:], uint16(count))
	clear(msg[8:12])
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)
}

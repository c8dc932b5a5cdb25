// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/web"
)

func listen(t *testing.T, c web.ServerConfig) *web.Server {
	t.Helper()
	c.Address = "127.0.0.1:0"
	s, err := web.Listen(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestServerStopsUnused: a connection on which nothing came yet, as clients
// keep some to spare, does not hold up the stop.
func TestServerStopsUnused(t *testing.T) {
	s := listen(t, web.ServerConfig{})
	s.Serve(http.NotFoundHandler())
	unused, err := net.Dial("tcp", s.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer unused.Close()
	// One that came later has an answer: the first is accepted.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + s.Address())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// TestServerStops: requests under way are finished, and nothing is left.
func TestServerStops(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := listen(t, web.ServerConfig{})
	begun, finish := make(chan struct{}), make(chan struct{})
	s.Serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-finish
		_, _ = io.WriteString(w, "whole")
	}))
	answer := make(chan string)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	go func() {
		resp, err := client.Get("http://" + s.Address())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		answer <- string(body)
	}()
	<-begun
	stopped := make(chan error)
	go func() { stopped <- s.Stop(context.Background()) }()
	close(finish)
	if got := <-answer; got != "whole" {
		t.Errorf("the request under way got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", s.Address()); err == nil {
		t.Error("it still listens")
	}
}

// TestServerCutsOff: a request that does not end is cut when the time is over.
func TestServerCutsOff(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := listen(t, web.ServerConfig{})
	begun := make(chan struct{})
	s.Serve(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	}))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ended := make(chan error)
	go func() {
		resp, err := client.Get("http://" + s.Address())
		if err == nil {
			resp.Body.Close()
		}
		ended <- err
	}()
	<-begun
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Stop(ctx); err == nil {
		t.Error("Stop does not say that it cut a request off")
	}
	if err := <-ended; err == nil {
		t.Error("the request that was cut off looks finished")
	}
}

// TestStopBeforeServe closes a listener that never served.
func TestStopBeforeServe(t *testing.T) {
	s := listen(t, web.ServerConfig{})
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestWaitEndsWithServer: who waits for a process is answered when the server
// stops, with the state as it is.
func TestWaitEndsWithServer(t *testing.T) {
	w := newWorld(t)
	w.put("acme", engine.Record{ID: "urn:n", Kind: engine.Negotiation, Role: engine.Consumer, Peer: idSupplier, PeerPID: "urn:their:n", State: "REQUESTED"})
	s := listen(t, web.ServerConfig{})
	asked := make(chan struct{}, 1)
	s.Serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		w.management.ServeHTTP(rw, r)
	}))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer := make(chan int)
	go func() {
		r, _ := http.NewRequest(http.MethodGet, "http://"+s.Address()+ourBase+"/negotiations/urn%3An?wait=60s", nil)
		r.Header.Set("X-Api-Key", apiKey)
		resp, err := client.Do(r)
		if err != nil {
			answer <- 0
			return
		}
		resp.Body.Close()
		answer <- resp.StatusCode
	}()
	<-asked
	begin := time.Now()
	if err := s.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if got := <-answer; got != http.StatusAccepted {
		t.Errorf("status %d, want 202", got)
	}
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

// writePair writes a self-signed certificate of a name.
func writePair(t *testing.T, dir, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// TestCertificateIsReadAgain: a new pair is served without a restart, and the
// old one as long as the new cannot be read.
func TestCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := writePair(t, dir, "first")
	s := listen(t, web.ServerConfig{CertFile: certFile, KeyFile: keyFile})
	s.Serve(http.NotFoundHandler())
	defer s.Stop(t.Context())
	served := func() string {
		c, err := tls.Dial("tcp", s.Address(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	if got := served(); got != "first" {
		t.Errorf("serves %q", got)
	}
	later := time.Now().Add(time.Minute)
	writePair(t, dir, "second")
	for _, f := range []string{certFile, keyFile} {
		if err := os.Chtimes(f, later, later); err != nil {
			t.Fatal(err)
		}
	}
	if got := served(); got != "second" {
		t.Errorf("after a change it serves %q", got)
	}
	if err := os.Remove(keyFile); err != nil {
		t.Fatal(err)
	}
	if got := served(); got != "second" {
		t.Errorf("without a key file it serves %q", got)
	}
	if _, err := web.Listen(web.ServerConfig{Address: "127.0.0.1:0", CertFile: certFile, KeyFile: keyFile}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a server whose key does not exist: %v", err)
	}
}

// TestHugeBodyOverTheWire: a peer that announces 100 MB is answered before it
// has sent them, and the connection is closed.
func TestHugeBodyOverTheWire(t *testing.T) {
	w := newWorld(t)
	s := listen(t, web.ServerConfig{})
	s.Serve(w.protocol)
	defer s.Stop(t.Context())
	c, err := net.Dial("tcp", s.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "POST "+supplierBase+"/transfers/request HTTP/1.1\r\nHost: x\r\nAuthorization: "+toSupplier+"\r\nContent-Length: 104857600\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusRequestEntityTooLarge || !resp.Close || !strings.Contains(string(body), "TransferError") {
		t.Errorf("status %d, closed %t: %s", resp.StatusCode, resp.Close, body)
	}
}

// TestDataCut: a data plane that aborts leaves no clean end.
func TestDataCut(t *testing.T) {
	h := web.NewProtocol(web.ProtocolConfig{
		Common: web.Common{Now: time.Now, NewID: newID}, Participants: fixedParticipant{},
		Data: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			if strings.HasSuffix(r.URL.Path, "bug") {
				panic("bug")
			}
			panic(http.ErrAbortHandler)
		}),
	})
	s := listen(t, web.ServerConfig{})
	s.Serve(h)
	defer s.Stop(t.Context())
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, path := range []string{"/acme/data/cut", "/acme/data/bug"} {
		resp, err := client.Get((&url.URL{Scheme: "http", Host: s.Address(), Path: path}).String())
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil || string(body) != "half" {
			t.Errorf("%s: %q, %v: the body must end in an error", path, body, err)
		}
	}
}

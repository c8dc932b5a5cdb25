// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"musubi": main, "ask": ask, "pending": pending, "approve": approve, "held": held, "revoke": revoke, "lastkey": lastkey, "deletekey": deletekey, "lastof": lastOf, "explainlast": withLast([]string{"explain"}, nil), "endlast": withLast([]string{"agreements", "end"}, []string{"-reason", "we sold the line"})})
}

// TestScripts runs the command line as a user meets it: each file of
// testdata/script is a session. $TAKEN is the address of a port in use, where a
// server answers nonsense; $FREE, $FREE2, $FREE3 and $FREE4 are of ports
// that nobody uses; $ISSUER is the DID of the registrar of a script at $FREE.
func TestScripts(t *testing.T) {
	nonsense := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html>It works!</html>")
	}))
	t.Cleanup(nonsense.Close) // after the scripts, which run in parallel
	testscript.Run(t, testscript.Params{
		Dir:      "testdata/script",
		Deadline: time.Now().Add(time.Minute),
		Setup: func(e *testscript.Env) error {
			e.Setenv("TAKEN", nonsense.Listener.Addr().String())
			for _, name := range []string{"FREE", "FREE2", "FREE3", "FREE4"} {
				e.Setenv(name, testkit.FreeAddress(t))
			}
			_, port, err := net.SplitHostPort(e.Getenv("FREE"))
			e.Setenv("ISSUER", "did:web:localhost%3A"+port+":registrar")
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"interrupt": interrupt, "await": await},
	})
}

// ask is a program for scripts: `ask METHOD ADDRESS/PATH [BODY]` calls the
// management API, once it listens, and prints the status and the answer.
func ask() {
	method, target, body := os.Args[1], "http://"+os.Args[2], ""
	if len(os.Args) > 3 {
		body = os.Args[3]
	}
	pause, limit := time.NewTicker(10*time.Millisecond), time.NewTimer(20*time.Second)
	for {
		req, err := http.NewRequest(method, target, strings.NewReader(body))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		req.Header.Set("Authorization", "Bearer "+os.Getenv("MUSUBI_API_KEY"))
		req.Header.Set("Content-Type", "application/json")
		client := &http.Client{Timeout: 30 * time.Second}
		resp, err := client.Do(req)
		if err == nil {
			text, _ := io.ReadAll(resp.Body)
			fmt.Println(resp.StatusCode, string(text))
			return
		}
		select {
		case <-pause.C:
		case <-limit.C:
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// interrupt tells the background processes of a script to stop.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: interrupt")
	}
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(os.Interrupt))
	}
}

// await waits until a file exists.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	tick, limit := time.NewTicker(10*time.Millisecond), time.NewTimer(20*time.Second)
	defer tick.Stop()
	defer limit.Stop()
	for {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-limit.C:
			ts.Fatalf("%s did not appear", args[0])
		}
	}
}

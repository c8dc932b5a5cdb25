// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package connector_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// remoteVariable holds the remoteSetup of a test binary that is the other
// process of a trade.
const remoteVariable = "MUSUBI_BENCH_REMOTE"

// A remote is the provider in another process, which runs this test binary:
// calls go to its standard input, answers come on a pipe of their own.
type remote struct {
	client *rpc.Client
	place  Place
	output bytes.Buffer
}

// conn joins a writer and a reader to what package rpc wants.
type conn struct {
	io.Reader
	io.WriteCloser
}

// startRemote starts the process, which ends with the test.
func startRemote(t testing.TB, setup remoteSetup) *remote {
	t.Helper()
	text, err := json.Marshal(setup)
	if err != nil {
		t.Fatal(err)
	}
	answers, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r := &remote{}
	cmd := exec.Command(os.Args[0], "-test.run=^TestBenchmarkRemote$", "-test.timeout=0")
	cmd.Env = append(os.Environ(), remoteVariable+"="+string(text))
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Stdout, cmd.Stderr = &r.output, os.Stderr
	calls, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close() // it has its own
	r.client = jsonrpc.NewClient(conn{answers, calls})
	t.Cleanup(func() {
		_ = r.client.Close() // the end of its input ends the process
		giveUp := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		defer giveUp.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the other process: %v\n%s", err, r.output.String())
		}
		_ = answers.Close()
	})
	if err := r.call("Hello", struct{}{}, &r.place); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *remote) call(method string, args, reply any) error {
	if reply == nil {
		reply = &struct{}{}
	}
	if err := r.client.Call("Remote."+method, args, reply); err != nil {
		return fmt.Errorf("the other process, asked to %s: %w", method, err)
	}
	return nil
}

// TestBenchmarkRemote is the other process.
func TestBenchmarkRemote(t *testing.T) {
	text := os.Getenv(remoteVariable)
	if text == "" {
		t.Skip("it is run by the benchmark, in a process of its own")
	}
	var setup remoteSetup
	if err := json.Unmarshal([]byte(text), &setup); err != nil {
		t.Fatal(err)
	}
	provider := setup.start(t, "supplier")
	provider.publishOpen(t)
	server := rpc.NewServer()
	if err := server.RegisterName("Remote", &Remote{t, setup, provider, profiler{}}); err != nil {
		t.Fatal(err)
	}
	server.ServeCodec(jsonrpc.NewServerCodec(conn{os.Stdin, os.NewFile(3, "answers")}))
}

// Remote is what the other process does when it is asked to.
type Remote struct {
	t        *testing.T
	setup    remoteSetup
	provider *node
	profiler profiler
}

// Hello says where the provider is.
func (r *Remote) Hello(_ struct{}, reply *Place) error {
	*reply = Place{r.provider.id, r.provider.url}
	return nil
}

// Know makes the consumer known.
func (r *Remote) Know(consumer Place, _ *struct{}) error {
	return r.setup.know(r.provider, "maker", consumer)
}

// Register asks the authority for credentials and waits until they came.
func (r *Remote) Register(struct{}, *struct{}) error {
	asked, err := r.provider.Wallet().Request(r.t.Context(), r.setup.Authority, credentials...)
	if err != nil {
		return err
	}
	got, err := r.provider.Wallet().Await(r.t.Context(), asked.HolderPID, patience)
	if err == nil && got.State != holder.Issued {
		err = fmt.Errorf("the request is %s (%s)", got.State, got.Reason)
	}
	return err
}

// Await waits until a negotiation is FINALIZED.
func (r *Remote) Await(id string, _ *struct{}) error {
	_, err := r.provider.AwaitNegotiation(r.t.Context(), id, patience, finalized)
	return err
}

// Settle waits until no negotiation is open and returns how many are FINALIZED.
func (r *Remote) Settle(_ struct{}, reply *int) error {
	for {
		open, err := r.provider.Negotiations(r.t.Context(), negotiation.Filter{Open: true})
		if err != nil {
			return err
		}
		for _, n := range open {
			if err := r.Await(n.ID, nil); err != nil {
				return err
			}
		}
		if len(open) == 0 {
			break
		}
	}
	const page = 1000
	f := negotiation.Filter{State: "FINALIZED", Limit: page}
	for {
		list, err := r.provider.Negotiations(r.t.Context(), f)
		if err != nil {
			return err
		}
		if *reply += len(list); len(list) < page {
			return nil
		}
		f.Before = list[page-1].ID
	}
}

// Usage says what the process has used.
func (r *Remote) Usage(_ struct{}, reply *Usage) error {
	*reply = ownUsage()
	return nil
}

// Weigh says what the process holds.
func (r *Remote) Weigh(_ struct{}, reply *Weight) error {
	*reply = r.setup.weigh(r.t)
	return nil
}

// Profile begins a profile; without a path it ends it.
func (r *Remote) Profile(path string, _ *struct{}) error { return r.profiler.turn(path) }

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/musubi-ods/musubi/internal/conformance"
	"github.com/musubi-ods/musubi/internal/freeport"
)

// bench is one run of the kit: a replica for each store.
type bench struct {
	kit, cut, dir string
	stores        []string
}

// want is the kit's last line when all of its tests ran and passed.
const want = "65 passed, 0 failed"

// judge starts the replicas behind the proxy, checks that they demand
// authentication, runs the kit and says whether everything held.
func judge(ctx context.Context, b bench) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	kitPort, err := freeport.Find()
	if err != nil {
		return err
	}
	front, err := newProxy()
	if err != nil {
		return err
	}
	defer front.close()
	replicas, err := b.start(ctx, front, kitPort)
	defer func() {
		for _, r := range replicas {
			r.stop()
		}
	}()
	if err != nil {
		return err
	}
	if err := demandsAuthentication(ctx, front.url()+"/tck"); err != nil {
		return err
	}
	last, err := b.runKit(ctx, front, kitPort)
	front.report()
	fmt.Println(last)
	switch {
	case err != nil:
		return fmt.Errorf("the kit failed: %w", err)
	case last != want:
		return fmt.Errorf("the kit's last line is %q, not %q", last, want)
	}
	return front.balanced()
}

func (b bench) start(ctx context.Context, front *proxy, kitPort int) ([]*replica, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	var replicas []*replica
	for _, store := range b.stores {
		r, err := b.startOne(ctx, store, hex.EncodeToString(key), front.url(), kitPort)
		if err != nil {
			return replicas, err
		}
		replicas = append(replicas, r)
		front.add(r.protocol, r.hooks)
	}
	return replicas, nil
}

// replica is one process of the connector under test.
type replica struct {
	cmd             *exec.Cmd
	protocol, hooks string
}

func (b bench) startOne(ctx context.Context, store, key, public string, kitPort int) (*replica, error) {
	protocol, err := freeport.Find()
	if err != nil {
		return nil, err
	}
	hooks, err := freeport.Find()
	if err != nil {
		return nil, err
	}
	r := &replica{protocol: address(protocol), hooks: address(hooks)}
	r.cmd = exec.CommandContext(ctx, b.cut, "-store", store, "-listen", r.protocol, "-hooks", r.hooks,
		"-public", public, "-kit", fmt.Sprintf("http://localhost:%d", kitPort), "-log", "error")
	r.cmd.Env = append(os.Environ(), "MUSUBI_KEY="+key)
	r.cmd.Stderr = os.Stderr
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan error, 1)
	go func() {
		line, err := bufio.NewReader(out).ReadString('\n')
		if strings.TrimSpace(line) != "ready" {
			err = errors.Join(errors.New("the connector under test did not start"), err)
		} else {
			err = nil
		}
		ready <- err
	}()
	select {
	case err := <-ready:
		return r, err
	case <-time.After(startTime):
		return r, errors.New("the connector under test was not ready in time")
	}
}

// stop ends the process it started, in good order if it can.
func (r *replica) stop() {
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	_ = r.cmd.Wait()
}

// runKit runs the kit and returns its last line.
func (b bench) runKit(ctx context.Context, front *proxy, kitPort int) (string, error) {
	kit := fmt.Sprintf("http://localhost:%d", kitPort)
	return conformance.RunKit(ctx, b.kit, nil, "dsp",
		fmt.Sprintf("dataspacetck.port=%d", kitPort),
		"dataspacetck.callback.address="+kit,
		"dataspacetck.dsp.connector.http.url="+front.url()+"/tck/dsp/2025-1",
		"dataspacetck.dsp.connector.http.base.url="+front.url()+"/tck",
		"dataspacetck.dsp.connector.negotiation.initiate.url="+front.hooksURL()+"/tck/negotiations/requests",
		"dataspacetck.dsp.connector.transfer.initiate.url="+front.hooksURL()+"/tck/transfers/requests")
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

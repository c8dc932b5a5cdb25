// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Home is a folder in which EDCs of one run keep process ids and logs. The jars
// are those of the user's cache folder, downloaded once.
type Home struct {
	dir  string
	peer string // the folder of the peer, with its script
	env  []string
}

// HomeOptions say what EDC is to be.
type HomeOptions struct {
	Identity string // "" for mock identity, "dcp"
	SQL      bool   // stores in PostgreSQL: the script's "postgres start" first
	Debug    bool   // log why a peer is refused
}

// NewHome fetches what the EDC is made of, which takes minutes the first time,
// and makes a home. Close ends it.
func NewHome(ctx context.Context, o HomeOptions) (*Home, error) {
	peer, err := findPeer()
	if err != nil {
		return nil, err
	}
	h := &Home{peer: peer}
	if o.Identity != "" {
		h.env = append(h.env, "IDENTITY="+o.Identity)
	}
	if o.Debug {
		h.env = append(h.env, "DEBUG=1")
	}
	fetch := []string{"fetch"}
	if o.SQL {
		fetch = append(fetch, "sql")
	}
	if err := h.Script(ctx, fetch...); err != nil {
		return nil, err
	}
	if o.SQL {
		h.env = append(h.env, "SQL=1")
	}
	if h.dir, err = os.MkdirTemp("", "edc"); err != nil {
		return nil, err
	}
	cache, err := cacheFolder()
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	libs, err := filepath.Glob(filepath.Join(cache, "lib-*"))
	for _, lib := range libs {
		err = errors.Join(err, os.Symlink(lib, filepath.Join(h.dir, filepath.Base(lib))))
	}
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	h.env = append(h.env, "EDC_HOME="+h.dir)
	return h, nil
}

// findPeer returns the folder of the real EDC: below MUSUBI_SHARED, or
// ../shared beside the module.
func findPeer() (string, error) {
	shared := os.Getenv("MUSUBI_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "shared")
	}
	folder, err := filepath.Abs(filepath.Join(shared, "peers", "edc"))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(folder, "edc")); err != nil {
		return "", fmt.Errorf("the EDC is not here (%w); set MUSUBI_SHARED to the folder that holds peers/edc", err)
	}
	return folder, nil
}

// cacheFolder is where the script keeps its jars.
func cacheFolder() (string, error) {
	if home := os.Getenv("EDC_HOME"); home != "" {
		return home, nil
	}
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "edc-peer"), err
}

// Script runs the script of the peer's folder, such as "postgres", "start".
func (h *Home) Script(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(h.peer, "edc"), args...)
	cmd.Env = append(os.Environ(), h.env...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("edc %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// File returns a file of the peer's folder, such as a script that fills the
// IdentityHub.
func (h *Home) File(name string) string { return filepath.Join(h.peer, name) }

// Env is the environment in which the peer's own scripts find this home.
func (h *Home) Env() []string { return append(os.Environ(), h.env...) }

// Tuned are the options of a fair comparison: short loops, large batches.
func (h *Home) Tuned() ([]string, error) {
	text, err := os.ReadFile(h.File("tuned.opts"))
	return strings.Fields(string(text)), err
}

// Log returns the last lines that an EDC logged.
func (h *Home) Log(name string, lines int) string {
	text, err := os.ReadFile(filepath.Join(h.dir, "run", name+".log"))
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// PID returns the process id of an EDC that was started here.
func (h *Home) PID(name string) (int, error) {
	text, err := os.ReadFile(filepath.Join(h.dir, "run", name+".pid"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// Close stops whatever was started here, and removes the home.
func (h *Home) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var err error
	if pids, _ := filepath.Glob(filepath.Join(h.dir, "run", "*.pid")); len(pids) > 0 {
		err = h.stop(ctx, pids)
	}
	return errors.Join(err, os.RemoveAll(h.dir))
}

// stop asks in good order first: the script waits ten seconds for each.
func (h *Home) stop(ctx context.Context, files []string) error {
	var pids []int
	for _, f := range files {
		if pid, err := h.PID(strings.TrimSuffix(filepath.Base(f), ".pid")); err == nil {
			pids = append(pids, pid)
		}
	}
	err := h.Script(ctx, "stop")
	for _, pid := range pids {
		if p, found := os.FindProcess(pid); found == nil {
			_ = p.Kill() // it has ended already, as a rule
		}
	}
	return err
}

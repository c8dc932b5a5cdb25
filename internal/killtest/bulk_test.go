// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// The goals of a bulk download.
const (
	maxSentRatio = 1.05     // bytes sent by the provider, of the file's
	maxGrowth    = 64 << 20 // of the resident memory of a process while it moves data
)

const (
	bulkSmall = 24 << 20
	bulkFull  = 2 << 30
	bulkPush  = 256 << 20
	bulkTime  = 4 * time.Minute
)

// TestBulk downloads a file while both processes are killed and started again,
// five times at random moments (make bulk: 2 GiB; MUSUBI_BULK_BYTES), and has a
// smaller one pushed.
func TestBulk(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts and kills programs for some seconds")
	}
	binary := build(t)
	b := &bulk{size: bulkSmall, kills: 2, format: "HttpData-PULL"}
	if testkit.Full() {
		b.size, b.kills = bulkFull, 5
	}
	if text := os.Getenv("MUSUBI_BULK_BYTES"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatalf("MUSUBI_BULK_BYTES: %v", err)
		}
		b.size = n
	}
	t.Run("download", func(t *testing.T) { b.run(t, binary) })
	if !testkit.Full() {
		return
	}
	t.Run("push", func(t *testing.T) { (&bulk{size: bulkPush, kills: 3, format: "HttpData-PUSH"}).run(t, binary) })
}

// bulk is one transfer of a file.
type bulk struct {
	size   int64
	kills  int
	format string

	consumer, provider *side
	rng                *rand.Rand
	driver             *driver
	path               string // of the transfer
	sent               int64  // by provider processes that are gone, and by this one
	base               map[*side]usage
	growth             map[*side]int64
}

// usage is what a process has used since it began.
type usage struct{ written, resident, peak int64 }

// moving is a transfer with how far its data is.
type moving struct {
	process
	Data struct {
		State, SHA256, Holding string
		Received               int64
		Total                  *int64
		Verified               bool
		LastError              *struct{ Code, Reason string }
	}
}

func (b *bulk) run(t *testing.T, binary string) {
	t.Helper()
	s := seed(t)
	t.Logf("seed %d", s)
	b.rng, b.base, b.growth = newRand(s, 9), map[*side]usage{}, map[*side]int64{}
	ctx, cancel := context.WithTimeout(t.Context(), bulkTime)
	defer cancel()
	dir := t.TempDir()
	file := filepath.Join(dir, "bulk.bin")
	want := b.write(t, file, s)
	b.consumer, b.provider = newSides(t, binary, onSQLite)
	kept := filepath.Join(dir, "kept")
	configure(t, b.consumer, fmt.Sprintf("sink: {dir: %q, maxBytes: %d}\n", filepath.ToSlash(kept), b.size))
	b.driver = &driver{consumer: b.consumer.api, meter: newMeter()}
	for _, s := range []*side{b.provider, b.consumer} {
		b.restart(ctx, t, s)
	}
	b.begin(ctx, t, file)
	began := time.Now()
	for k := range b.kills {
		part := b.size / int64(b.kills)
		b.reach(ctx, t, int64(k)*part+b.rng.Int64N(part*9/10)+part/20)
		b.strike(ctx, t)
	}
	got := b.await(ctx, t, func(m moving) bool { return m.Data.State == "done" || m.Data.State == "failed" })
	took := time.Since(began)
	b.sample(t, b.provider)
	b.sample(t, b.consumer)
	b.judge(t, got, want, kept, took)
}

// judge compares what came with what was sent, and what it took with the goals.
func (b *bulk) judge(t *testing.T, got moving, want, kept string, took time.Duration) {
	t.Helper()
	if got.Data.State != "done" || got.Data.SHA256 != want || !got.Data.Verified || got.Data.Received != b.size {
		t.Fatalf("the download is %+v, want %d bytes with the hash %s, as the provider says", got.Data, b.size, want)
	}
	if sum := hashOfFile(t, heldFile(t, kept)); sum != want {
		t.Errorf("the kept file has the hash %s, want %s", sum, want)
	}
	ratio := float64(b.sent) / float64(b.size)
	t.Logf("%s: %d bytes in %.1f s with %d kills of each side: sent %.4f of the size, resident memory grew by %.1f MB (provider) and %.1f MB (consumer)",
		b.format, b.size, took.Seconds(), b.kills, ratio, float64(b.growth[b.provider])/(1<<20), float64(b.growth[b.consumer])/(1<<20))
	if !counted {
		return
	}
	if b.size >= 1<<30 && ratio > maxSentRatio { // of a small one a kill costs more
		t.Errorf("the provider sent %.4f of the size, more than %.2f", ratio, maxSentRatio)
	}
	if b.sent < b.size {
		t.Errorf("the provider sent %d of %d bytes: the count is wrong", b.sent, b.size)
	}
	for _, s := range []*side{b.provider, b.consumer} {
		if g := b.growth[s]; g > maxGrowth {
			t.Errorf("the memory of the %s grew by %d MB", s.name, g>>20)
		}
	}
}

// write makes a file of chance, and returns its hash.
func (b *bulk) write(t *testing.T, path string, s uint64) string {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var key [32]byte
	copy(key[:], strconv.FormatUint(s, 36))
	sum := sha256.New()
	_, err = io.CopyBuffer(io.MultiWriter(f, sum), io.LimitReader(rand.NewChaCha8(key), b.size), make([]byte, 1<<20))
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// configure adds to the configuration of a side.
func configure(t *testing.T, s *side, text string) {
	t.Helper()
	f, err := os.OpenFile(s.config, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// begin agrees on the file and has it moved.
func (b *bulk) begin(ctx context.Context, t *testing.T, file string) {
	t.Helper()
	asset := map[string]any{"id": dataset(0), "formats": []string{b.format}, "source": map[string]string{"type": "file", "path": file}}
	o := map[string]any{"id": offer(0), "assets": map[string]any{"ids": []string{dataset(0)}}, "access": use, "usage": use}
	if err := b.provider.api.post(ctx, "/catalog", map[string]any{"assets": []any{asset}, "offers": []any{o}}, nil); err != nil {
		t.Fatal(err)
	}
	n, err := b.driver.open(ctx, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	if n, err = b.driver.await(ctx, "/negotiations/"+url.PathEscape(n.ID), process.ended); err != nil || n.State != finalized {
		t.Fatal(n, err)
	}
	for _, s := range []*side{b.provider, b.consumer} {
		b.base[s] = used(t, s)
	}
	body := map[string]string{"agreement": n.AgreementID, "format": b.format}
	p, err := b.driver.once(ctx, "/transfers", body, url.Values{"agreement": {n.AgreementID}})
	if err != nil {
		t.Fatal(err)
	}
	b.path = "/transfers/" + url.PathEscape(p.ID)
	if b.format == "HttpData-PUSH" {
		return // nobody has to begin it
	}
	if _, err = b.driver.await(ctx, b.path, flows); err != nil {
		t.Fatal(err)
	}
	if err := b.consumer.api.post(ctx, b.path+"/download", map[string]any{"detach": true}, nil); err != nil {
		t.Fatal(err)
	}
}

// await looks at the transfer until it is as it should be.
func (b *bulk) await(ctx context.Context, t *testing.T, done func(moving) bool) moving {
	t.Helper()
	var m moving
	for ctx.Err() == nil {
		err := b.consumer.api.get(ctx, b.path, &m)
		if err == nil && done(m) {
			return m
		}
		pause(ctx, again)
	}
	t.Fatalf("not in time: %s with %+v; at the provider: %s", m.process, m.Data, b.atProvider(t))
	return m
}

// atProvider is the provider's transfer, as it shows it.
func (b *bulk) atProvider(t *testing.T) string {
	t.Helper()
	var all struct{ Items []process }
	var one json.RawMessage
	ctx := t.Context()
	if err := b.provider.api.get(ctx, "/transfers", &all); err != nil || len(all.Items) != 1 {
		return fmt.Sprint(all, err)
	}
	if err := b.provider.api.get(ctx, "/transfers/"+url.PathEscape(all.Items[0].ID), &one); err != nil {
		return err.Error()
	}
	return string(one)
}

func (b *bulk) reach(ctx context.Context, t *testing.T, bytes int64) {
	t.Helper()
	b.await(ctx, t, func(m moving) bool { return m.Data.Received >= bytes || m.Data.State == "done" })
}

// strike kills both sides, and starts both again, in an order and with pauses
// that chance takes.
func (b *bulk) strike(ctx context.Context, t *testing.T) {
	t.Helper()
	sides := []*side{b.consumer, b.provider}
	for _, moment := range []func(*side){
		func(s *side) {
			b.sample(t, s)
			if err := s.kill(); err != nil {
				t.Fatal(err)
			}
		},
		func(s *side) { b.restart(ctx, t, s) },
	} {
		b.rng.Shuffle(2, func(i, j int) { sides[i], sides[j] = sides[j], sides[i] })
		for _, s := range sides {
			pause(ctx, time.Duration(b.rng.Int64N(int64(maxDown))))
			moment(s)
		}
	}
}

func (b *bulk) restart(ctx context.Context, t *testing.T, s *side) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	b.base[s] = usage{}
	if err := s.ready(ctx); err != nil {
		t.Fatal(err)
	}
	b.base[s] = usage{resident: max(used(t, s).resident, b.base[s].resident)}
}

// sample stops a process, so that what it has used stays as it is until it is
// killed, and adds that to the account. It goes on if it is not killed.
func (b *bulk) sample(t *testing.T, s *side) {
	t.Helper()
	stopProcess(t, s)
	now := used(t, s)
	if s == b.provider {
		b.sent += now.written - b.base[s].written
	}
	b.growth[s] = max(b.growth[s], now.peak-b.base[s].resident)
}

func heldFile(t *testing.T, dir string) string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "p-*", "*"))
	if err != nil || len(list) != 1 || strings.Contains(filepath.Base(list[0]), ".") {
		t.Fatalf("the folder for data holds %q, %v", list, err)
	}
	return list[0]
}

func hashOfFile(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.CopyBuffer(sum, f, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"fmt"
	"math"
	"strings"
)

// SinkConfig says where downloaded data is kept until the time of its
// agreement is over.
type SinkConfig struct {
	// Dir is a folder that holds nothing else, of this store alone; replicas may
	// share it. Default: on SQLite "<database>.data", else none, and nothing can
	// be downloaded.
	Dir string `yaml:"dir"`
	// MaxBytes bounds one body, downloaded or pushed to us; default 1 GiB.
	MaxBytes int64 `yaml:"maxBytes"`
	// MaxBodies and MaxTransferBytes bound what is kept of the pushes of one
	// transfer together; default 1000 bodies, and ten times MaxBytes.
	MaxBodies        int64 `yaml:"maxBodies"`
	MaxTransferBytes int64 `yaml:"maxTransferBytes"`
	// Rate bounds the bytes a second of each download; default: nothing does.
	Rate int64 `yaml:"rate"`
	// Complete has a transfer completed once its data is downloaded and kept.
	Complete bool `yaml:"complete"`
}

const defaultMaxBytes = 1 << 30

// sinkLimit is how many bytes a body has that is kept, at most.
func (c Config) sinkLimit() int64 { return orBytes(c.Sink.MaxBytes, defaultMaxBytes) }

// orBytes is a number of bytes of the configuration, or its default.
func orBytes(n, otherwise int64) int64 {
	if n == 0 {
		return otherwise
	}
	return n
}

// defaultBodies is how many bodies of the largest kind a transfer may push to
// us, by their length, where nothing else is configured.
const defaultBodies = 10

// pushedLimit is how many bytes are kept of the pushes of one transfer, where a
// body has so many at most.
func pushedLimit(configured, ofOne int64) int64 {
	return orBytes(configured, defaultBodies*min(ofOne, math.MaxInt64/defaultBodies))
}

// sinkDir is the folder for data, empty where there is none.
func (c Config) sinkDir() string {
	if path, ok := strings.CutPrefix(c.Store, "sqlite:"); ok && c.Sink.Dir == "" {
		return path + ".data"
	}
	return c.Sink.Dir
}

func (c Config) checkSink() error {
	if c.Sink.MaxBytes < 0 {
		return fmt.Errorf("sink.maxBytes %d: write a number of bytes, or leave it out", c.Sink.MaxBytes)
	}
	if c.Sink.MaxBodies < 0 {
		return fmt.Errorf("sink.maxBodies %d: write a number of bodies, or leave it out", c.Sink.MaxBodies)
	}
	if c.Sink.MaxTransferBytes < 0 {
		return fmt.Errorf("sink.maxTransferBytes %d: write a number of bytes, or leave it out", c.Sink.MaxTransferBytes)
	}
	if c.Sink.Rate < 0 {
		return fmt.Errorf("sink.rate %d: write a number of bytes a second, or leave it out", c.Sink.Rate)
	}
	return nil
}

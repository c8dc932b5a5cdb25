// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/examples/internal/dataspace"
)

// stranger is a member that buys nothing from anybody here.
var stranger = dataspace.Profile{Slug: "stranger", Title: "虚空樹脂（架空）", Number: "3999920000002", MadeUp: true, Folder: "_stranger"}

// start starts all connectors, has the registrar admit the companies, and makes
// neighbours known to each other.
func start(ctx context.Context, in input, home string, o options) (*scene, error) {
	s := &scene{
		out: io.Discard, in: in, home: home, wait: o.wait, byID: map[string]*company{},
		tap: dataspace.NewTap(), told: map[string]bool{},
	}
	clock := new(dataspace.Clock)
	s.today = clock.Now().Truncate(24 * time.Hour)
	list := []dataspace.Company{{ID: stranger.Slug, Title: stranger.Title, Number: stranger.Number}}
	for _, c := range in.chain.Companies {
		list = append(list, dataspace.Company{ID: c.ID, Title: c.Label(), Number: c.CorporateNumber})
	}
	numbers, register := dataspace.Registered(list...)
	var err error
	s.registrar, err = dataspace.Open(ctx, home, dataspace.Settings{
		Dataspace: "https://dataspace.example/chemicals", Title: "環礁登録所（架空）", Prefix: "C",
		Register: register, Clock: clock, Front: s.tap.Asked,
	})
	if err != nil {
		return s, err
	}
	s.tap.NotMe(s.registrar.DID)
	if err := s.registrar.PublishTrustList(ctx); err != nil {
		return s, err
	}
	return s, errors.Join(s.open(ctx, numbers, o.refused), s.introduceAll(ctx))
}

// open starts the companies, and has the registrar admit them.
func (s *scene) open(ctx context.Context, numbers map[string]string, refused bool) error {
	var applicants []*dataspace.Member
	final := s.in.chain.Final()
	for _, one := range s.in.chain.Companies {
		front := s.tap.Asked
		switch {
		case one.ID == final.ID:
			front = s.tap.Mine
		case !slices.Contains(final.Suppliers(), one.ID):
			front = nil
		}
		c, err := open(ctx, s, one, numbers[one.ID], front)
		if err != nil {
			return err
		}
		s.companies, s.byID[c.ID] = append(s.companies, c), c
		applicants = append(applicants, c.Member)
		if c.ID != final.ID {
			s.tap.NotMe(c.DID)
		}
	}
	if refused {
		var err error
		p := stranger
		p.Identity = s.registrar.Identity()
		if s.stranger, err = dataspace.Join(ctx, s.home, p); err != nil {
			return err
		}
		s.tap.NotMe(s.stranger.DID)
		applicants = append(applicants, s.stranger)
	}
	return s.registrar.Admit(ctx, applicants...)
}

func (s *scene) introduceAll(ctx context.Context) error {
	for _, c := range s.companies {
		for _, supplier := range c.Suppliers() {
			if err := introduce(ctx, c, s.byID[supplier]); err != nil {
				return err
			}
		}
	}
	for supplier, customers := range contracts(s.in.chain) {
		for _, customer := range customers {
			s.byID[supplier].named = append(s.byID[supplier].named, s.byID[customer])
		}
	}
	return nil
}

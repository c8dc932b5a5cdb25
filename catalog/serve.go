// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"strconv"

	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
)

// Page is one answer to a catalogue request.
type Page struct {
	Body []byte // a Catalog, as JSON
	// Next and Previous are tokens for the pages beside this one, safe in a
	// URL, or "".
	Next, Previous string
}

// Request answers a catalogue request: body is the message, token one of a
// Page's, or "" for the first page. Errors that the counterparty caused are
// *Refusal, *wire.Error or trust.ErrUnauthenticated; see Fault.
func (s *Service) Request(ctx context.Context, contextID string, claims trust.Claims, body []byte, token string) (Page, error) {
	asked, err := wire.DecodeAs[*wire.CatalogRequest](body)
	if err != nil {
		return Page{}, err
	}
	q, err := ParseFilter(asked.Filter)
	if err != nil {
		return Page{}, err
	}
	query, err := s.pageQuery(q, token)
	if err != nil {
		return Page{}, err
	}
	v, err := s.viewOf(ctx, contextID, claims)
	if err != nil {
		return Page{}, err
	}
	query.Access = v.access
	return s.page(ctx, v, query)
}

func (s *Service) pageQuery(q Query, token string) (DatasetQuery, error) {
	query := DatasetQuery{Filter: q.Filter, Offset: q.Offset, Limit: s.config.PageSize}
	if q.Limit > 0 {
		query.Limit = min(q.Limit, maxPage)
	}
	if token == "" {
		return query, nil
	}
	p, failed := readToken(token, q.Filter)
	if failed != nil {
		return DatasetQuery{}, failed
	}
	query.Offset = 0 // the first page has taken it
	query.Cursor, query.Backward = &Cursor{Key: p.Key, ID: p.ID}, p.Backward
	return query, nil
}

func (s *Service) page(ctx context.Context, v view, q DatasetQuery) (Page, error) {
	var rows []Row
	var more bool
	if len(v.access) > 0 {
		var err error
		if rows, more, err = s.config.Store.Datasets(ctx, v.contextID, q); err != nil {
			return Page{}, ours("datasets", err)
		}
	}
	datasets, err := s.datasets(ctx, v, rows)
	if err != nil {
		return Page{}, err
	}
	for {
		body, err := encodeCatalog(v.me, datasets)
		if err != nil {
			return Page{}, ours("catalogue", err)
		}
		if len(body) <= maxPageSize || len(rows) < 2 {
			page := Page{Body: body}
			page.Next, page.Previous = neighbours(q, rows, more)
			return page, nil
		}
		// Too long to be read: the half that is nearer to where the page began
		// stays, and the rest is another page.
		half := len(rows) / 2
		more = true
		if q.Backward {
			rows, datasets = rows[half:], datasets[half:]
		} else {
			rows, datasets = rows[:half], datasets[:half]
		}
	}
}

// neighbours makes the tokens of a page. The page that one came from exists,
// whatever has been withdrawn since: at worst it is empty.
func neighbours(q DatasetQuery, rows []Row, more bool) (next, previous string) {
	token := func(c Cursor, backward bool) string {
		return place{Filter: q.Filter.hash(), Key: c.Key, ID: c.ID, Backward: backward}.token()
	}
	if len(rows) == 0 {
		switch {
		case q.Cursor == nil:
		case q.Backward:
			// Nothing is before the cursor: the next page begins at the start.
		default:
			previous = token(*q.Cursor, true)
		}
		return "", previous
	}
	at := func(r Row) Cursor { return Cursor{Key: q.Filter.SortKey(r.Asset), ID: r.Asset.ID} }
	if more || q.Backward {
		next = token(at(rows[len(rows)-1]), false)
	}
	if q.Backward && more || !q.Backward && (q.Cursor != nil || q.Offset > 0) {
		previous = token(at(rows[0]), true)
	}
	return next, previous
}

// datasets brings rows to their public form, with one look at the policies.
func (s *Service) datasets(ctx context.Context, v view, rows []Row) ([]wire.Dataset, error) {
	var hashes []string
	for _, r := range rows {
		for _, o := range r.Offers {
			hashes = append(hashes, o.Usage)
		}
	}
	usage, err := s.terms(ctx, v.contextID, hashes)
	if err != nil {
		return nil, ours("usage policies", err)
	}
	list := make([]wire.Dataset, len(rows))
	for i, r := range rows {
		if list[i], err = wireDataset(r, usage, dataService(v.me)); err != nil {
			return nil, ours("dataset "+strconv.Quote(r.Asset.ID), err)
		}
	}
	return list, nil
}

func encodeCatalog(me trust.Participant, datasets []wire.Dataset) ([]byte, error) {
	return wire.Encode(&wire.Catalog{
		ID:            base(me) + "/catalog",
		ParticipantID: me.ID,
		Service:       []wire.DataService{dataService(me)},
		Dataset:       datasets,
	})
}

// row is a dataset if the counterparty may see it, else ErrNotFound.
func (s *Service) row(ctx context.Context, v view, id string) (Row, error) {
	if len(v.access) == 0 || checkID(id) != nil {
		return Row{}, ErrNotFound
	}
	return s.config.Store.Dataset(ctx, v.contextID, id, v.access)
}

// Dataset answers a request for one dataset with its JSON. ErrNotFound for one
// that does not exist and for one that the counterparty may not see.
func (s *Service) Dataset(ctx context.Context, contextID string, claims trust.Claims, id string) ([]byte, error) {
	v, err := s.viewOf(ctx, contextID, claims)
	if err != nil {
		return nil, err
	}
	row, err := s.row(ctx, v, id)
	if err != nil {
		return nil, err
	}
	list, err := s.datasets(ctx, v, []Row{row})
	if err != nil {
		return nil, err
	}
	body, err := wire.Encode(&list[0])
	if err != nil {
		return nil, ours("dataset "+strconv.Quote(id), err)
	}
	return body, nil
}

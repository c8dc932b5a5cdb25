package store

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
)

type explaining struct {
	reader
	pg bool
	on bool
}

func (c *explaining) ex(ctx context.Context, query string, args []any) {
	if !c.on {
		return
	}
	if c.pg {
		var rows []string
		fmt.Println(c.reader.once(ctx, &rows, "EXPLAIN (ANALYZE, COSTS ON) "+query, args...))
		fmt.Println(strings.Join(rows, "\n"))
		return
	}
	var rows []struct {
		ID, Parent, Notused int
		Detail              string
	}
	fmt.Println(c.reader.once(ctx, &rows, "EXPLAIN QUERY PLAN "+query, args...))
	for _, r := range rows {
		fmt.Println(r.ID, r.Parent, r.Detail)
	}
}
func (c *explaining) query(ctx context.Context, dest any, query string, args ...any) error {
	c.ex(ctx, query, args)
	return c.reader.query(ctx, dest, query, args...)
}
func (c *explaining) once(ctx context.Context, dest any, query string, args ...any) error {
	c.ex(ctx, query, args)
	return c.reader.once(ctx, dest, query, args...)
}

func TestZZ(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		if !strings.Contains(t.Name(), os.Getenv("ZZ")) {
			t.Skip()
		}
		s, d := openDomain(t, dsn)
		t0 := time.Now()
		access := fillCatalog(t, s, "c", 10000)
		fmt.Println("published in", time.Since(t0))
		e := &explaining{d.db, strings.HasPrefix(dsn, "postgres"), true}
		d.db = e
		for name, q := range map[string]catalog.DatasetQuery{
			"first":  {Limit: 50},
			"deep":    {Limit: 50, Cursor: &catalog.Cursor{ID: "urn:example:asset:009000"}},
			"sorted": {Limit: 50, Filter: catalog.Filter{Sort: "http://purl.org/dc/terms/title"}},
			"equal":   {Limit: 50, Filter: catalog.Filter{Conditions: []catalog.Condition{{Field: "http://purl.org/dc/terms/creator", Operator: "=", Values: []string{"3"}}}}},
			"like":    {Limit: 50, Filter: catalog.Filter{Conditions: []catalog.Condition{{Field: "http://purl.org/dc/terms/title", Operator: "like", Values: []string{"%99%"}}}}},
			"rare":    {Limit: 50, Filter: catalog.Filter{Conditions: []catalog.Condition{{Field: "http://purl.org/dc/terms/title", Operator: "=", Values: []string{"Title 77"}}}}},
		} {
			fmt.Println("##", name)
			q.Access = []string{access}
			e.on = true
			s.Datasets(t.Context(), "c", q)
			e.on = false
			t0 := time.Now()
			s.Datasets(t.Context(), "c", q)
			fmt.Println("took", time.Since(t0))
		}
		fmt.Println("## dataset")
		e.on = true
		s.Dataset(t.Context(), "c", "urn:example:asset:000777", []string{access})
	})
}

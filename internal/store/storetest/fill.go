// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
	workType = reflect.TypeFor[[]engine.Work]() // the outbox has columns of its own
)

// full gives every field of r that is still zero a value of its own, so that
// a field that a store forgets is missed.
func full(b *box, r engine.Record) engine.Record {
	b.Helper()
	n := 0
	fill(b, reflect.ValueOf(&r).Elem(), &n)
	r.Final = false // not beside Decide
	return r
}

func fill(b *box, v reflect.Value, n *int) {
	*n++
	switch {
	case v.Type() == workType:
	case v.Type() == timeType:
		if v.IsZero() {
			v.Set(reflect.ValueOf(at(*n).Add(789))) // nanoseconds, to be cut off
		}
	case v.Type() == rawType:
		v.SetBytes([]byte("{ \"n\" :  \"<&>\u2028 結び\\u0000\" }")) // its exact bytes count
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			fill(b, field, n)
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(b, v.Elem(), n)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(b, v.Index(0), n)
		fill(b, v.Index(1), n)
	case !v.IsZero():
	case v.Kind() == reflect.String:
		v.SetString(b.id("field ü結\U0001F517'\"%_\\"))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Interface: // a memo, which is not stored
		v.Set(reflect.ValueOf("memo"))
	case v.CanInt():
		v.SetInt(int64(*n))
	default:
		b.Fatalf("fill: a %s", v.Type())
	}
}

// rounded returns r with its times as a store gives them back.
func rounded(r engine.Record) engine.Record {
	r = copied(r)
	r.Memo = nil
	each(reflect.ValueOf(&r).Elem(), func(v reflect.Value) {
		if v.Type() == timeType {
			v.Set(reflect.ValueOf(rule.Round(v.Interface().(time.Time))))
		}
	})
	return r
}

// copied returns a copy of r that shares nothing with it.
func copied(r engine.Record) engine.Record {
	detach(reflect.ValueOf(&r).Elem())
	return r
}

func detach(v reflect.Value) {
	switch {
	case v.Type() == timeType:
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			detach(field)
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		v.Set(fresh)
		detach(fresh.Elem())
	case v.Kind() == reflect.Slice && !v.IsNil():
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		v.Set(fresh)
		for i := range fresh.Len() {
			detach(fresh.Index(i))
		}
	}
}

// scribble alters everything that r points to.
func scribble(r *engine.Record) {
	each(reflect.ValueOf(r).Elem(), func(v reflect.Value) {
		switch {
		case v.Type() == timeType:
			v.Set(reflect.ValueOf(at(9999)))
		case v.Kind() == reflect.String:
			v.SetString("scribble")
		case v.Kind() == reflect.Uint8:
			v.SetUint('X')
		}
	})
}

// each calls f for every value within v.
func each(v reflect.Value, f func(reflect.Value)) {
	switch {
	case v.Type() == timeType:
		f(v)
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			each(field, f)
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		each(v.Elem(), f)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), f)
		}
	default:
		f(v)
	}
}

// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"context"
	"testing"

	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// check runs the faults of one check, and their mended twins, against the
// authenticator.
func check(t *testing.T, number string) {
	t.Helper()
	w := dcptest.NewWorld(t)
	endpoint := dcptest.Endpoint{Caller: w.Party("caller"), Own: w.Party("own"), AccessToken: true}
	endpoint.Serve = w.Authenticator().Protect(dcp.Demand{AccessToken: true},
		func(_ context.Context, caller dcp.Caller, _ dcp.Call) (dcp.Answer, error) {
			if caller.DID != endpoint.Caller.DID || caller.Document == nil {
				t.Errorf("proved %+v", caller)
			}
			return dcp.Answer{Status: 200}, nil
		})
	dcptest.RunTokenCheck(t, w, endpoint, number)
}

func TestV01_NoAuthorization(t *testing.T)       { check(t, "V01") }
func TestV02_NoBearer(t *testing.T)              { check(t, "V02") }
func TestV03_NotOneToken(t *testing.T)           { check(t, "V03") }
func TestV04_NotCompact(t *testing.T)            { check(t, "V04") }
func TestV05_TooLarge(t *testing.T)              { check(t, "V05") }
func TestV06_WhiteSpace(t *testing.T)            { check(t, "V06") }
func TestV07_Algorithm(t *testing.T)             { check(t, "V07") }
func TestV08_AlgorithmOfAnotherKey(t *testing.T) { check(t, "V08") }
func TestV09_Critical(t *testing.T)              { check(t, "V09") }
func TestV10_KeyInTheHeader(t *testing.T)        { check(t, "V10") }
func TestV11_UnencodedPayload(t *testing.T)      { check(t, "V11") }
func TestV12_MemberTwice(t *testing.T)           { check(t, "V12") }
func TestV13_KidOfAnother(t *testing.T)          { check(t, "V13") }
func TestV14_KidOfNoKey(t *testing.T)            { check(t, "V14") }
func TestV15_NoKidManyKeys(t *testing.T)         { check(t, "V15") }
func TestV16_NoKidNotForThis(t *testing.T)       { check(t, "V16") }
func TestV17_KeyNotForThis(t *testing.T)         { check(t, "V17") }
func TestV18_ControllerIsAnother(t *testing.T)   { check(t, "V18") }
func TestV19_DocumentOfAnother(t *testing.T)     { check(t, "V19") }
func TestV20_UnknownMethod(t *testing.T)         { check(t, "V20") }
func TestV21_MalformedDID(t *testing.T)          { check(t, "V21") }
func TestV22_NoDocument(t *testing.T)            { check(t, "V22") }
func TestV23_PrivateAddress(t *testing.T)        { check(t, "V23") }
func TestV24_PlainHTTP(t *testing.T)             { check(t, "V24") }
func TestV25_MethodTwice(t *testing.T)           { check(t, "V25") }
func TestV26_UnusableKey(t *testing.T)           { check(t, "V26") }
func TestV27_NoIssuer(t *testing.T)              { check(t, "V27") }
func TestV28_SubjectIsAnother(t *testing.T)      { check(t, "V28") }
func TestV29_AudienceIsAnother(t *testing.T)     { check(t, "V29") }
func TestV30_SeveralAudiences(t *testing.T)      { check(t, "V30") }
func TestV31_NoEnd(t *testing.T)                 { check(t, "V31") }
func TestV32_Expired(t *testing.T)               { check(t, "V32") }
func TestV33_NoTimeOfIssue(t *testing.T)         { check(t, "V33") }
func TestV34_IssuedInTheFuture(t *testing.T)     { check(t, "V34") }
func TestV35_NotYet(t *testing.T)                { check(t, "V35") }
func TestV36_GoodForTooLong(t *testing.T)        { check(t, "V36") }
func TestV37_NoTokenID(t *testing.T)             { check(t, "V37") }
func TestV38_Replay(t *testing.T)                { check(t, "V38") }
func TestV39_NoAccessToken(t *testing.T)         { check(t, "V39") }
func TestV40_SubJWK(t *testing.T)                { check(t, "V40") }
func TestV41_ClaimOfWrongType(t *testing.T)      { check(t, "V41") }

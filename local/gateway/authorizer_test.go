package gateway_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"helpcrunch-mark-read/local/gateway"
)

var caller = aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "secret"}

// signed is a PUT that is signed as an AWS SDK does it.
func signed(t *testing.T, by aws.Credentials, service, region, body string, at time.Time) *http.Request {
	t.Helper()
	r := request("PUT", "http://local00000.execute-api.us-east-1.amazonaws.com/v1/chats/readByAgent?a=1&b=%20", body, http.Header{"Content-Type": {"application/json"}})
	r.RequestURI = r.URL.RequestURI() // a server sees no scheme and no host here
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), by, r, hex.EncodeToString(hash[:]), service, region, at); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestIAM(t *testing.T) {
	const body, service, region = `{"id": 5208, "read": true}`, "execute-api", "eu-central-1"
	now := time.Now()
	changed := func(change func(http.Header)) *http.Request {
		r := signed(t, caller, service, region, body, now)
		change(r.Header)
		return r
	}
	tests := []struct {
		name    string
		request *http.Request
		status  int
	}{
		{"signed", signed(t, caller, service, region, body, now), 200},
		{"signed four minutes ago", signed(t, caller, service, region, body, now.Add(-4*time.Minute)), 200},
		{"an unsigned header of a proxy", changed(func(h http.Header) { h.Set("Accept", "*/*") }), 200},
		{"signed an hour ago", signed(t, caller, service, region, body, now.Add(-time.Hour)), 403},
		{"signed with another secret", signed(t, aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "x"}, service, region, body, now), 403},
		{"signed with another access key", signed(t, aws.Credentials{AccessKeyID: "AKIDOTHER", SecretAccessKey: "secret"}, service, region, body, now), 403},
		{"for another service", signed(t, caller, "lambda", region, body, now), 403},
		{"for another region", signed(t, caller, service, "us-east-1", body, now), 403},
		{"a signed header changed", changed(func(h http.Header) { h.Set("Content-Type", "text/plain") }), 403},
		{"without the date", changed(func(h http.Header) { h.Del("X-Amz-Date") }), 403},
		{"a bearer token", request("PUT", "/v1/chats/readByAgent", body, http.Header{"Authorization": {"Bearer token"}}), 403},
		{"nothing", request("PUT", "/v1/chats/readByAgent", body, http.Header{}), 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &function{}
			w := serve(t, f, gateway.Config{Authorize: gateway.IAM(region, "000000000000", caller)}, test.request)
			if w.Code != test.status || (f.event != nil) != (test.status == 200) {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			if test.status != 200 {
				if w.Body.String() != `{"message":"Forbidden"}` {
					t.Errorf("got %s", w.Body)
				}
				return
			}
			iam := read(t, f).RequestContext.Authorizer.IAM
			if iam == nil || iam.AccessKey != caller.AccessKeyID || iam.AccountID != "000000000000" || iam.UserARN != "arn:aws:iam::000000000000:user/local" {
				t.Errorf("the event has %+v", iam)
			}
			if !strings.Contains(string(f.event), `"cognitoIdentity":null`) {
				t.Errorf("who signs has no Cognito identity: %s", f.event)
			}
		})
	}
}

package gateway

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Authorizer decides whether a caller may call. It returns what stands under requestContext.authorizer of the event, or the
// status to refuse the request with: 403 as API Gateway's IAM authorizer does, 401 as its JWT authorizer does.
type Authorizer func(r *http.Request, body []byte) (authorizer map[string]any, refusal int)

// maxSkew is how far from now a signature's time may lie.
const maxSkew = 5 * time.Minute

// IAM is API Gateway's IAM authorizer for one pair of credentials: it lets in who signs with them (Signature Version 4, in
// the Authorization header) and answers everyone else with 403.
func IAM(region, accountID string, credentials aws.Credentials) Authorizer {
	identity := map[string]any{
		"accessKey": credentials.AccessKeyID, "accountId": accountID, "callerId": "AIDALOCALCALLER", "cognitoIdentity": nil,
		"principalOrgId": nil, "userArn": "arn:aws:iam::" + accountID + ":user/local", "userId": "AIDALOCALCALLER",
	}
	return func(r *http.Request, body []byte) (map[string]any, int) {
		if !isSigned(r, body, region, credentials) {
			return nil, http.StatusForbidden
		}
		return map[string]any{"iam": identity}, 0
	}
}

// isSigned signs a copy of the request that has just the signed headers, and compares the Authorization headers part by part:
// clients differ in the white space between the parts.
func isSigned(r *http.Request, body []byte, region string, credentials aws.Credentials) bool {
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || time.Since(at).Abs() > maxSkew {
		return false
	}
	sent := authorizationParts(r)
	again, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+r.Host+r.RequestURI, io.NopCloser(bytes.NewReader(nil)))
	if err != nil {
		return false
	}
	for name := range strings.SplitSeq(sent["SignedHeaders"], ";") {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = int64(len(body))
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	hash := sha256.Sum256(body)
	if v4.NewSigner().SignHTTP(r.Context(), credentials, again, hex.EncodeToString(hash[:]), "execute-api", region, at) != nil {
		return false
	}
	own := authorizationParts(again)
	return sent["Credential"] == own["Credential"] && hmac.Equal([]byte(sent["Signature"]), []byte(own["Signature"]))
}

// authorizationParts reads "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...".
func authorizationParts(r *http.Request) map[string]string {
	parts := map[string]string{}
	list, _ := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	for part := range strings.SplitSeq(list, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	return parts
}

package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Identity is what an authorizer writes into the event, under requestContext.authorizer.
type Identity = map[string]any

// Authorizer decides whether a caller may call. It returns whose the call is, or the status to refuse the request with: 403
// as API Gateway's IAM authorizer does, 401 as its JWT authorizer does.
type Authorizer func(r *http.Request, body []byte) (caller Identity, refusal int)

// maxSkew is how far from now a signature's time may lie.
const maxSkew = 5 * time.Minute

// IAM is API Gateway's IAM authorizer for one pair of credentials: it lets in who signs with them (Signature Version 4, in
// the Authorization header) and answers everyone else with 403.
func IAM(region, accountID string, credentials aws.Credentials) Authorizer {
	identity := map[string]any{
		"accessKey": credentials.AccessKeyID, "accountId": accountID, "callerId": "AIDALOCALCALLER", "cognitoIdentity": nil,
		"principalOrgId": nil, "userArn": "arn:aws:iam::" + accountID + ":user/local", "userId": "AIDALOCALCALLER",
	}
	return func(r *http.Request, body []byte) (Identity, int) {
		if !isSigned(r, body, region, credentials) {
			return nil, http.StatusForbidden
		}
		return Identity{"iam": identity}, 0
	}
}

// isSigned signs a copy of the request that has just the signed headers, and compares the Authorization headers.
func isSigned(r *http.Request, body []byte, region string, credentials aws.Credentials) bool {
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || time.Since(at).Abs() > maxSkew {
		return false
	}
	again, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+r.Host+r.RequestURI, http.NoBody)
	if err != nil {
		return false
	}
	_, signed, _ := strings.Cut(authorization(r), "SignedHeaders=")
	signed, _, _ = strings.Cut(signed, ",")
	for name := range strings.SplitSeq(signed, ";") {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = int64(len(body))
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	hash := sha256.Sum256(body)
	err = v4.NewSigner().SignHTTP(r.Context(), credentials, again, hex.EncodeToString(hash[:]), "execute-api", region, at)
	return err == nil && hmac.Equal([]byte(authorization(r)), []byte(authorization(again)))
}

// authorization is the header without white space, in which clients differ.
func authorization(r *http.Request) string {
	return strings.ReplaceAll(r.Header.Get("Authorization"), " ", "")
}

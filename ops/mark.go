package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/secret"
)

const (
	localAPIURL = "http://127.0.0.1:8080/v1"
	localToken  = "local-caller-token"
	tokenEnv    = "OPS_CALLER_TOKEN"
	markWithin  = 30 * time.Second // API Gateway's maximum
	maxAnswer   = 2 << 20          // bytes; HelpCrunch's answers have 1 MiB at most
)

type markOne struct {
	ID     int64       `arg:"" help:"The chat's id."`
	Read   bool        `xor:"flag" required:"" help:"Mark it as read."`
	Unread bool        `xor:"flag" required:"" help:"Mark it as unread."`
	Reader mark.Reader `enum:"agent,customer" default:"agent" help:"Whose flag: agent or customer."`
	AsOf   moment      `help:"Up to when the reader had seen the chat: a time, or how long ago, such as 5m." placeholder:"TIME"`
	Async  bool        `help:"Put the mark on the queue (Prefer: respond-async) instead of waiting for HelpCrunch."`
	APIURL string      `name:"api-url" help:"Base URL of the HTTP API, instead of the stack's; with --local, where it listens." placeholder:"URL"`
	Body   bool        `help:"Show the whole answer. HelpCrunch's holds names, e-mail addresses and message text."`
}

func (c markOne) Validate() error {
	if c.ID < 1 {
		return fmt.Errorf("a chat's id is a whole number from 1")
	}
	return nil
}

func (c *markOne) run(ctx context.Context, a *app, t *target) error {
	if t.deployed != nil && !c.AsOf.IsZero() && !slices.Contains(t.deployed.Understands(), "asOf") {
		return undone("nothing was sent: the stack %s is of a version that ignores --as-of; deploy the current one", t.deployed.Name)
	}
	request, content, err := c.request(ctx, t)
	if err != nil {
		return err
	}
	a.say("Request   PUT %s", request.URL)
	if err := a.authorize(ctx, t, request, content); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, markWithin)
	defer cancel()
	began := time.Now()
	response, err := t.aws.HTTPClient.Do(request.WithContext(ctx))
	switch {
	case err != nil && t.deployed == nil:
		return undone("no answer from %s: start the local stack with make run, or name its address with --api-url", request.URL.Host)
	case err != nil:
		return undone("no answer from %s: check the network and that the stack's output %s is this URL", request.URL.Host, stack.HTTPAPIURL)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return c.report(a, t, markAnswer{Status: response.StatusCode, Took: time.Since(began).Milliseconds(), header: response.Header, body: body})
}

// request is the call that HelpCrunch's own API would take.
func (c *markOne) request(ctx context.Context, t *target) (request *http.Request, content []byte, err error) {
	body := map[string]any{"id": c.ID, "read": c.Read}
	if !c.AsOf.IsZero() {
		body["asOf"] = c.AsOf.Unix()
	}
	if content, err = json.Marshal(body); err != nil {
		return nil, nil, err
	}
	url := cmp.Or(c.APIURL, localAPIURL)
	if t.deployed != nil {
		url = cmp.Or(c.APIURL, t.deployed.Outputs[stack.HTTPAPIURL])
	}
	path := map[mark.Reader]string{mark.Agent: "/chats/readByAgent", mark.Customer: "/chats/readByCustomer"}[c.Reader]
	request, err = http.NewRequestWithContext(ctx, http.MethodPut, strings.TrimRight(url, "/")+path, bytes.NewReader(content))
	if err != nil || url == "" {
		return nil, nil, undone("the stack has no usable output %s: deploy it again", stack.HTTPAPIURL)
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "User-Agent": {"helpcrunch-mark-read-ops"}}
	if c.Async {
		request.Header.Set("Prefer", "respond-async")
	}
	return request, content, nil
}

// authorize signs the request, or adds a bearer token, which is never an argument.
func (a *app) authorize(ctx context.Context, t *target, request *http.Request, body []byte) error {
	if t.authorization() != "IAM" {
		token := os.Getenv(tokenEnv)
		switch {
		case token != "":
		case t.deployed == nil:
			token = localToken
		default:
			content, err := terminal.Secret(ctx, a.in, a.err, "A bearer token, as callers send it (not shown): ")
			if err != nil {
				return err
			}
			token = secret.Trim(content)
		}
		if token == "" || strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return usage("this is no bearer token: put one into %s, or type it at the prompt", tokenEnv)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		a.say("Caller    a bearer token (Authorization %s)", t.authorization())
		return nil
	}
	credentials, err := t.aws.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(body)
	region := t.aws.Region
	if parts := strings.Split(request.URL.Hostname(), "."); len(parts) > 2 && parts[1] == "execute-api" {
		region = parts[2]
	}
	a.say("Caller    AWS credentials (Authorization IAM), signed for execute-api in %s", region)
	return v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), "execute-api", region, time.Now())
}

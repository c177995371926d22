package boot

import (
	"context"
	"sync"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/httpapi"
)

// aheadWithin bounds what is done ahead of the first invocation. The whole start has 10 s in Lambda.
const aheadWithin = 2 * time.Second

// ahead does side by side what the first invocation would otherwise wait for: it reads the secrets and opens a connection
// to HelpCrunch, over which nothing is sent. The start runs with a whole CPU whatever the memory size, invocations do not,
// and TLS handshakes are what they would spend theirs on. A failure is not logged: the first invocation tries it again, and
// then it is an outcome. Tokens may be nil.
func ahead(ctx context.Context, p *parts, baseURL string, tokens *httpapi.Tokens) {
	ctx, cancel := context.WithTimeout(ctx, aheadWithin)
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() { _, _ = p.keys.Key(ctx) })
	all.Go(func() { _ = helpcrunch.OpenAhead(ctx, p.transport, baseURL) })
	if tokens != nil {
		all.Go(func() { _, _ = tokens.Allows(ctx, "") }) // nobody is let in without a token; it is read all the same
	}
	all.Wait()
}

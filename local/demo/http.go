package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/stack"
)

// throughHTTP is what an existing HelpCrunch client meets.
func (d *demo) throughHTTP(ctx context.Context) {
	d.title("Through the HTTP door, as HelpCrunch's own API")
	d.put(ctx, "a mark by the agent", "readByAgent", `{"id": 5208, "read": true}`, stack.Token, 200, "")
	d.put(ctx, "a mark by the customer", "readByCustomer", `{"id": 5208, "read": true}`, stack.Token, 200, "")
	chat, _ := d.Simulator.Chat(5208)
	d.check("HelpCrunch has both", chat.ReadByAgent && chat.ReadByCustomer, "read, read")
	d.put(ctx, "a wrong token", "readByAgent", `{"id": 5208, "read": true}`, "somebody else's", 401, "unauthorized")
	d.put(ctx, "no mark: everything wrong is named", "readByAgent", `{"id": "5208"}`, stack.Token, 400, "invalid_request")
	d.put(ctx, "a chat that is not there", "readByAgent", `{"id": 1, "read": true}`, stack.Token, 404, "not_fount")

	d.fault(simulator.Fault{Kind: simulator.Unavailable, Times: 1})
	d.put(ctx, "HelpCrunch stumbles once: tried once more", "readByAgent", `{"id": 5209, "read": true}`, stack.Token, 200, "")
	d.fault(simulator.Fault{Kind: simulator.Unavailable})
	d.put(ctx, "HelpCrunch is away", "readByAgent", `{"id": 5209, "read": false}`, stack.Token, 502, "unavailable")
	d.mend()
	d.rotate("local-helpcrunch-key-2")
	d.put(ctx, "the key was rotated a moment ago", "readByAgent", `{"id": 5209, "read": false}`, stack.Token, 200, "")
}

// put sends one request and checks the answer's status and first code.
func (d *demo) put(ctx context.Context, what, endpoint, body, token string, status int, code string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, d.GatewayURL+"/v1/chats/"+endpoint, strings.NewReader(body))
	if err != nil {
		d.check(what, false, err)
		return
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	started := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.check(what, false, err)
		return
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	var list struct{ Errors []struct{ Code string } }
	_ = json.Unmarshal(text, &list)
	first := ""
	if len(list.Errors) > 0 {
		first = list.Errors[0].Code
	}
	d.check(what, response.StatusCode == status && first == code,
		strings.TrimSpace(fmt.Sprintf("%d %s", response.StatusCode, first))+fmt.Sprintf("  (%d ms)", time.Since(started).Milliseconds()))
}

func (d *demo) fault(f simulator.Fault) {
	if _, err := d.Simulator.AddFault(f); err != nil {
		d.check("a fault is switched on", false, err)
	}
}

func (d *demo) mend() {
	if err := d.Simulator.SetFaults(); err != nil {
		d.check("the faults are switched off", false, err)
	}
}

// rotate puts a new key into the secret, and then has HelpCrunch accept no other.
func (d *demo) rotate(key string) {
	err := d.Secrets.Rotate(stack.KeySecret, key)
	if err == nil {
		err = d.Simulator.SetKeys(key)
	}
	if err != nil {
		d.check("the key is rotated", false, err)
	}
}

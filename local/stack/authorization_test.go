package stack_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"helpcrunch-mark-read/local/stack"
)

// TestIAM: a signed request of Go's and of curl's is a mark, an unsigned one never reaches the function, and what reaches it
// by another way never reaches HelpCrunch.
func TestIAM(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoMapping: true, IAM: true})
	url := s.GatewayURL + "/v1/chats/readByAgent"
	t.Run("unsigned", func(t *testing.T) {
		if status, _, answer := s.request(t, goodMark); status != 403 || string(answer) != `{"message":"Forbidden"}` {
			t.Errorf("answer = %d %s, want 403", status, answer)
		}
		if calls := s.Simulator.Counts().Requests; calls != 0 || len(s.HTTP.Processes()) != 0 {
			t.Errorf("%d calls of HelpCrunch, %d environments", calls, len(s.HTTP.Processes()))
		}
	})
	t.Run("past API Gateway: an event without an authorizer", func(t *testing.T) {
		if answer := s.put(t, "readByAgent", goodMark); answer.StatusCode != 401 || !strings.Contains(answer.Body, `"unauthorized"`) {
			t.Errorf("answer = %d %s, want 401", answer.StatusCode, answer.Body)
		}
		if calls := s.Simulator.Counts().Requests; calls != 0 {
			t.Errorf("HelpCrunch was called %d times", calls)
		}
	})
	t.Run("Go", func(t *testing.T) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, strings.NewReader(goodMark))
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256([]byte(goodMark))
		if err := v4.NewSigner().SignHTTP(t.Context(), stack.Credentials, request, hex.EncodeToString(hash[:]), "execute-api", stack.Region, time.Now()); err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != 200 {
			t.Errorf("status = %d, want 200", response.StatusCode)
		}
	})
	t.Run("curl", func(t *testing.T) {
		curl, err := exec.LookPath("curl")
		if err != nil {
			t.Skip("curl is not installed")
		}
		output, err := exec.CommandContext(t.Context(), curl, "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", url,
			"--aws-sigv4", "aws:amz:"+stack.Region+":execute-api", "--user", stack.Credentials.AccessKeyID+":"+stack.Credentials.SecretAccessKey,
			"-H", "Content-Type: application/json", "-d", goodMark).CombinedOutput()
		if err != nil || string(output) != "200" {
			t.Errorf("curl: %s (%v)", output, err)
		}
	})
}

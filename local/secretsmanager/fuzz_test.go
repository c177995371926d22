package secretsmanager_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/secretsmanager"
)

// FuzzRequest sends anything to every action: each must answer in JSON, with 200 or an error that has a type.
func FuzzRequest(f *testing.F) {
	for _, body := range []string{
		`{"SecretId":"s"}`, `{"SecretId":"arn:aws:secretsmanager:us-east-1:000000000000:secret:s"}`, `{"Name":"n","SecretString":"x"}`,
		`{"SecretId":"s","SecretBinary":"eA==","VersionStages":["A","A",""]}`, `{"SecretId":"s","SecretBinary":""}`,
		`{"SecretId":"s","VersionId":"x","VersionStage":"AWSCURRENT"}`, `{"SecretId":"s","ClientRequestToken":1e99}`,
		`{"SecretId":"s","VersionStage":"A","MoveToVersionId":"x","RemoveFromVersionId":""}`, `{"SecretId":null}`, `{}`, `[]`, `null`, ``, `{"SecretId":`, "\xff",
	} {
		for _, action := range []string{"CreateSecret", "GetSecretValue", "PutSecretValue", "DescribeSecret", "UpdateSecretVersionStage", "", "No"} {
			f.Add(action, body)
		}
	}
	f.Fuzz(func(t *testing.T, action, body string) {
		server := secretsmanager.New(secretsmanager.Options{})
		if _, err := server.Set("s", "value"); err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		request.Header["X-Amz-Target"] = []string{"secretsmanager." + action}
		response := httptest.NewRecorder()
		server.ServeHTTP(response, request)
		var answer struct {
			Type string `json:"__type"`
		}
		if err := json.Unmarshal(response.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%d %q: %v", response.Code, response.Body, err)
		}
		if (response.Code == http.StatusOK) != (answer.Type == "") {
			t.Fatalf("%d %s", response.Code, response.Body)
		}
	})
}

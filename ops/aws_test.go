package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"helpcrunch-mark-read/ops/internal/terminal"
)

// useAWSFiles lets the SDK read these two files, and nothing of the machine that the test runs on.
func useAWSFiles(t *testing.T, config, credentials string) {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "USERPROFILE": home, "AWS_CONFIG_FILE": filepath.Join(home, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(home, "credentials"),
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "eu-central-1", "AWS_PROFILE": "", "AWS_DEFAULT_PROFILE": "",
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_ROLE_ARN": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(name, value)
	}
	for name, content := range map[string]string{"config": config, "credentials": credentials} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// However credentials can be missing, it is one sentence that says what to do.
func TestMissingCredentialsAreOneSentence(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("credential_process runs another shell there")
	}
	const session = "sso_region = eu-central-1\nsso_start_url = https://example.com/start\n"
	for _, tc := range []struct{ name, config, credentials, says string }{
		{"nothing at all", "", "", "there are no AWS credentials; set AWS_PROFILE or --profile, or sign in (for example with aws sso login)"},
		{"never signed in to SSO", "[default]\nsso_account_id = 000000000000\nsso_role_name = ops\n" + session, "", "the SSO session of the AWS profile has expired, or there was none; sign in (for example with aws sso login)"},
		{"never signed in to an SSO session", "[default]\nsso_session = s\nsso_account_id = 000000000000\nsso_role_name = ops\n[sso-session s]\n" + session, "", "the SSO session of the AWS profile has expired, or there was none; sign in (for example with aws sso login)"},
		{"an SSO session that is over", "[default]\nsso_session = s\nsso_account_id = 000000000000\nsso_role_name = ops\n[sso-session s]\n" + session, "", "the SSO session of the AWS profile has expired, or there was none; sign in (for example with aws sso login)"},
		{"half an SSO profile", "[default]\nsso_account_id = 000000000000\nsso_start_url = https://example.com\n", "", "aws sso login"},
		{"half a key", "", "[default]\naws_access_key_id = AKIDEXAMPLE\n", "aws sso login"},
		{"a role without a source", "[default]\nrole_arn = arn:aws:iam::000000000000:role/ops\n", "", "aws sso login"},
		{"a role whose source is missing", "[default]\nrole_arn = arn:aws:iam::000000000000:role/ops\nsource_profile = gone\n", "", "aws sso login"},
		{"a credential_process that fails", "[default]\ncredential_process = /bin/false\n", "", "the credential_process of the AWS profile failed"},
		{"a credential_process that says nonsense", "[default]\ncredential_process = /bin/echo hello\n", "", "the credential_process of the AWS profile failed"},
		{"a file that can't be read", "[default\n", "", "aws sso login"},
		{"a token file that is missing", "[default]\nrole_arn = arn:aws:iam::000000000000:role/ops\nweb_identity_token_file = /nowhere\n", "", "aws sso login"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			useAWSFiles(t, tc.config, tc.credentials)
			if strings.Contains(tc.name, "is over") {
				cache := filepath.Join(os.Getenv("HOME"), ".aws", "sso", "cache")
				if err := errors.Join(os.MkdirAll(cache, 0o700), os.WriteFile(filepath.Join(cache, "a0f1490a20d0211c997b44bc357e1972deab8ae3.json"), // of "s"
					[]byte(`{"accessToken":"x","expiresAt":"2000-01-01T00:00:00Z"}`), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			var out, errOut strings.Builder
			a := &app{out: &out, err: &errOut, loadAWS: loadAWS}
			code := a.run(t.Context(), []string{"dead", "list", "--stack", "mark-read"})
			if code != 1 || !strings.Contains(errOut.String(), tc.says) || !strings.Contains(errOut.String(), "aws sso login") || strings.Count(errOut.String(), "\n") != 1 || len(errOut.String()) > 400 {
				t.Errorf("exit code %d: %s", code, errOut.String())
			}
		})
	}
}

// A profile with mfa_serial asks for the code where there is a person, and says what to do where there is none.
func TestMFA(t *testing.T) {
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/xml")
		if !strings.Contains(string(body), "SerialNumber=arn") || !strings.Contains(string(body), "TokenCode=123456") {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>MultiFactorAuthentication failed</Message></Error></ErrorResponse>`)
			return
		}
		fmt.Fprint(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>y</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	}))
	defer sts.Close()
	for _, tc := range []struct{ name, typed, says string }{
		{"the right code", "123456", "CloudFormation DescribeStacks: AWS can't be reached"}, // which is after the credentials
		{"a wrong code", "000000", "the role of the AWS profile can't be assumed (AccessDenied: MultiFactorAuthentication failed)"},
		{"nobody to ask", "", "the AWS profile needs the code of an MFA device, and the standard input is no terminal to ask at; run the command in a terminal"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			useAWSFiles(t, "[default]\nrole_arn = arn:aws:iam::000000000000:role/ops\nsource_profile = base\nmfa_serial = arn:aws:iam::000000000000:mfa/me\n",
				"[base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = x\n")
			t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
			var out, errOut strings.Builder
			asked := 0
			a := &app{out: &out, err: &errOut, loadAWS: loadAWS, ask: func(context.Context, io.Reader, io.Writer, string) (string, error) {
				if asked++; tc.typed == "" {
					return "", terminal.ErrNoTerminal
				}
				return tc.typed, nil
			}}
			code := a.run(t.Context(), []string{"dead", "list", "--stack", "mark-read"})
			if code != 1 || !strings.Contains(errOut.String(), tc.says) || asked == 0 {
				t.Errorf("exit code %d, asked %d times: %s", code, asked, errOut.String())
			}
		})
	}
}

// ops mark sends a request of its own, with the client of the configuration.
func TestTheConfigurationHasAnHTTPClient(t *testing.T) {
	useAWSFiles(t, "", "")
	for _, local := range []bool{true, false} {
		if cfg, err := loadAWS(t.Context(), &globals{Local: local}, nil); err != nil || cfg.HTTPClient == nil {
			t.Errorf("local %v: HTTP client %v (%v)", local, cfg.HTTPClient, err)
		}
	}
}

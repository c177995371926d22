# shellcheck shell=bash
# What install.sh asks of AWS. What a function finds out is in `out`: a function that can end the script never runs in $(...),
# where it would end a subshell only. Set by install.sh: account, partition, pause, region, stack, token, work.

say() { printf '%s\n' "$@"; }
fail() { printf 'install.sh: %s\n' "$*" >&2 && exit 1; }

# try runs the AWS CLI and keeps its complaint. Every call names its endpoint: version 1 ignores AWS_ENDPOINT_URL for some
# services, and would let a test call AWS.
try() {
	out=$(aws "$@" --region "$region" --output text ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} 2>"$work/complaint")
}

# call is try where a failure ends the script.
call() { try "$@" || explain "$1 $2"; }

# code prints the error code that AWS answered the last call with; nothing where no answer came.
code() { sed -n 's/.*An error occurred (\([A-Za-z0-9.]*\)).*/\1/p' "$work/complaint"; }

complaint() { sed -e '/^[[:space:]]*$/d' -e 's/^.*) when calling the \([A-Za-z0-9]*\) operation[^:]*: /\1: /' "$work/complaint" | tail -n 1; }

# explain says in one sentence why the last call failed, and ends the script.
explain() {
	local words
	words=$(complaint)
	case $(code) in
	ExpiredToken* | RequestExpired) fail "the AWS credentials have expired; sign in again (for example with aws sso login)" ;;
	InvalidClientTokenId | UnrecognizedClientException | InvalidAccessKeyId) fail "AWS does not know these credentials, or the account has not enabled the region $region; check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_REGION" ;;
	SignatureDoesNotMatch | IncompleteSignature | InvalidSignatureException | RequestTimeTooSkewed) fail "AWS does not accept the signature of the credentials; check the secret access key, and this computer's clock" ;;
	AccessDenied* | UnauthorizedOperation | 403) fail "these credentials may not do that ($1): $words" ;;
	Throttling* | RequestLimitExceeded | SlowDown) fail "AWS is being asked too often; wait a minute and run this again" ;;
	ChangeSetNotFound* | InvalidChangeSetStatus* | AlreadyExistsException) overtaken ;;
	esac
	case $words in
	*"locate credentials"*) fail "there are no AWS credentials; set AWS_PROFILE, or sign in (for example with aws sso login)" ;;
	*"config profile"*) fail "there is no AWS profile of that name; check AWS_PROFILE" ;;
	*[Tt]"oken has expired"* | *"SSO Token"* | *"SSO session"*) fail "the AWS credentials have expired; sign in again (for example with aws sso login)" ;;
	*"connect to the endpoint"*) fail "AWS can't be reached in the region $region; check AWS_REGION and the network" ;;
	esac
	fail "$1 failed: $words"
}

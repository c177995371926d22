#!/usr/bin/env bash
# Installs, updates or deletes helpcrunch-mark-read in an AWS account. It needs bash, the AWS CLI (1 or 2) and what Linux, macOS
# and AWS CloudShell have anyway. install.sh --help lists the options.
set -euo pipefail

usage() {
	cat <<'END'
usage: install.sh [options]            install the stack, or update it: parameters keep the values they have
       install.sh --delete [options]   delete the stack; its queues and secrets are kept

On a terminal it asks for what is missing, and shows the changes before it makes them.

  --region REGION         AWS region (or AWS_REGION, or the region of the AWS profile)
  --stack-name NAME       name of the stack (helpcrunch-mark-read)
  --alarm-email ADDRESS   who receives alarms (or ALARM_EMAIL)
  --secret-id NAME|ARN    existing secret that holds the HelpCrunch API key (or HELPCRUNCH_SECRET_ID)
  --set NAME=VALUE        a parameter of template.yaml; can be repeated
  --tag NAME=VALUE        a tag of the stack; can be repeated
  --yes                   make the changes without asking
  --delete                delete the stack; refused while its queues hold messages
  --leave-messages        with --delete: leave messages in the queues
  --check                 only check region and credentials, and print the region

exit codes: 0 done, or nothing to do; 1 failed or declined; 2 wrong usage
END
}

misuse() { printf 'install.sh: %s\ninstall.sh --help lists the options.\n' "$*" >&2 && exit 2; }

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=deploy/install/lib/aws.sh
. "$here/lib/aws.sh"
# shellcheck source=deploy/install/lib/bucket.sh
. "$here/lib/bucket.sh"
# shellcheck source=deploy/install/lib/stack.sh
. "$here/lib/stack.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/install.XXXXXX")
trap 'withdraw; rm -rf "$work"' EXIT
trap '[ -z "$executing" ] || say "The deployment of $stack goes on in AWS. Run this again to see how it ends."; exit 130' INT TERM
export AWS_PAGER=''

account='' action=install bucket='' changes='' executing='' messages='' partition='' pause=${INSTALL_PAUSE:-5} region='' this=() yes=''
stack=helpcrunch-mark-read token=install-$(date +%s)-$$-$RANDOM
alarm_email=${ALARM_EMAIL:-} secret_id=${HELPCRUNCH_SECRET_ID:-}
parameters=() tags=()

options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--region | --stack-name | --alarm-email | --secret-id | --set | --tag) [ $# -gt 1 ] || misuse "$1 needs a value" ;;
		esac
		case $1 in
		--region) region=$2 && shift ;;
		--stack-name) stack=$2 && shift ;;
		--alarm-email) alarm_email=$2 && shift ;;
		--secret-id) secret_id=$2 && shift ;;
		--set) case $2 in [A-Z]*=*) parameters+=("$2") && shift ;; *) misuse "--set takes Name=value" ;; esac ;;
		--tag) case $2 in ?*=*) tags+=("$2") && shift ;; *) misuse "--tag takes name=value" ;; esac ;;
		--yes) yes=yes ;;
		--delete) action=delete ;;
		--leave-messages) messages=leave ;;
		--check) action=check ;;
		--help | -h) usage && exit 0 ;;
		*) misuse "there is no option $1" ;;
		esac
		shift
	done
	case $stack in [!A-Za-z]* | *[!A-Za-z0-9-]*) misuse "a stack's name has letters, digits and hyphens, and begins with a letter" ;; esac
	[ "$action" = install ] || [ "$action" = delete ] || return 0
	[ -t 0 ] || [ -n "$yes" ] || misuse "there is no terminal to ask on: --yes makes the changes without asking"
}

ask() { # ask VARIABLE QUESTION: on a terminal, for what is not known
	[ -t 0 ] && [ -z "${!1}" ] && read -r -p "$2 " "$1"
	return 0
}

agreed() { # agreed QUESTION
	local answer=''
	[ -z "$yes" ] || return 0
	read -r -p "$1 [y/N] " answer || true
	case $answer in [yY] | [yY]es) return 0 ;; *) return 1 ;; esac
}

# connect finds out where and as whom this runs.
connect() {
	command -v aws >/dev/null || fail "the AWS CLI is missing: install it first, or use AWS CloudShell, which has it"
	region=${region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region 2>/dev/null || true)}}}
	ask region "AWS region (such as eu-central-1):"
	[ -n "$region" ] || fail "no AWS region is set: use --region or AWS_REGION"
	case $region in *[!a-z0-9-]*) misuse "$region is not the name of an AWS region" ;; esac
	call sts get-caller-identity --query '[Account, Arn]'
	read -r account partition <<<"$out"
	partition=${partition#arn:}
	partition=${partition%%:*}
}

# questions are asked where nothing is known yet.
questions() {
	[ -n "$known" ] || ask alarm_email "Who receives alarms? E-mail address, or nothing:"
	if [ -z "$known$secret_id" ]; then
		if try secretsmanager list-secrets --filters "Key=description,Values=The HelpCrunch API key of $stack." --query 'SecretList[].[Name]' && [ -n "$out" ]; then
			say "An earlier $stack left this secret: $out"
		fi
		ask secret_id "Name or ARN of the secret with the HelpCrunch API key, or nothing to have an empty one made:"
	fi
	[ -z "$alarm_email" ] || parameters+=("AlarmEmail=$alarm_email")
	case $secret_id in
	'') return 0 ;;
	arn:*) parameters+=("HelpCrunchSecretArn=$secret_id" "HelpCrunchSecretName=") ;;
	*) parameters+=("HelpCrunchSecretName=$secret_id" "HelpCrunchSecretArn=") ;;
	esac
	try secretsmanager describe-secret --secret-id "$secret_id" && return 0
	# What was entered is not repeated: it may be the key itself.
	[ "$(code)" != ResourceNotFoundException ] || fail "there is no such secret in the region $region. Its name or ARN is wanted, never the key"
}

install() {
	prepare
	questions
	find_bucket make
	[ -n "$bucket" ] || fail "all bucket names of helpcrunch-mark-read-$account-$region belong to other AWS accounts"
	secure_bucket
	put_package "$here" "$stack"
	propose
	agreed "Make these changes?" || fail "declined: nothing was changed"
	execute
	say "" "$stack is installed in $region:"
	call cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Outputs[].[OutputKey, OutputValue]'
	while IFS=$'\t' read -r name value; do printf '  %-24s %s\n' "$name" "$value"; done <<<"$out"
	say "" "Next, with ops from the same release (in a clone: go run ./ops), put the HelpCrunch API key into the secret and check everything:" \
		"  ops key set --stack $stack --region $region" "  ops doctor --stack $stack --region $region"
}

# --- Deleting ---

# messages_in QUEUE-URL finds how many messages a queue holds, those in work and held ones included; a queue that is gone has none.
messages_in() {
	local counts
	if ! try sqs get-queue-attributes --queue-url "$1" --attribute-names All --query 'Attributes.[ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed]'; then
		case $(code) in *NonExistentQueue | QueueDoesNotExist) out=0 && return 0 ;; *) explain "sqs get-queue-attributes" ;; esac
	fi
	read -r -a counts <<<"$out"
	out=$((counts[0] + counts[1] + counts[2]))
}

delete() {
	local kept queue held=0
	settled "$stack"
	if [ -z "$out" ]; then
		say "There is no stack $stack in $region."
		empty_bucket "$stack"
		return 0
	fi
	call cloudformation list-stack-resources --stack-name "$stack" --query "StackResourceSummaries[?ResourceType=='AWS::SQS::Queue' && ResourceStatus!='DELETE_COMPLETE'].[PhysicalResourceId]"
	kept=$out
	for queue in $kept; do
		messages_in "$queue"
		held=$((held + out))
		say "$out messages in $queue"
	done
	[ "$held" = 0 ] || [ -n "$messages" ] || fail "not deleted: let the queue drain and clear the dead letters first (ops dead list), or leave the messages where they are with --leave-messages"
	call cloudformation list-stack-resources --stack-name "$stack" --query "StackResourceSummaries[?ResourceType=='AWS::SecretsManager::Secret' && ResourceStatus!='DELETE_COMPLETE'].[PhysicalResourceId]"
	kept="$kept $out"
	agreed "Delete $stack in $region?" || fail "declined: nothing was changed"
	remove
	say "Deleted $stack."
	empty_bucket "$stack"
	say "Kept, to be deleted by hand when nobody needs them any more (messages expire after 14 days):"
	for queue in $kept; do say "  $queue"; done
}

options "$@"
connect
case $action in check) say "$region" ;; *) $action ;; esac

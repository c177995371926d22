# shellcheck shell=bash
# The bucket of the code: one for each account and region, for all stacks. See aws.sh for `out`.

# find_bucket finds this account's bucket of the region, or nothing. A name that another account took is passed over.
find_bucket() {
	local suffix
	for suffix in '' -2 -3 -4 -5; do
		bucket=helpcrunch-mark-read-$account-$region$suffix
		if try s3api head-bucket --bucket "$bucket" --expected-bucket-owner "$account"; then return 0; fi
		case $(code) in 403 | 404 | AccessDenied | NoSuchBucket) ;; *) explain "s3api head-bucket" ;; esac
		if [ "${1:-}" = make ] && make_bucket; then return 0; fi
	done
	bucket=
}

make_bucket() {
	local place=()
	[ "$region" = us-east-1 ] || place=(--create-bucket-configuration "LocationConstraint=$region")
	until try s3api create-bucket --bucket "$bucket" ${place[@]+"${place[@]}"}; do
		case $(code) in
		BucketAlreadyOwnedByYou) return 0 ;;
		BucketAlreadyExists) say "The bucket name $bucket belongs to another AWS account: the next one is tried." && return 1 ;;
		OperationAborted) sleep "$pause" ;; # another run makes it at this moment
		*) explain "s3api create-bucket" ;;
		esac
	done
	say "Made the bucket $bucket for the code."
}

# secure_bucket closes the bucket. The policy comes last: a bucket that has one was finished.
secure_bucket() {
	local mine=(--bucket "$bucket" --expected-bucket-owner "$account") arn=arn:$partition:s3:::$bucket
	if try s3api get-bucket-policy "${mine[@]}"; then return 0; fi
	call s3api put-public-access-block "${mine[@]}" --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
	call s3api put-bucket-encryption "${mine[@]}" --server-side-encryption-configuration '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}'
	call s3api put-bucket-policy "${mine[@]}" --policy '{"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["'"$arn"'","'"$arn"'/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}'
}

# put_package FOLDER PREFIX uploads the package's code and templates, and sets `url`, the address of the template.
put_package() {
	local file places=(-e "s|INSTALL_BUCKET|$bucket|") host=s3.$region.amazonaws.com uploaded
	[ "$partition" != aws-cn ] || host=$host.cn
	list "$2"
	uploaded=$out
	for file in "$1"/*.zip "$1"/*.yaml; do
		case $file in */template.yaml) continue ;; esac
		upload "$file" "$2"
		places+=(-e "s|INSTALL_KEY/${file##*/}|$out|" -e "s|INSTALL_URL/${file##*/}|https://$host/$bucket/$out|")
	done
	sed "${places[@]}" "$1/template.yaml" >"$work/template.yaml"
	upload "$work/template.yaml" "$2"
	url=https://$host/$bucket/$out
}

# upload FILE PREFIX finds the key: the prefix, and the content's hash, so that nothing is uploaded twice and a rollback still has
# what it goes back to.
upload() {
	local hash key
	if command -v sha256sum >/dev/null; then hash=$(sha256sum <"$1"); else hash=$(shasum -a 256 <"$1"); fi
	out=$2/${hash%% *}.${1##*.}
	case $uploaded in *"$out"*) return 0 ;; esac
	key=$out
	call s3api put-object --bucket "$bucket" --key "$key" --body "$1" --expected-bucket-owner "$account"
	say "Uploaded ${1##*/}."
	out=$key
}

# list PREFIX finds the keys below a prefix.
list() {
	call s3api list-objects-v2 --bucket "$bucket" --prefix "$1/" --expected-bucket-owner "$account" --query 'Contents[].[Key]'
	[ "$out" != None ] || out=''
}

# empty_bucket PREFIX deletes the code of a stack, and the bucket where no other stack has code in it.
empty_bucket() {
	local key
	find_bucket
	[ -n "$bucket" ] || return 0
	list "$1"
	for key in $out; do
		call s3api delete-object --bucket "$bucket" --key "$key" --expected-bucket-owner "$account"
	done
	if try s3api delete-bucket --bucket "$bucket" --expected-bucket-owner "$account"; then return 0; fi
	[ "$(code)" = BucketNotEmpty ] || explain "s3api delete-bucket"
	say "Kept: the bucket $bucket, which holds the code of other stacks."
}

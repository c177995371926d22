package secret

import "strings"

// secretARN is what a secret's ARN says.
type secretARN struct{ region, account, name string }

func parseARN(id string) (secretARN, bool) {
	parts := strings.SplitN(id, ":", 7)
	if len(parts) < 7 || parts[0] != "arn" || parts[2] != "secretsmanager" || parts[3] == "" || parts[5] != "secret" {
		return secretARN{}, false
	}
	return secretARN{parts[3], parts[4], parts[6]}, true
}

// Same reports whether two ids, names or ARNs, can mean one secret. Secrets Manager adds a hyphen and six characters to the
// name in an ARN, and takes an ARN without them too. A name means a secret of the function's own region and account, of
// which only the region is known here ("" where it is not).
func Same(one, other, region string) bool {
	a, aIsARN := parseARN(one)
	b, bIsARN := parseARN(other)
	switch {
	case !aIsARN && !bIsARN:
		return one == other
	case !aIsARN:
		a = secretARN{region, b.account, one}
	case !bIsARN:
		b = secretARN{region, a.account, other}
	}
	if a.account != b.account || a.region != b.region && a.region != "" && b.region != "" {
		return false
	}
	return a.name == b.name || aIsARN && unsuffixed(a.name) == b.name || bIsARN && unsuffixed(b.name) == a.name
}

// unsuffixed returns the name in an ARN without the hyphen and the six characters that Secrets Manager adds.
func unsuffixed(name string) string {
	if end := len(name) - len("-AbCdEf"); end > 0 && name[end] == '-' {
		return name[:end]
	}
	return name
}

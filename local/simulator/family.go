package simulator

import "net/http"

// Family is how errors are spelt. HelpCrunch's documentation has two: its page of the two endpoints is of the older one,
// its newer pages of the other.
type Family string

// The two spellings.
const (
	Older Family = "older" // invalid_request first, then unauthorized, too_many_requests; not_fount
	Newer Family = "newer" // invalid_token, too_many_requests, chat_not_found
)

func (f Family) known() bool { return f == Older || f == Newer }

// general is the entry that the older lists start with, and that decides nothing.
func general() apiError { return apiError{"invalid_request", "Invalid request"} }

func (f Family) unauthorized() answer {
	if f == Newer {
		return errorAnswer(http.StatusUnauthorized, apiError{"invalid_token", "Invalid token"})
	}
	return errorAnswer(http.StatusUnauthorized, general(), apiError{"unauthorized", "Unauthorized"})
}

func (f Family) tooManyRequests() answer {
	throttled := apiError{"too_many_requests", "You have exceeded your requests limit"}
	if f == Newer {
		return errorAnswer(http.StatusTooManyRequests, throttled)
	}
	return errorAnswer(http.StatusTooManyRequests, general(), throttled)
}

func (f Family) chatNotFound() answer {
	if f == Newer {
		return errorAnswer(http.StatusNotFound, apiError{"chat_not_found", "Chat is missing"})
	}
	return errorAnswer(http.StatusNotFound, apiError{"not_fount", "Chat was not found"})
}

// wrongFields is the same in both spellings.
func wrongFields(status int, wrong []apiError) answer {
	return errorAnswer(status, append([]apiError{general()}, wrong...)...)
}

// forbidden is documented nowhere; the code is made up in each spelling's manner.
func (f Family) forbidden() answer {
	denied := apiError{"forbidden", "Access denied"}
	if f == Newer {
		return errorAnswer(http.StatusForbidden, denied)
	}
	return errorAnswer(http.StatusForbidden, general(), denied)
}

func badRequestUnauthorized(f Family) answer {
	a := f.unauthorized()
	a.status = http.StatusBadRequest
	return a
}

func badRequestTooManyRequests(f Family) answer {
	a := f.tooManyRequests()
	a.status = http.StatusBadRequest
	return a
}

// notValid is a complaint about a mark that has nothing wrong with it.
func notValid() []apiError { return []apiError{{"id", "This value is not valid."}} }

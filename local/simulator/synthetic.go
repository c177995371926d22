package simulator

import "strconv"

// firstChat is the id in the documentation's request, and chatCount how many chats there are by default.
const (
	firstChat = 5208
	chatCount = 12
)

// epoch is when the oldest chat began (2020-10-28), as in the documentation's sample.
const epoch = 1603885746

func defaultChats() []int64 {
	ids := make([]int64, chatCount)
	for i := range ids {
		ids[i] = firstChat + int64(i)
	}
	return ids
}

func newChats(ids []int64) map[int64]*chat {
	chats := make(map[int64]*chat, len(ids))
	for _, id := range ids {
		chats[id] = newChat(id)
	}
	return chats
}

func newChat(id int64) *chat { return &chat{chatBody: synthesize(id)} }

// synthesize makes up a chat from its id alone: the same id is always the same chat, and neighbours differ in which
// fields are null and in how their timestamps are written. Nobody in it is real; example.com belongs to nobody.
func synthesize(id int64) chatBody {
	n := uint64(id - firstChat) // wraps round below firstChat, which only shifts the choices
	at := func(field, after int64) any { return timestamp((n+uint64(field))%4, epoch+3600*int64(n%1000)+after) }
	b := chatBody{
		ID:                    id,
		LastCustomerMessageAt: at(1, 60),
		Status:                pick(n, "new", "opened", "pending", "closed", "onhold"),
		CreatedAt:             timestamp(n%3, epoch+3600*int64(n%1000)),
		LastMessageAt:         at(0, 120),
		CreatedWith:           pick(n, "customer_message", "agent_message", "public_api", "broadcast_reply"),
		SnoozedUntil:          at(2, 86400),
		ApplicationID:         1 + int64(n%2),
		Agents:                people(n),
		Customer:              someone(id),
	}
	if b.Status == "closed" {
		b.ClosedBy = new(pick(n, "agent", "customer"))
		b.ClosedAt = timestamp(n%3, epoch+3600*int64(n%1000)+240)
		b.Rating = new(pick(n, "great", "average", "poor"))
	}
	if n%7 != 6 {
		b.LastMessageText = new(lastMessage(n))
		b.LastMessageID = new(messageID(n))
	}
	if n%2 == 0 {
		b.Assignee = new(agents()[n%4])
		b.LastCommunicatedAgentID = new(b.Assignee.ID)
	}
	if n%3 == 0 {
		b.Department = &department{ID: 233048, Name: pick(n, "Sales", "Support / Returns")}
	}
	return b
}

func timestamp(form uint64, seconds int64) any {
	switch form {
	case 0:
		return strconv.FormatInt(seconds, 10)
	case 1:
		return seconds
	case 2:
		return strconv.FormatInt(seconds, 10) + ".000" // as snoozedUntil in the documentation's sample
	}
	return nil
}

// messageID goes beyond 2^53 now and then, where a client that reads numbers as floats changes them.
func messageID(n uint64) int64 {
	if n%5 == 4 {
		return 1<<53 + 1
	}
	return 8793611 + int64(n%1000)
}

func lastMessage(n uint64) string {
	return pick(n,
		"Hello, is anybody there?",
		`She said "call me back" and hung up`,
		"Where is my order? https://shop.example.com/orders?id=17&lang=en",
		"Дякую, усе працює!",
		"Price < 100 & > 50?\nSecond line\twith a tab",
		"Thank you \U0001F600 <3",
	)
}

func agents() []agent {
	return []agent{
		{2533, "Alex Sample", "alex@example.com", "admin"},
		{4761, "Nadia Sample", "nadia@example.com", "agent"},
		{6694, "Lisa Sample", "lisa@example.com", "agentChatOnly"},
		{6679, "Bo Sample", "bo@example.com", "superviser"},
	}
}

func people(n uint64) []agent {
	if n%4 == 3 {
		return []agent{} // documented as an empty list
	}
	return agents()[:1+n%3]
}

// someone is the customer of a chat, or nil: a chat that nobody has written in yet.
func someone(id int64) *customer {
	n := uint64(id - firstChat)
	if n%11 == 10 {
		return nil
	}
	c := &customer{ID: 6930456 + int64(n%1000)}
	if n%6 != 5 {
		c.Name = new(pick(n, "Zoë O'Neill", "Олена Приклад", "Jean-Luc \"JL\" Test", "王小明", "Mike Example"))
	}
	if n%4 != 2 {
		c.Email = new("customer" + strconv.FormatInt(id, 10) + "@example.com")
	}
	if n%3 == 1 {
		c.UserID = new("company_" + strconv.FormatInt(id, 10))
	}
	return c
}

func pick(n uint64, from ...string) string { return from[n%uint64(len(from))] }
